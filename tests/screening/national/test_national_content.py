"""What an item holds, what is missing, what becomes a correction or a withdrawal (Art. 7(2)3)."""

import datetime

import pytest

from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow
from fangpin.common.transitions import Conflict
from households.models import Case, Hamlet, Household, Member, Risk
from households.registry.taking_in import registry_changed
from screening import tasks
from screening.models import ItemKind, ItemState, NationalItem
from screening.national import acknowledgements, missing, register
from screening.national import items as national
from screening.national.acknowledgements import Answer
from tests import factories
from tests.screening.national import national_cases as cases

WHOLE = {
    "ethnic_group": "壮族",
    "education": "junior",
    "health": "健康",
    "labour": "ordinary",
    "major_illness_insured": True,
}


@pytest.fixture
def officer(db):
    return factories.user("info", Role.INFORMATION, factories.COUNTY, name="卢秋月")


def whole(status: str = "ordinary", **fields) -> Household:
    """A household that lacks nothing."""
    hamlet, _ = Hamlet.objects.get_or_create(village_id=factories.VILLAGE, name="那朵屯")
    home = factories.household(
        status=status,
        hamlet=hamlet,
        phone="19900000001",
        housing_grade="A",
        water_secured=True,
        members=2,
        **fields,
    )
    home.members.update(**WHOLE)
    return home


def case_of(home: Household) -> Case:
    return Case.objects.create(
        household=home, category=home.category, origin="meeting", identified_on=cases.DAY
    )


# --- content ----------------------------------------------------------------------------------------


def test_the_content_is_in_the_registers_words(officer):
    case = case_of(whole())
    Risk.objects.create(case=case, subcriterion="medical.out_of_pocket")
    factories.income(case.household, "8000", year=2019)
    payload = register.snapshots([case.pk])[case.pk]
    assert (
        payload["household"]
        | {
            "户类型": "普通农户",
            "易返贫致贫户(监测对象)类型": "边缘户",
            "致贫原因1": "因病",
            "危房户": "否",
            "是否解决安全饮用水": "是",
            "人均纯收入": "4000.00",
            "人数": "2",
            "风险识别时间": "2020-03-30",
        }
        == payload["household"]
    )
    assert (
        payload["members"][0]
        | {"与户主关系": "户主", "文化程度": "初中", "在校生状况": "", "劳动技能": "普通劳动力"}
        == payload["members"][0]
    )


def test_education_and_schooling_are_never_both_filled(officer):
    home = whole()
    home.members.update(student="grade_7")
    case = case_of(home)
    member = register.snapshots([case.pk])[case.pk]["members"][0]
    assert (member["文化程度"], member["在校生状况"]) == ("", "七年级")


def test_a_household_with_our_own_number_has_none_for_the_system(officer):
    case = case_of(whole(own_number=True))
    assert register.snapshots([case.pk])[case.pk]["household"]["户编号"] == ""


def test_every_column_of_the_registers_sheet_is_filled_from_somewhere(officer):
    case = case_of(whole())
    row = register.person_rows(register.snapshots([case.pk])[case.pk])[0]
    assert set(register.COLUMNS) - set(row) == {"序号", "数据日期"}


def test_contents_are_made_in_a_constant_number_of_queries(officer, django_assert_num_queries):
    for count in (1, 12):
        ids = [case_of(whole()).pk for _ in range(count)]
        with django_assert_num_queries(4):
            register.snapshots(ids)


# --- missing ----------------------------------------------------------------------------------------


def test_a_whole_household_lacks_nothing(officer):
    assert missing.missing_fields(whole()) == []


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("ethnic_group", "", "民族"),
        ("education", "", "文化程度或在校生状况"),
        ("health", "", "健康状况"),
        ("labour", "", "劳动技能"),
        ("major_illness_insured", None, "是否参加大病保险"),
    ],
)
def test_what_a_member_lacks_is_told_by_name(officer, field, value, word):
    home = whole()
    member = home.members.last()
    Member.objects.filter(pk=member.pk).update(**{field: value})
    assert missing.missing_fields(home) == [f"{member.name}：{word}"]


@pytest.mark.parametrize(
    ("field", "value"), [("phone", None), ("housing_grade", ""), ("water_secured", None), ("hamlet", None)]
)
def test_what_a_household_lacks_is_told(officer, field, value):
    home = whole()
    setattr(home, field, value)
    home.save()
    (line,) = missing.missing_fields(home)
    assert line.startswith("本户：")


def test_of_a_monitored_household_the_members_are_not_asked(officer):
    home = whole("lifted")
    home.members.update(education="", health="", labour="")
    assert missing.missing_fields(home) == []


def test_a_child_needs_no_labour_skill_and_a_pupil_no_education(officer):
    home = whole()
    child = home.members.last()
    young = datetime.date.today() - datetime.timedelta(days=9 * 365)
    Member.objects.filter(pk=child.pk).update(birth_date=young, labour="", education="", student="primary")
    assert missing.missing_fields(home) == []


def test_a_whole_list_is_checked_in_two_queries(officer, django_assert_num_queries):
    for _ in range(8):
        home = whole()
        home.members.update(health="")
    with django_assert_num_queries(2):
        assert len(missing.missing_of(Household.objects.all())) == 8


# --- corrections ------------------------------------------------------------------------------------


def held(officer, status: str = "ordinary") -> NationalItem:
    """An item that the system acknowledged."""
    (item,) = national.create_items([case_of(whole(status)).pk], by=officer)
    national.offer(NationalItem.objects.filter(pk=item.pk), by=officer)
    acknowledgements.record_answers([Answer(str(item.uuid), cases.number())], by=officer)
    item.refresh_from_db()
    return item


def correction(item: NationalItem) -> NationalItem | None:
    return NationalItem.objects.filter(case=item.case, kind=ItemKind.CORRECTION).order_by("-pk").first()


def test_nothing_is_corrected_while_nothing_changed(officer):
    held(officer)
    assert national.propose_corrections(factories.COUNTY) == 0


@pytest.mark.parametrize("status", ["ordinary", "lifted"])
def test_a_change_in_the_registry_becomes_one_correction(officer, status):
    item = held(officer, status)
    item.case.household.members.filter(relation="head").update(health="长期慢性病")
    assert national.propose_corrections(factories.COUNTY) == 1
    assert national.propose_corrections(factories.COUNTY) == 0
    made = national.reveal_item(correction(item), by=officer)
    (change,) = made.payload["changes"]
    assert (change["field"], change["old"], change["new"]) == ("健康状况", "健康", "长期慢性病")


def test_who_came_and_who_left_is_told(officer):
    item = held(officer)
    home = item.case.household
    left = home.members.get(relation="other")
    Member.objects.filter(pk=left.pk).update(removed_on=datetime.date.today())
    factories.member(home, datetime.date(2019, 5, 1), name="韦新生", **WHOLE)
    national.propose_corrections(factories.COUNTY)
    changes = national.reveal_item(correction(item), by=officer).payload["changes"]
    assert {(c["person"], c["new"]) for c in changes} == {("韦新生", "增加"), (left.name, "减少")}


def test_a_change_that_was_taken_back_in_time_needs_no_correction(officer):
    item = held(officer)
    members = item.case.household.members
    members.update(health="残疾")
    national.propose_corrections(factories.COUNTY)
    members.update(health="健康")
    national.propose_corrections(factories.COUNTY)
    assert correction(item).state == ItemState.LAPSED


def test_after_a_correction_is_acknowledged_only_later_changes_count(officer):
    item = held(officer)
    item.case.household.members.update(health="残疾")
    national.propose_corrections(factories.COUNTY)
    made = national.reveal_item(correction(item), by=officer)
    acknowledgements.record_answers([Answer(str(made.uuid))], by=officer)
    assert national.propose_corrections(factories.COUNTY) == 0
    item.case.household.members.update(labour="weak")
    assert tasks.propose_national_corrections() == 1
    fields = {c["field"] for c in national.reveal_item(correction(item), by=officer).payload["changes"]}
    assert fields == {"劳动技能"}


def test_an_import_of_the_registry_proposes_them(officer, django_capture_on_commit_callbacks):
    item = held(officer)
    Household.objects.filter(pk=item.case.household_id).update(water_secured=False)
    registry_changed.send(sender=Household, county=factories.COUNTY)
    assert correction(item).state == ItemState.PENDING


def test_what_the_system_does_not_hold_needs_no_correction(officer):
    (item,) = national.create_items([case_of(whole()).pk], by=officer)
    national.offer(NationalItem.objects.filter(pk=item.pk), by=officer)
    item.case.household.members.update(health="残疾")
    assert national.propose_corrections(factories.COUNTY) == 0


def test_corrections_are_found_in_a_constant_number_of_queries(officer, django_assert_max_num_queries):
    items = [held(officer) for _ in range(6)]
    Member.objects.filter(household__in=[item.case.household_id for item in items]).update(health="残疾")
    with django_assert_max_num_queries(17):
        assert national.propose_corrections(factories.COUNTY) == 6


# --- numbers ----------------------------------------------------------------------------------------


def test_a_household_with_a_number_of_ours_takes_that_of_the_national_system(officer):
    (item,) = cases.offered(1, by=officer, own_number=True)
    acknowledgements.record_answers([Answer(str(item.uuid), "451228009999")], by=officer)
    home = Household.objects.get(pk=item.case.household_id)
    assert (home.number, home.own_number) == ("451228009999", False)
    assert AuditRow.objects.get(act="registry_change").details["number"][1] == "451228009999"


def test_a_number_that_another_household_of_the_registry_has_is_a_conflict(officer):
    other = factories.household(number="451228009999")
    (item,) = cases.offered(1, by=officer, own_number=True)
    with pytest.raises(Conflict):
        acknowledgements.record_answers([Answer(str(item.uuid), other.number)], by=officer)


# --- withdrawals ------------------------------------------------------------------------------------


def test_what_the_system_holds_is_withdrawn_with_the_reason(officer, office):
    item = held(officer)
    (made,) = national.withdraw([item.case_id], by=office, reason="后次会议改为不纳入")
    assert (made.kind, made.state, made.reason) == ("withdrawal", "pending", "后次会议改为不纳入")
    item.case.household.members.update(health="残疾")
    assert national.propose_corrections(factories.COUNTY) == 0


def test_what_the_system_never_had_is_dropped(office):
    (item,) = cases.items(1, by=office)
    assert national.withdraw([item.case_id], by=office, reason="不纳入") == []
    item.refresh_from_db()
    assert item.state == ItemState.LAPSED


def test_what_somebody_holds_already_is_withdrawn_after_it(officer, office):
    (item,) = cases.offered(1, by=officer)
    (made,) = national.withdraw([item.case_id], by=office, reason="不纳入")
    national.offer(NationalItem.objects.filter(pk=made.pk), by=officer)
    made.refresh_from_db()
    assert made.cursor > item.cursor
