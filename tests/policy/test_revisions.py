"""政策调整: drafted, released once and for all, each at its own place (Art. 15)."""

import datetime

import pytest
from django.db import DatabaseError, transaction

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.transitions import TransitionRefused
from fangpin.policy import effects, revisions
from fangpin.policy.models import Acknowledgement, Policy, Revision
from fangpin.policy.parameters import FIRST_DAY, PARAMETERS
from fangpin.policy.services import PolicySet, in_force, load_defaults
from tests import factories

pytestmark = pytest.mark.django_db
DAY = datetime.date(2021, 1, 1)
EVE = datetime.date(2020, 12, 31)
MEDICAL, INCOME = "medical.threshold", "income.line"


@pytest.fixture
def region(db):
    return factories.user("region", Role.REGION, "450000000000", name="区办")


def made(by, values, holds_from=DAY, **fields) -> Revision:
    words = {"document": "桂扶领发〔2021〕1号", "reason": "按新标准"} | fields
    return revisions.draft(values, holds_from=holds_from, by=by, **words)


def released(by, values, holds_from=DAY, *, signer=None, **fields) -> Revision:
    draft = made(by, values, holds_from, **fields)
    return revisions.release(draft, seen=revisions.digest(draft), by=signer or by)


def refused(act, *args, **kwargs) -> str:
    with pytest.raises((revisions.RevisionRefused, TransitionRefused)) as error:
        act(*args, **kwargs)
    return "".join([error.value.message, *getattr(error.value, "faults", {}).values()])


# ---- In force ----
def test_draft_holds_nowhere(county, region):
    made(region, {INCOME: 600_000})
    assert in_force(county, DAY)[INCOME] == 500_000


def test_release_holds_from_its_day(county, region):
    released(region, {INCOME: 600_000, "round.feeds_due": 8})
    assert (in_force(county, EVE)[INCOME], in_force(county, DAY)[INCOME]) == (500_000, 600_000)
    assert (in_force(county, DAY)["round.feeds_due"], in_force(county, DAY).since(INCOME)) == (8, DAY)


def test_county_sets_what_is_left_to_it_for_itself(county, office, director):
    released(office, {MEDICAL: 1_500_000}, signer=director)
    other = Division.objects.get(code=factories.OTHER_COUNTY)
    assert (in_force(county, DAY)[MEDICAL], in_force(other, DAY)[MEDICAL]) == (1_500_000, 2_000_000)


def test_county_value_stands_against_the_region(county, region, office, director):
    released(office, {MEDICAL: 1_500_000}, signer=director)
    released(region, {MEDICAL: 3_000_000}, DAY + datetime.timedelta(days=30))
    assert in_force(county, datetime.date(2021, 6, 1))[MEDICAL] == 1_500_000


def test_county_may_follow_the_region_again(county, region, office, director):
    released(office, {MEDICAL: 1_500_000}, signer=director)
    released(office, {MEDICAL: None}, datetime.date(2021, 4, 1), signer=director)
    assert in_force(county, datetime.date(2021, 3, 31))[MEDICAL] == 1_500_000
    assert in_force(county, datetime.date(2021, 4, 1))[MEDICAL] == 2_000_000
    released(region, {MEDICAL: 3_000_000}, datetime.date(2021, 5, 1))
    assert in_force(county, datetime.date(2021, 5, 1))[MEDICAL] == 3_000_000


def test_open_round_keeps_its_own(round_2020q1, region):
    released(region, {INCOME: 600_000}, datetime.date(2020, 2, 1))
    round_2020q1.refresh_from_db()
    assert round_2020q1.parameters[INCOME] == 500_000


# ---- Never edited after ----
@pytest.mark.parametrize("model", [Policy, Revision])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_database_refuses_a_change_of_what_is_released(region, model, act):
    revision = released(region, {INCOME: 600_000})
    row = Policy.objects.get(revision=revision) if model is Policy else revision
    rows = model.objects.filter(pk=row.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(document="改") if act == "update" else rows._raw_delete(rows.db)
    assert rows.exists()


def test_first_values_are_released_too(county):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Policy.objects.filter(key=INCOME).update(value=1)


def test_released_can_be_neither_changed_nor_discarded(region):
    revision = released(region, {INCOME: 600_000})
    again = {"holds_from": DAY, "document": "x", "reason": "x", "by": region}
    assert "不能再改" in refused(revisions.change, revision, {INCOME: 700_000}, **again)
    assert refused(revisions.discard, revision, by=region)
    assert Policy.objects.get(revision=revision).value == 600_000


def test_draft_may_be_changed_and_discarded(region):
    draft = made(region, {INCOME: 600_000})
    revisions.change(draft, {MEDICAL: 1_000_000}, holds_from=EVE, document="二", reason="改", by=region)
    draft.refresh_from_db()
    assert (revisions.values_of(draft), draft.holds_from, draft.document) == ({MEDICAL: 1_000_000}, EVE, "二")
    revisions.discard(draft, by=region)
    assert refused(revisions.release, draft, seen=revisions.digest(draft), by=region)


def test_what_was_not_seen_is_not_released(county, region):
    draft = made(region, {INCOME: 600_000})
    seen = revisions.digest(draft)
    revisions.change(draft, {INCOME: 700_000}, holds_from=DAY, document="一", reason="改", by=region)
    assert "刚刚被人改过" in refused(revisions.release, draft, seen=seen, by=region)
    draft.refresh_from_db()
    assert draft.is_draft and in_force(county, DAY)[INCOME] == 500_000


def test_one_value_a_day(region):
    first, second = made(region, {INCOME: 600_000}), made(region, {INCOME: 700_000})
    revisions.release(first, seen=revisions.digest(first), by=region)
    assert "同一天只能有一个" in refused(revisions.release, second, seen=revisions.digest(second), by=region)
    second.refresh_from_db()
    assert second.is_draft


# ---- Who ----
def test_office_drafts_and_the_director_releases(office, director):
    draft = made(office, {MEDICAL: 1_500_000})
    assert refused(revisions.release, draft, seen=revisions.digest(draft), by=office)
    assert refused(made, director, {MEDICAL: 1_400_000})
    assert revisions.release(draft, seen=revisions.digest(draft), by=director).released_by == director


def test_county_can_not_set_what_the_region_sets(office):
    assert "由自治区规定" in refused(made, office, {INCOME: 600_000})


def test_nobody_releases_the_draft_of_another_place(region, office, director):
    of_county, of_region = made(office, {MEDICAL: 1_500_000}), made(region, {INCOME: 600_000})
    assert refused(revisions.release, of_county, seen=revisions.digest(of_county), by=region)
    assert refused(revisions.release, of_region, seen=revisions.digest(of_region), by=director)
    other = factories.user("other", Role.DIRECTOR, factories.OTHER_COUNTY)
    assert refused(revisions.release, of_county, seen=revisions.digest(of_county), by=other)


def test_drafts_are_seen_at_their_place_alone(region, office, director, township_officer):
    made(office, {MEDICAL: 1_500_000})
    made(region, {INCOME: 600_000})
    seen = {
        user.username: Revision.objects.for_user(user).count()
        for user in (region, office, director, township_officer)
    }
    assert seen == {"region": 1, "office": 1, "director": 1, "township": 0}


def test_release_is_recorded(region):
    revision = released(region, {INCOME: 600_000})
    row = AuditRow.objects.get(act="policy_release")
    assert (row.object_id, row.details["values"]) == (revision.pk, {INCOME: 600_000})


# ---- What makes sense ----
@pytest.mark.parametrize(
    ("key", "value"),
    [
        (INCOME, 0),
        (INCOME, -1),
        (INCOME, 1.5),
        (INCOME, True),
        ("round.feeds_due", 0),
        ("round.feeds_due", 61),
        ("screening.window_months", "12"),
        ("education.poverty_reasons", []),
        ("education.poverty_reasons", ["因贫", "因贫"]),
        ("income.gate", "maybe"),
        ("round.opening", {"month": 4, "day": 1}),
        ("round.opening", {"month": 2, "day": 30}),
        ("labour.age_from", 60),
        ("education.school_age_to", 5),
    ],
)
def test_odd_values_are_refused(region, key, value):
    assert refused(made, region, {key: value})
    assert not Revision.objects.exists()


def test_same_value_is_refused(region):
    assert "相同" in refused(made, region, {INCOME: 500_000})


def test_earlier_than_the_regulation_is_refused(region):
    assert "不能早于" in refused(made, region, {INCOME: 1}, FIRST_DAY - datetime.timedelta(days=1))


def test_document_reason_and_values_are_asked(region):
    assert "文号" in refused(made, region, {INCOME: 600_000}, document=" ")
    assert "原因" in refused(made, region, {INCOME: 600_000}, reason=" ")
    assert "至少填一项" in refused(made, region, {})


def test_county_without_its_own_can_not_give_it_up(office):
    assert "没有自定的值" in refused(made, office, {MEDICAL: None})


# ---- What changes ----
def test_changes_say_before_after_until_and_who_stays_out(region, office, director):
    released(office, {MEDICAL: 1_500_000}, EVE, signer=director)
    released(region, {MEDICAL: 4_000_000}, datetime.date(2021, 7, 1))
    draft = made(region, {MEDICAL: 3_000_000, INCOME: 600_000})
    income, medical = effects.changes(draft)
    assert income.summary() == "收入参考线（家庭年人均纯收入）：5,000.00 元 → 6,000.00 元"
    assert (medical.until, medical.next_words) == (datetime.date(2021, 6, 30), "40,000.00 元")
    assert [row.policy.division_id for row in medical.exceptions] == [factories.COUNTY]


def test_changes_of_a_released_one_stay_what_they_were(region):
    revision = released(region, {INCOME: 600_000})
    assert effects.changes(revision)[0].old_words == "5,000.00 元"


def test_county_is_told_what_was_replaced_for_it(county, region, office, director):
    released(office, {MEDICAL: 1_500_000}, EVE, signer=director)
    revision = released(region, {MEDICAL: 3_000_000, INCOME: 600_000})
    assert effects.replaced_for(county, [revision]) == {revision.pk: [INCOME]}
    revisions.acknowledge(revision, by=office)
    revisions.acknowledge(revision, by=director)
    assert Acknowledgement.objects.get().by == office


# ---- Parameters that came later ----
def test_old_snapshot_has_the_first_value_of_a_new_parameter(county):
    snapshot = in_force(county, DAY).snapshot()
    del snapshot["other.expense_threshold"]
    kept = PolicySet.restore(snapshot)
    assert kept["other.expense_threshold"] == PARAMETERS["other.expense_threshold"].default
    assert kept.since("other.expense_threshold") == FIRST_DAY


def test_updating_brings_the_first_values_of_new_parameters(county, monkeypatch):
    from fangpin.policy import parameters

    new = parameters.Parameter("later.months", "以后的月数", "whole", 3, "Art. 9", "个月")
    monkeypatch.setitem(parameters.PARAMETERS, new.key, new)
    assert (load_defaults(), load_defaults()) == (1, 0)
    assert in_force(county, DAY)["later.months"] == 3
