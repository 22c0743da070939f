"""The API of the national system: changes in order, answers once, tokens, problems."""

import datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from fangpin.accounts import tokens
from fangpin.accounts.models import Duty
from fangpin.accounts.models import tokens as model_tokens
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow, StatusRecord
from screening.models import ItemState, NationalItem
from screening.national import items as national
from tests import factories
from tests.screening.national import national_cases as cases


@pytest.fixture
def machine(db):
    return factories.user("machine", Role.CLIENT, factories.COUNTY, name="对接程序")


@pytest.fixture
def caller(client, machine):
    return cases.Caller(client, machine)


def cursors(answer) -> list[int]:
    assert answer.status_code == 200, answer.content.decode()
    return [change["cursor"] for change in answer.json()["changes"]]


def is_problem(answer, status: int, code: str) -> bool:
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code == status
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail"])
    return body["code"] == code


# --- changes ----------------------------------------------------------------------------------------


def test_changes_come_in_order_page_by_page(caller, office):
    cases.items(5, by=office)
    first = caller.changes(limit=2).json()
    second = caller.changes(first["next"], limit=2).json()
    third = caller.changes(second["next"], limit=2).json()
    assert [c["cursor"] for page in (first, second, third) for c in page["changes"]] == [1, 2, 3, 4, 5]
    assert [page["more"] for page in (first, second, third)] == [True, True, False]


def test_asking_again_tells_the_same_until_it_is_answered(caller, office):
    cases.items(2, by=office)
    assert cursors(caller.changes()) == cursors(caller.changes()) == [1, 2]
    uuid = caller.changes().json()["changes"][0]["uuid"]
    caller.acknowledge({"uuid": uuid, "national_number": "451228001"})
    assert cursors(caller.changes()) == [2]


def test_an_entry_tells_every_member_and_a_mark_the_head(caller, office):
    cases.items(1, by=office, members=3)
    cases.items(1, by=office, status="lifted", members=3)
    entry, mark = caller.changes().json()["changes"]
    assert (entry["kind"], len(entry["members"])) == ("entry", 3)
    assert (mark["kind"], len(mark["members"])) == ("mark", 1)
    assert entry["household"]["易返贫致贫户(监测对象)类型"] == "边缘户"
    assert entry["members"][0]["与户主关系"] == "户主"


def test_another_countys_changes_are_neither_told_nor_given_out(caller, office):
    cases.items(1, by=office, village=factories.OTHER_COUNTY_VILLAGE)
    assert cursors(caller.changes()) == []
    assert NationalItem.objects.get().state == ItemState.PENDING


def test_a_pull_is_audited_with_its_count(caller, office):
    cases.items(2, by=office)
    caller.changes()
    row = AuditRow.objects.get(act="national_changes")
    assert (row.details["items"], row.acting_as.role) == (2, Role.CLIENT)


def test_the_queries_of_a_page_do_not_grow_with_it(caller, office, django_assert_num_queries):
    caller.changes()  # the counter's row is there
    for count in (2, 20):
        cases.items(count, by=office)
        with django_assert_num_queries(20):
            caller.changes(limit=100)


# --- acknowledgements -------------------------------------------------------------------------------


def test_a_number_acknowledges_and_an_error_refuses(caller, office):
    one, two = cases.offered(2, by=caller.user)
    answer = caller.acknowledge(
        {"uuid": str(one.uuid), "cursor": one.cursor, "national_number": "4512280001"},
        {"uuid": str(two.uuid), "cursor": two.cursor, "error": "身份证号码与系统不一致"},
    )
    assert answer.json() == {"acknowledged": 1, "refused": 1, "unchanged": 0}
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, one.national_number, one.answered_by) == ("acknowledged", "4512280001", caller.user)
    assert (two.state, two.refused_reason) == ("refused", "身份证号码与系统不一致")


def test_the_same_answer_again_changes_nothing(caller):
    (item,) = cases.offered(1, by=caller.user)
    answer = {"uuid": str(item.uuid), "national_number": "4512280001"}
    caller.acknowledge(answer)
    assert caller.acknowledge(answer).json() == {"acknowledged": 0, "refused": 0, "unchanged": 1}
    assert StatusRecord.objects.filter(transition="acknowledge").count() == 1


def test_another_answer_is_a_conflict_that_names_the_items_and_changes_nothing(caller):
    one, two = cases.offered(2, by=caller.user)
    caller.acknowledge({"uuid": str(one.uuid), "national_number": "4512280001"})
    answer = caller.acknowledge(
        {"uuid": str(one.uuid), "national_number": "4512280002"},
        {"uuid": str(two.uuid), "national_number": "4512280003"},
    )
    assert is_problem(answer, 409, "conflict")
    assert answer.json()["items"] == [str(one.uuid)]
    two.refresh_from_db()
    assert two.state == ItemState.OFFERED


def test_an_item_that_was_not_given_out_can_not_be_answered(caller, office):
    (item,) = cases.items(1, by=office)
    answer = caller.acknowledge({"uuid": str(item.uuid), "national_number": "4512280001"})
    assert is_problem(answer, 409, "conflict")


def test_an_answer_to_an_earlier_offer_is_a_conflict(caller, office):
    (item,) = cases.offered(1, by=caller.user)
    caller.acknowledge({"uuid": str(item.uuid), "error": "年龄不符"})
    national.correct_items(NationalItem.objects.filter(pk=item.pk), by=office)
    assert cursors(caller.changes(item.cursor)) == [item.cursor + 1]
    late = {"uuid": str(item.uuid), "cursor": item.cursor, "national_number": "4512280001"}
    assert is_problem(caller.acknowledge(late), 409, "conflict")


def test_a_foreign_item_refuses_the_whole_request_like_one_that_is_not_there(caller, office):
    (own,) = cases.offered(1, by=caller.user)
    (foreign,) = cases.items(1, by=office, village=factories.OTHER_COUNTY_VILLAGE)
    for stranger in (str(foreign.uuid), "00000000-0000-4000-8000-000000000000"):
        answer = caller.acknowledge(
            {"uuid": str(own.uuid), "national_number": "4512280001"},
            {"uuid": stranger, "national_number": "4512280002"},
        )
        assert is_problem(answer, 404, "out_of_scope")
        assert answer.json()["items"] == [stranger]
    own.refresh_from_db()
    assert own.state == ItemState.OFFERED


def test_one_number_is_not_given_to_two_households(caller):
    one, two = cases.offered(2, by=caller.user)
    caller.acknowledge({"uuid": str(one.uuid), "national_number": "4512280001"})
    answer = caller.acknowledge({"uuid": str(two.uuid), "national_number": "4512280001"})
    assert is_problem(answer, 409, "conflict")


def test_an_entry_needs_a_number_and_a_mark_has_its_own(caller):
    (entry,) = cases.offered(1, by=caller.user, own_number=True)
    (mark,) = cases.offered(1, by=caller.user, status="lifted")
    assert is_problem(caller.acknowledge({"uuid": str(entry.uuid)}), 409, "number_missing")
    caller.acknowledge({"uuid": str(mark.uuid)})
    mark.refresh_from_db()
    assert mark.national_number == mark.case.household.number


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"acknowledgements": []},
        {"acknowledgements": [{"uuid": "x", "national_number": "1"}]},
        {
            "acknowledgements": [
                {"uuid": "00000000-0000-4000-8000-000000000000", "national_number": "1", "error": "e"}
            ]
        },
        {"acknowledgements": [{"uuid": "00000000-0000-4000-8000-000000000000", "error": "x\x00"}]},
    ],
)
def test_a_body_that_is_not_as_wanted_is_told_field_by_field(client, caller, body):
    answer = client.post(
        "/api/v1/national/acknowledgements", body, content_type="application/json", headers=caller.headers
    )
    assert is_problem(answer, 400, "invalid")
    assert answer.json()["errors"]


def test_the_same_item_twice_with_two_answers_is_refused(caller):
    (item,) = cases.offered(1, by=caller.user)
    answer = caller.acknowledge(
        {"uuid": str(item.uuid), "national_number": "1"}, {"uuid": str(item.uuid), "national_number": "2"}
    )
    assert is_problem(answer, 409, "contradiction")


# --- tokens -----------------------------------------------------------------------------------------


def test_without_a_token_there_is_nothing(client, db):
    assert is_problem(client.get("/api/v1/national/changes"), 401, "not_authenticated")


def test_a_session_opens_nothing(client, machine):
    client.force_login(machine)
    assert is_problem(client.get("/api/v1/national/changes"), 401, "not_authenticated")


def test_a_token_does_what_its_scopes_allow(client, machine):
    caller = cases.Caller(client, machine, ["national.answer"])
    assert is_problem(caller.changes(), 403, "permission_denied")


def test_a_wrong_token_is_told_so(client, db):
    answer = client.get("/api/v1/national/changes", headers={"authorization": "Bearer fp_nothing"})
    assert is_problem(answer, 401, "authentication_failed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_with_its_duty(caller):
    Duty.objects.filter(user=caller.user).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    assert is_problem(caller.changes(), 401, "authentication_failed")


def test_a_token_ends_with_its_person(caller):
    type(caller.user).objects.filter(pk=caller.user.pk).update(is_active=False)
    assert is_problem(caller.changes(), 401, "authentication_failed")


def test_a_token_ends_on_its_day(caller):
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1, minutes=1), tick=False):
        assert is_problem(caller.changes(), 401, "authentication_failed")


def test_a_revoked_token_is_dead_at_once(caller):
    assert caller.changes().status_code == 200
    assert tokens.revoke(caller.token.hint) == 1
    assert is_problem(caller.changes(), 401, "authentication_failed")


def test_only_the_digest_is_kept(caller):
    kept = model_tokens.ApiToken.objects.values().get()
    assert caller.secret not in str(kept)
    assert kept["digest"] == tokens.digest(caller.secret)


def test_the_last_use_is_known(caller):
    caller.changes()
    caller.token.refresh_from_db()
    assert timezone.now() - caller.token.last_used_at < datetime.timedelta(minutes=1)


def test_too_many_requests_are_throttled(caller, monkeypatch):
    from fangpin.accounts.api_auth import TokenThrottle

    monkeypatch.setattr(TokenThrottle, "THROTTLE_RATES", {"token": "2/min"})
    caller.changes()
    caller.changes()
    answer = caller.changes()
    assert is_problem(answer, 429, "throttled")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_token_is_issued_by_command_and_printed_once(client, machine):
    out, err = StringIO(), StringIO()
    call_command(
        "issue_token", "machine", "--scopes", "national.pull", "--days", "30", stdout=out, stderr=err
    )
    secret = out.getvalue().strip()
    answer = client.get("/api/v1/national/changes", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert secret not in str(AuditRow.objects.get(act="token_issue").details)


@pytest.mark.parametrize(
    "words",
    [
        ["nobody", "--scopes", "national.pull"],
        ["machine"],
        ["machine", "--scopes", "household.view"],
        ["machine", "--scopes", "national.pull", "--days", "500"],
        ["office", "--scopes", "national.pull"],
    ],
)
def test_no_token_is_issued_beyond_the_duty(machine, office, words):
    with pytest.raises(CommandError):
        call_command("issue_token", *words)
    assert not model_tokens.ApiToken.objects.exists()


# --- documentation ----------------------------------------------------------------------------------


def test_the_schema_is_valid(db):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_the_schema_is_for_tokens_and_people_alone(client, caller, office):
    assert client.get("/api/v1/schema/").status_code == 401
    assert client.get("/api/v1/schema/", headers=caller.headers).status_code == 200
    client.force_login(office)
    assert client.get("/api/v1/schema/").status_code == 200


def test_the_documentation_is_served_from_here_under_the_strict_csp(client, office):
    assert client.get("/api/v1/docs/").status_code == 302
    client.force_login(office)
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200 and "<style" not in text and "//" not in text.replace("</", "")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert client.get("/api/v1/docs/?script=").headers["Content-Type"].startswith("application/javascript")


def test_an_address_that_is_not_there_is_a_problem_too(client, caller):
    for method in ("get", "post"):
        answer = getattr(client, method)("/api/v1/nothing", headers=caller.headers)
        assert is_problem(answer, 404, "not_found")
