import datetime
import random

import pytest

from demo import people
from demo.county.families import Maker, Wish
from demo.county.registrar import Registrar
from demo.story import quarter
from fangpin.accounts.acting import duties_of
from fangpin.accounts.models import User
from fangpin.common.transitions import history
from fangpin.common.values import idnumbers
from fangpin.common.workbooks import read_table
from households.models import AnnualIncome, Case, HelperAssignment, Household, ImportKind, Member
from households.registry import imports
from screening import criteria
from screening.feeds import receiving
from screening.models import Feed, FeedState, Lead, Round

pytestmark = pytest.mark.usefixtures("demo", "db")


def acting(username: str) -> User:
    user = User.objects.get(username=username)
    return user.act_in(duties_of(user)[0])


def present() -> Round:
    """The round under way; the one before it has been played to its meeting."""
    return Round.objects.order_by("-year", "-quarter").first()


def test_households_have_head_size_and_income():
    assert Household.objects.count() == 60
    homes = {home.pk: home for home in Household.objects.all()}
    for pk, home in homes.items():
        members = Member.objects.filter(household=pk)
        assert home.size == len(members) > 0
        assert home.head_name == members.get(relation="head").name
    assert AnnualIncome.objects.filter(year=present().year - 1).count() >= 55


def test_ids_are_of_nobody_and_sound():
    numbers = [member.id_number for member in Member.objects.all()]
    assert all(number.startswith("459900") and idnumbers.parse(number) == number for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(member.sex == idnumbers.sex(member.id_number) for member in Member.objects.all())


def test_cases_have_a_status_record_of_the_take_over():
    cases = list(Case.objects.filter(origin="look_back"))
    assert {case.category for case in cases} == {"monitored", "marginal"}
    assert all(history(case).first().transition == "take_over" for case in cases)


def test_cases_of_the_meeting_are_traceable_to_it():
    cases = Case.objects.filter(origin="meeting")
    assert cases
    assert {case.agenda_item.meeting.state for case in cases} == {"signed"}


def test_sweep_finds_leads_of_most_lists():
    online = Lead.objects.current().filter(round=present(), source="online")
    found = set(online.values_list("subcriterion", flat=True))
    assert {"education.dropout", "medical.out_of_pocket", "housing.unsafe", "water.unsafe"} <= found
    assert len({code.split(".")[0] for code in found}) >= 5


def test_edge_of_the_threshold_is_a_lead_and_a_cent_below_is_not():
    values = [
        reason.value
        for lead in Lead.objects.filter(subcriterion="medical.out_of_pocket", source="online")
        for reason in lead.reasons.all()
    ]
    assert 2_000_000 in values
    assert 1_999_999 not in values


def test_lists_are_delivered_by_departments_and_office_and_one_waits():
    delivered = Feed.objects.filter(round=present(), state=FeedState.MATCHED).values_list(
        "by__username", "on_behalf"
    )
    assert sorted(delivered) == sorted(
        [("office", True)]
        + [
            (f"dept-{code}", False)
            for code in (
                "civil",
                "civil",
                "education",
                "emergency",
                "health",
                "housing",
                "insurance",
                "labour",
                "water",
            )
        ]
    )
    waiting = Feed.objects.get(state=FeedState.CHECKED)
    assert waiting.by.username == "dept-insurance"


def test_lists_carry_the_dirt_of_real_files():
    feeds_of_today = Feed.objects.filter(round=present())
    rows = feeds_of_today.get(kind="medical_settlement", state=FeedState.MATCHED).rows
    codes = set(rows.exclude(code="").values_list("code", flat=True))
    assert codes == {
        "duplicate_row",
        "match_none",
        "id_numeric_cell",
        "id_length",
        "id_checksum",
        "required",
        "amount",
    }
    school = feeds_of_today.get(kind="school_dropout").rows
    assert {"match_none", "match_near", "required"} <= set(school.values_list("code", flat=True))


@pytest.mark.parametrize(
    ("name", "kind", "username"),
    [
        (quarter.MEDICAL, "medical_settlement", "dept-insurance"),
        (quarter.HOUSING, "unsafe_housing", "office"),
        (quarter.SCHOOL, "school_dropout", "dept-education"),
        (quarter.MEDICAL_AGAIN, "medical_settlement", "office"),
    ],
)
def test_files_read_again_give_the_same(demo, name, kind, username):
    content = (demo / name).read_bytes()
    outcome = receiving.try_delivery(
        present(), criteria.feed_kinds()[kind], file_name=name, content=content, by=acting(username)
    )
    standing = Feed.objects.get(round=present(), file_name=name)
    assert (outcome.read, outcome.good, len(outcome.set_aside), len(outcome.refused)) == (
        standing.rows_read,
        standing.rows_matched,
        standing.rows_set_aside,
        standing.rows_refused,
    )


def test_registry_workbook_has_new_changed_and_faulty_rows(demo, county):
    table = read_table(
        (demo / quarter.REGISTRY).read_bytes(), quarter.REGISTRY, imports.COLUMNS[ImportKind.REGISTRY]
    )
    outcome = imports.import_table(
        ImportKind.REGISTRY, table, county, by=acting("office"), dry_run=True, digest=""
    )
    codes = {fault.code for fault in [*outcome.set_aside, *outcome.refused]}
    assert min(outcome.created, outcome.changed) > 0
    assert {
        "head_none",
        "id_checksum",
        "division_unknown",
        "person_elsewhere",
        "id_numeric_cell",
        "duplicate_row",
    } <= codes
    assert outcome.warnings


def test_income_workbook_has_changed_and_faulty_rows(demo, county):
    table = read_table(
        (demo / quarter.INCOME).read_bytes(), quarter.INCOME, imports.COLUMNS[ImportKind.INCOME]
    )
    outcome = imports.import_table(
        ImportKind.INCOME, table, county, by=acting("township"), dry_run=True, digest=""
    )
    assert outcome.good + len(outcome.set_aside) + len(outcome.refused) == outcome.read
    assert {fault.code for fault in outcome.refused} == {"amount"}
    assert outcome.changed > 0


@pytest.mark.parametrize("username", [*people.PEOPLE, *(f"dept-{code}" for code in people.OFFICERS)])
def test_every_user_signs_in_without_changing_the_password(client, username):
    answer = client.post("/accounts/login/", {"username": username, "password": people.PASSWORD})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("username", ["village", "workteam", "helper", "township", "office", "auditor"])
def test_who_sees_households_has_some_with_a_lead(username):
    user = acting(username)
    assert Household.objects.for_user(user).exists()
    assert Lead.objects.for_user(user).current().exists()


def test_helper_is_named_for_lifted_households_of_his_village():
    helped = HelperAssignment.objects.select_related("household").all()
    assert len(helped) == people.HELPED
    assert {assignment.household.status for assignment in helped} == {"lifted"}
    assert {assignment.household.village_id for assignment in helped} == {"451228100001"}


def test_information_officer_can_switch_to_a_village():
    first, second = duties_of(User.objects.get(username="info"))
    assert (first.role, second.role) == ("information", "work_team")
    assert second.division_id != first.division_id


def test_maker_fills_a_day_and_goes_to_the_next():
    registrar, day = Registrar(), datetime.date(1990, 5, 4)
    numbers = [registrar.id_number(day, sex) for sex in ("male", "female") for _ in range(501)]
    assert len(set(numbers)) == 1002
    assert {number[6:14] for number in numbers} == {"19900504", "19900503"}


def test_children_of_school_age_are_mostly_pupils():
    day = datetime.date(2026, 10, 1)
    maker = Maker(random.Random(1), Registrar(), day)
    people = [
        person for _ in range(400) for person in maker.family("451228100001", "弄怀屯", Wish()).group.persons
    ]
    children = [
        person.student for person in people if 2012 <= idnumbers.birth_date(person.id_number).year <= 2019
    ]
    assert len(children) > 80
    assert sum(bool(student) for student in children) / len(children) > 0.95
