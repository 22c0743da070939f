"""走访 (Art. 9): by whoever follows, once, with what was seen; what is due and what has not come."""

import datetime
import io
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from fangpin.accounts.roles import Role
from fangpin.common import private_files
from households.models import Case, Follower, HelperAssignment
from measures import delivery, filing, planning, visits
from measures.models import Measure, Visit
from measures.refusals import Refused
from tests import factories
from tests.measures import makers
from tests.measures.endings import today
from tests.measures.makers import officer, wanted

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def team(db):
    return factories.user("team", Role.WORK_TEAM, factories.VILLAGE, name="农队员")


def record(case: Case, *, by, **changed) -> Visit:
    given = {
        "on": today(),
        "visitors": [by.name],
        "risks": dict.fromkeys(case.risks.filter(state="open"), ("better", "")),
    }
    return visits.record(case.household, by=by, **given | changed)


def picture() -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "某手机"
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_a_visit_keeps_what_was_seen(team):
    case = makers.case("marginal", "housing.unsafe")
    visit = record(case, by=team, words="墙加固了", secured={"housing": True}, spoke_with="户主")
    assert visit.risks.get().seen == "better" and visit.secured == {"housing": True}
    assert visits.with_last(Case.objects.all()).get().last_visit == today()


def test_the_same_form_twice_is_kept_once(team):
    case, key = makers.case("marginal", "housing.unsafe"), uuid.uuid4()
    first = record(case, by=team, key=key)
    assert record(case, by=team, key=key) == first and Visit.objects.count() == 1


@pytest.mark.parametrize(("changed", "words"), [
    ({"on": datetime.date.today() + DAY}, "不能晚于今天"),
    ({"on": datetime.date(2020, 1, 1)}, "才认定"),
    ({"visitors": [" "]}, "走访人"),
    ({"way": "smoke"}, "方式"),
])  # fmt: skip
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
    measure = planning.plan(wanted(case.household, "industry_award", 100), by=by, on=makers.DAY)
    filing.file(Measure.objects.all(), by=office, on=makers.DAY)
    delivery.begin(Measure.objects.all(), by=by, on=makers.DAY)
    delivery.deliver(Measure.objects.all(), by=by, on=makers.DAY, proof="x")
    record(case, by=team, on=today() - DAY, measures={measure: ("no", "")})
    assert visits.not_arrived(by).get() == measure
    record(case, by=team, measures={measure: ("yes", "")})
    assert not visits.not_arrived(by).exists()


def test_overdue_counts_from_the_last_visit_or_from_following(team):
    case = makers.case("marginal", on=today() - 60 * DAY)
    days = visits.interval(team)
    assert visits.overdue(Case.objects.all(), days).get() == case
    Follower.objects.create(case=case, user=team, begins_on=today() - days * DAY)
    assert not visits.overdue(Case.objects.all(), days).exists()
    Follower.objects.update(begins_on=today() - (days + 1) * DAY)
    assert visits.overdue(Case.objects.all(), days).exists()
    record(case, by=team)
    assert not visits.overdue(Case.objects.all(), days).exists()


def test_withdrawn_by_its_author_or_the_office_alone(team, office, village_cadre):
    visit = record(makers.case("marginal"), by=team)
    with pytest.raises(Refused):
        visits.withdraw(visit, by=village_cadre, reason="误")
    with pytest.raises(Refused):
        visits.withdraw(visit, by=team, reason=" ")
    visits.withdraw(visit, by=team, reason="记错户")
    with pytest.raises(Refused, match="已经作废"):
        visits.withdraw(visit, by=office, reason="误")


def test_visit_withdrawn_by_and_at(team):
    visit = record(makers.case("marginal"), by=team)
    with pytest.raises(IntegrityError, match="visit_withdrawn_by_and_at"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(withdrawn_at="2026-03-02T00:00:00+08:00")


def test_visit_new_risk_in_words(team):
    visit = record(makers.case("marginal"), by=team)
    with pytest.raises(IntegrityError, match="visit_new_risk_in_words"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(has_new_risk=True)


def test_pages_of_a_visit(client, team):
    case = makers.case("marginal", "housing.unsafe")
    client.force_login(team)
    address, risk = f"/measures/households/{case.household.uuid}/visit/", case.risks.get()
    assert client.get(address).status_code == 200
    given = {
        "key": uuid.uuid4(), "on": today().isoformat(), "way": "door", "visitors": "农队员、蓝支书", "words": "好",
        f"risk-{risk.pk}": "gone", "secured-housing": "on",
    }  # fmt: skip
    assert client.post(address, given | {"on": "2099-01-01"}).status_code == 422
    answer = client.post(address, given)
    assert "走访记录" in client.get(answer.url).content.decode()
    assert client.post(address, given).url == answer.url
    assert "农队员、蓝支书" in client.get("/measures/visits/").content.decode()
    assert case.household.head_name in client.get("/measures/follow/").content.decode()


def test_helper_sees_his_households_alone(client):
    helper = factories.user("helper", Role.HELPER, factories.VILLAGE)
    own, other = makers.case("monitored"), makers.case("monitored")
    HelperAssignment.objects.create(household=own.household, user=helper)
    client.force_login(helper)
    shown = client.get("/measures/follow/").content.decode()
    assert own.household.head_name in shown and other.household.head_name not in shown
    assert client.get(f"/measures/households/{other.household.uuid}/visit/").status_code == 404


def test_lists_take_as_many_statements_for_forty_as_for_two(client, office, team):
    counts = []
    for number in (2, 38):
        for _ in range(number):
            record(makers.case("marginal", "housing.unsafe"), by=team)
        client.force_login(office)
        seen = []
        for address in ("/measures/follow/", "/measures/visits/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            seen.append(len(queries))
        counts.append(seen)
    assert counts[0] == counts[1]
