"""走访 (Art. 9): by whoever follows, once, with what was seen; what is due and what has not come."""

import datetime
import io
import uuid

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from fangpin.accounts.roles import Role
from fangpin.common.files import private_files
from fangpin.common.refusals import Refused
from households.models import Case, Follower, HelperAssignment
from measures.delivery import delivery, filing
from measures.models import Measure, Visit
from measures.planning import plan
from measures.visits import follow_up, visits
from tests import factories
from tests.measures import makers
from tests.measures.makers import officer, wanted
from tests.measures.releases.endings import today
from tests.measures.visits.visits_makers import DAY, picture, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db):
    return factories.user("team", Role.WORK_TEAM, factories.VILLAGE, name="农队员")


def test_a_visit_keeps_what_was_seen(team):
    case = makers.case("marginal", "housing.unsafe")
    visit = record(case, by=team, words="墙加固了", secured={"housing": True}, spoke_with="户主")
    assert visit.risks.get().seen == "better" and visit.secured == {"housing": True}
    assert follow_up.with_last(Case.objects.all()).get().last_visit == today()


def test_the_same_form_twice_is_kept_once(team):
    case, key = makers.case("marginal", "housing.unsafe"), uuid.uuid4()
    first = record(case, by=team, key=key)
    assert record(case, by=team, key=key) == first and Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"on": datetime.date.today() + DAY}, "不能晚于今天"),
        ({"on": datetime.date(2020, 1, 1)}, "才认定"),
        ({"visitors": [" "]}, "走访人"),
        ({"way": "smoke"}, "方式"),
    ],
)
def test_what_a_visit_wants(team, changed, words):
    with pytest.raises(Refused, match=words):
        record(makers.case("marginal", "housing.unsafe"), by=team, **changed)
    assert not Visit.objects.exists()


def test_who_follows_and_who_stands_in(team, village_cadre, township_officer):
    case = makers.case("monitored", "housing.unsafe")
    for user in (team, village_cadre, township_officer):
        record(case, by=user)
    stranger = factories.user("helper", Role.HELPER, factories.VILLAGE)
    with pytest.raises(Refused):
        record(case, by=stranger)
    HelperAssignment.objects.create(household=case.household, user=stranger)
    record(case, by=stranger)
    with pytest.raises(Refused):
        record(case, by=factories.user("other", Role.WORK_TEAM, factories.SISTER_VILLAGE))


def test_income_is_reckoned_a_head(team):
    estimate = {"wages": 20_000_00, "business": 6_000_00, "costs": 2_000_00, "heads": 4}
    assert record(makers.case("marginal"), by=team, estimate=estimate).per_head == 6_000_00


def test_photo_is_sealed_without_where_it_was_taken(team):
    visit = record(makers.case("marginal"), by=team, photos=[picture(), picture()])
    kept = private_files.load(visit.photos.get().stored_name)
    assert not Image.open(io.BytesIO(kept)).getexif()
    with pytest.raises(Refused):
        record(makers.case("marginal"), by=team, photos=[b"no picture"])


def test_what_has_not_come_is_told_until_it_has(team, office):
    case = makers.case("monitored", "livelihood.production_loss")
    by = officer("agriculture")
    measure = plan.plan_measure(wanted(case.household, "industry_award", 100), by=by, on=makers.DAY)
    filing.file_measures(Measure.objects.all(), by=office, on=makers.DAY)
    delivery.begin_measures(Measure.objects.all(), by=by, on=makers.DAY)
    delivery.deliver_measures(Measure.objects.all(), by=by, on=makers.DAY, proof="x")
    record(case, by=team, on=today() - DAY, measures={measure: ("no", "")})
    assert follow_up.not_arrived(by).get() == measure
    record(case, by=team, measures={measure: ("yes", "")})
    assert not follow_up.not_arrived(by).exists()


def test_overdue_counts_from_the_last_visit_or_from_following(team):
    case = makers.case("marginal", on=today() - 60 * DAY)
    days = follow_up.interval(team)
    assert follow_up.overdue(Case.objects.all(), days).get() == case
    Follower.objects.create(case=case, user=team, begins_on=today() - days * DAY)
    assert not follow_up.overdue(Case.objects.all(), days).exists()
    Follower.objects.update(begins_on=today() - (days + 1) * DAY)
    assert follow_up.overdue(Case.objects.all(), days).exists()
    record(case, by=team)
    assert not follow_up.overdue(Case.objects.all(), days).exists()


def test_withdrawn_by_its_author_or_the_office_alone(team, office, village_cadre):
    visit = record(makers.case("marginal"), by=team)
    with pytest.raises(Refused):
        visits.withdraw_visit(visit, by=village_cadre, reason="误")
    with pytest.raises(Refused):
        visits.withdraw_visit(visit, by=team, reason=" ")
    visits.withdraw_visit(visit, by=team, reason="记错户")
    with pytest.raises(Refused, match="已经作废"):
        visits.withdraw_visit(visit, by=office, reason="误")


def test_visit_withdrawn_by_and_at(team):
    visit = record(makers.case("marginal"), by=team)
    with pytest.raises(IntegrityError, match="visit_withdrawn_by_and_at"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(withdrawn_at="2026-03-02T00:00:00+08:00")


def test_visit_new_risk_in_words(team):
    visit = record(makers.case("marginal"), by=team)
    with pytest.raises(IntegrityError, match="visit_new_risk_in_words"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(has_new_risk=True)


def test_a_form_that_somebody_else_used_is_refused(team, village_cadre):
    case, key = makers.case("marginal", "housing.unsafe"), uuid.uuid4()
    record(case, by=team, key=key)
    with pytest.raises(Refused, match="已经用过"):
        record(case, by=village_cadre, key=key)


def test_a_closed_household_is_not_visited(team):
    case = makers.case("marginal")
    case.household.closed_on = today()
    case.household.save()
    with pytest.raises(Refused, match="注销"):
        record(case, by=team)


def test_risks_of_another_household_are_refused_and_nothing_is_kept(team):
    other = makers.case("marginal", "water.unsafe")
    with pytest.raises(Refused, match="刷新"):
        record(makers.case("marginal"), by=team, risks={other.risks.get(): ("gone", "")})
    assert not Visit.objects.exists()


def test_too_many_photos(team):
    with pytest.raises(Refused, match="最多"):
        record(makers.case("marginal"), by=team, photos=[picture()] * 7)


def test_worse_until_it_is_seen_better(team):
    case = makers.case("marginal", "housing.unsafe")
    risk = case.risks.get()
    record(case, by=team, on=today() - DAY, risks={risk: ("worse", "裂缝大了")})
    assert follow_up.grown_worse(Case.objects.all()).get() == case
    record(case, by=team, risks={risk: ("better", "")})
    assert not follow_up.grown_worse(Case.objects.all()).exists()


def test_gone_needs_every_risk_and_counts_no_withdrawn_visit(team):
    case = makers.case("marginal", "housing.unsafe", "water.unsafe")
    house, water = case.risks.order_by("subcriterion")
    record(case, by=team, risks={house: ("gone", "")})
    assert not follow_up.seen_gone(Case.objects.all()).exists()
    visit = record(case, by=team, risks={house: ("gone", ""), water: ("gone", "")})
    assert follow_up.seen_gone(Case.objects.all()).get() == case
    visits.withdraw_visit(visit, by=team, reason="记错户")
    assert not follow_up.seen_gone(Case.objects.all()).exists()


def test_places_count_who_and_what_is_missing(office, team):
    makers.case("marginal")
    makers.case("marginal", village=factories.SISTER_VILLAGE)
    helped = makers.case("monitored")
    helper = factories.user("helper", Role.HELPER, factories.VILLAGE)
    HelperAssignment.objects.create(household=helped.household, user=helper)
    Follower.objects.create(case=helped, user=helper)
    makers.case("monitored")
    rows = follow_up.by_place(office, office.acting.division)
    total = follow_up.total(office.acting.division, rows)
    assert total.counts["open"] == 4 and total.followed == 1 and total.counts["missing"] == 3
    assert total.counts["unhelped"] == 1 and total.counts["teamless"] == 1
    assert follow_up.villages_without_team(office) == 1


def test_lifted_households_without_case_are_visited_by_their_helper(team):
    helper = factories.user("helper", Role.HELPER, factories.VILLAGE)
    home = factories.household(status="lifted")
    HelperAssignment.objects.create(household=home, user=helper)
    visits.record_visit(home, by=helper, on=today(), visitors=["某"])
    assert follow_up.lifted_of(helper).get().last_visit == today()
    assert not follow_up.lifted_of(factories.user("other", Role.HELPER, factories.VILLAGE)).exists()


def test_a_new_risk_waits_for_the_report_of_the_village(team):
    record(makers.case("marginal"), by=team, new_risk="丈夫摔伤")
    assert follow_up.unreported(team).get() == Visit.objects.get()
    record(makers.case("marginal"), by=team, on=today() - DAY)
    assert follow_up.unreported(team).count() == 1
