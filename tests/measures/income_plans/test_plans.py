"""增收计划 (Art. 4): a plan a lifted household a year; agreed, tracked, closed."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from households.models import Attachment, HelperAssignment
from measures.income_plans import copying, missing, plans
from measures.income_plans.plans import Item
from measures.models import IncomePlan, PlanItem
from tests import factories
from tests.measures.releases.endings import today

pytestmark = pytest.mark.django_db
YEAR = today().year
PIGS = Item("industry", "养猪", 600_000, scale="3 头", needs=("award", "technique"))


@pytest.fixture
def helper(db):
    return factories.user("helper", Role.HELPER, factories.VILLAGE, name="罗敏")


def lifted(**fields):
    return factories.household(status="lifted", **fields)


def begun(by, home=None, year=YEAR, items=(PIGS,)) -> IncomePlan:
    plan = plans.begin_plan(home or lifted(), year, by=by)
    plans.set_items(plan, items, by=by)
    return plan


def agreed(by, **kwargs) -> IncomePlan:
    plan = begun(by, **kwargs)
    return plans.agree_plan(plan, by=by, on=today(), signers="户主、罗敏")


def test_plan_once_a_year(village_cadre):
    home = lifted()
    plans.begin_plan(home, YEAR, by=village_cadre)
    with pytest.raises(Refused, match="已有增收计划"):
        plans.begin_plan(home, YEAR, by=village_cadre)
    with pytest.raises(IntegrityError, match="plan_once_a_year|UNIQUE"), transaction.atomic():
        IncomePlan.objects.create(household=home, year=YEAR, begun_by=village_cadre)


@pytest.mark.parametrize("status", ["ordinary", "registered"])
def test_plans_are_for_lifted_households(village_cadre, status):
    with pytest.raises(Refused, match="脱贫户"):
        plans.begin_plan(factories.household(status=status), YEAR, by=village_cadre)


@pytest.mark.parametrize("year", [2014, 2015, 2019])
def test_early_exits_have_plans_too(village_cadre, year):
    home = lifted(lifted_year=year)
    assert home in missing.without_plan(village_cadre, YEAR)
    plans.begin_plan(home, YEAR, by=village_cadre)
    assert home not in missing.without_plan(village_cadre, YEAR)


def test_begun_from_last_year_with_what_came_in(village_cadre):
    home = lifted()
    factories.income(home, "6000", year=YEAR - 1)
    last = agreed(village_cadre, home=home, year=YEAR - 1)
    plans.conclude_plan(last, by=village_cadre, on=today(), actuals={last.items.get(): (450_000, "猪价低")})
    plan = plans.begin_plan(home, YEAR, by=village_cadre)
    item = plan.items.get()
    assert (item.name, item.target, item.needs, item.actual) == (
        "养猪",
        450_000,
        ["award", "technique"],
        None,
    )
    assert plan.last_per_head == 600_000


def test_a_village_is_copied_in_as_many_statements_for_forty_as_for_two(village_cadre):
    village, counts = Division.objects.get(pk=factories.VILLAGE), []
    for number in (2, 40):
        for _ in range(number):
            begun(village_cadre, year=YEAR - 1)
        with CaptureQueriesContext(connection) as seen:
            assert copying.copy_last_year(village, YEAR, by=village_cadre) == number
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert copying.copy_last_year(village, YEAR, by=village_cadre) == 0
    assert (
        PlanItem.objects.filter(plan__year=YEAR, target=600_000, needs=["award", "technique"]).count() == 42
    )


def test_only_the_own_village_is_copied(village_cadre, helper):
    other = Division.objects.get(pk=factories.SISTER_VILLAGE)
    for by, place in ((village_cadre, other), (helper, Division.objects.get(pk=factories.VILLAGE))):
        with pytest.raises(Refused):
            copying.copy_last_year(place, YEAR, by=by)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "theft"}, "产业还是就业"),
        ({"name": " "}, "产业还是就业"),
        ({"target": -1}, "小于零"),
        ({"months": 13}, "12 之间"),
        ({"needs": ("gold",)}, "从列表"),
    ],
)
def test_what_an_undertaking_wants(village_cadre, changed, words):
    plan = plans.begin_plan(lifted(), YEAR, by=village_cadre)
    with pytest.raises(Refused, match=words):
        plans.set_items(
            plan, [Item(**{"kind": "industry", "name": "养猪", "target": 1} | changed)], by=village_cadre
        )


def test_signature_wants_items_day_and_signers(village_cadre):
    plan = plans.begin_plan(lifted(), YEAR, by=village_cadre)
    with pytest.raises(Refused, match="没有项目"):
        plans.agree_plan(plan, by=village_cadre, on=today(), signers="户主")
    plans.set_items(plan, [PIGS], by=village_cadre)
    with pytest.raises(Refused, match="签字人"):
        plans.agree_plan(plan, by=village_cadre, on=today(), signers=" ")
    plans.agree_plan(plan, by=village_cadre, on=today(), signers="户主（儿子代签，户主不识字）")
    with pytest.raises(Refused):
        plans.set_items(plan, [], by=village_cadre)


def test_reopened_with_a_reason_it_wants_a_new_signature(village_cadre):
    plan = agreed(village_cadre)
    with pytest.raises(Refused):
        plans.reopen_plan(plan, by=village_cadre, reason="")
    plans.reopen_plan(plan, by=village_cadre, reason="改种沃柑")
    assert (plan.state, plan.agreed_on, plan.signers) == ("draft", None, "")


def test_tracked_by_helper_cadre_and_work_team_also_by_phone(village_cadre, helper):
    team = factories.user("team", Role.WORK_TEAM, factories.VILLAGE)
    plan = agreed(village_cadre)
    HelperAssignment.objects.create(household=plan.household, user=helper)
    assert missing.untracked(IncomePlan.objects.all()).exists()
    for by in (village_cadre, helper, team):
        plans.add_note(plan, by=by, on=today(), way="phone", progress="长势好")
    assert not missing.untracked(IncomePlan.objects.all()).exists()
    with pytest.raises(Refused):
        plans.add_note(plan, by=team, on=today(), way="", progress="x")


def test_year_end_wants_every_actual_and_why_not(village_cadre):
    plan = agreed(village_cadre)
    item = plan.items.get()
    with pytest.raises(Refused, match="还没有填"):
        plans.conclude_plan(plan, by=village_cadre, on=today(), actuals={})
    with pytest.raises(Refused, match="写明原因"):
        plans.conclude_plan(plan, by=village_cadre, on=today(), actuals={item: (1, "")})
    plans.conclude_plan(plan, by=village_cadre, on=today(), actuals={item: (600_000, "")})
    assert plan.state == "closed"


@pytest.mark.parametrize(
    ("values", "name"),
    [({"state": "agreed"}, "plan_agreed_by_signers"), ({"closed_on": today()}, "plan_closed_on_a_day")],
)
def test_what_the_database_refuses(village_cadre, values, name):
    plan = begun(village_cadre)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        IncomePlan.objects.filter(pk=plan.pk).update(**values)


def test_plan_item_incomes_not_negative(village_cadre):
    plan = begun(village_cadre)
    with pytest.raises(IntegrityError, match="plan_item_incomes_not_negative"), transaction.atomic():
        plan.items.update(actual=-1)


ROLES = {
    "village_cadre": factories.VILLAGE,
    "work_team": factories.VILLAGE,
    "township": factories.TOWNSHIP,
    "office": factories.COUNTY,
}
MOVES = {
    "agree": ({"draft"}, lambda p, by: plans.agree_plan(p, by=by, on=today(), signers="户主")),
    "reopen": ({"agreed"}, lambda p, by: plans.reopen_plan(p, by=by, reason="改")),
    "conclude": (
        {"agreed"},
        lambda p, by: plans.conclude_plan(p, by=by, on=today(), actuals={p.items.get(): (600_000, "")}),
    ),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", ["draft", "agreed", "closed"])
def test_every_move_of_every_role_in_every_state(village_cadre, role, name, state):
    by = village_cadre if role == "village_cadre" else factories.user(f"x-{role}", role, ROLES[role])
    plan = begun(village_cadre)
    signed = {} if state == "draft" else {"agreed_on": today(), "signers": "户主"}
    closed = {"closed_on": today()} if state == "closed" else {}
    IncomePlan.objects.filter(pk=plan.pk).update(state=state, **signed, **closed)
    plan.refresh_from_db()
    sources, move = MOVES[name]
    if role == "village_cadre" and state in sources:
        move(plan, by)
        assert IncomePlan.objects.get().state != state
    else:
        with pytest.raises(Refused):
            move(plan, by)
        assert IncomePlan.objects.get().state == state


def test_households_without_helper_are_told(township_officer, helper):
    alone, named = lifted(), lifted()
    HelperAssignment.objects.create(household=named, user=helper)
    assert list(missing.without_helper(township_officer)) == [alone]


# ---- Pages ----
def test_a_plan_at_the_door(client, village_cadre):
    home = lifted()
    client.force_login(village_cadre)
    assert home.head_name in client.get("/measures/plans/missing/").content.decode()
    address = client.post(f"/measures/households/{home.uuid}/plan/").url
    assert client.get(address).status_code == 200
    given = {
        "item0-kind": "employment",
        "item0-name": "广东电子厂",
        "item0-months": "10",
        "item0-monthly_pay": "4000",
    }
    assert client.post(address, {"item0-kind": "industry", "item0-name": "养鸡"}).status_code == 422
    client.post(address, given | {"item1-kind": "industry", "item1-name": ""})
    plan = IncomePlan.objects.get()
    assert plan.items.get().target == 4_000_000
    client.post(f"{address}agree/", {"on": today().isoformat(), "signers": "户主"})
    client.post(f"{address}note/", {"on": today().isoformat(), "way": "phone", "progress": "已外出务工"})
    shown = client.get(address).content.decode()
    assert "已外出务工" in shown and "年底对账" in shown
    assert "广东电子厂" in client.get(f"/measures/plans/paper/?one={plan.uuid}").content.decode()
    item = plan.items.get()
    client.post(f"{address}conclude/", {f"actual-{item.pk}": "41000", "next_year": "再去"})
    plan.refresh_from_db()
    assert plan.state == "closed"


def test_helper_reaches_his_households_alone(client, helper):
    own, other = lifted(), lifted()
    HelperAssignment.objects.create(household=own, user=helper)
    client.force_login(helper)
    assert client.post(f"/measures/households/{own.uuid}/plan/").status_code == 302
    assert client.post(f"/measures/households/{other.uuid}/plan/").status_code == 404


def test_lists_take_as_many_statements_for_forty_as_for_two(client, office, village_cadre):
    counts = []
    for number in (2, 38):
        for _ in range(number):
            agreed(village_cadre)
        client.force_login(office)
        seen = []
        for address in ("/measures/plans/", "/measures/plans/missing/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            seen.append(len(queries))
        counts.append(seen)
    assert counts[0] == counts[1]


def test_a_refused_signature_keeps_no_paper(client, village_cadre):
    plan, files = plans.begin_plan(lifted(), YEAR, by=village_cadre), _kept_files()
    paper = SimpleUploadedFile("x.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    client.force_login(village_cadre)
    given = {"on": today().isoformat(), "signers": "户主", "paper": paper}
    answer = client.post(f"/measures/plans/{plan.uuid}/agree/", given, follow=True)
    assert "计划还没有项目" in answer.content.decode()
    assert not Attachment.objects.exists() and _kept_files() == files


def _kept_files() -> set[Path]:
    return set(Path(settings.PRIVATE_ROOT).glob("*/*"))
