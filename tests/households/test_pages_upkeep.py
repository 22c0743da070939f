import datetime

import pytest
from django.urls import reverse

from fangpin.common.models import Job
from households.models import ChangeKind, Household, Member, RegistryChange
from tests import factories
from tests.screening.rounds.pages import page, queries, words

MENU, FORM, LIST = "households:upkeep-menu", "households:upkeep-form", "households:upkeep-list"
WHEN = {"happened_on": "2020-06-01", "reason": "户口本已变更"}


@pytest.fixture
def home(db):
    made = factories.household(
        names=["韦大", "覃二"], births=[datetime.date(1970, 1, 2), datetime.date(1972, 2, 3)]
    )
    made.members.filter(name="覃二").update(relation="spouse")
    return made


def one(home, name: str) -> Member:
    return home.members.get(name=name, removed_on=None)


def send(client, user, home, kind: str, member=None, **data):
    client.force_login(user)
    address = reverse(FORM, args=[home.uuid, kind]) + (f"?member={member.pk}" if member else "")
    return client.post(address, WHEN | data)


@pytest.mark.parametrize("kind", ChangeKind.values)
def test_every_kind_has_its_form(client, township_officer, home, kind):
    """Those about a person ask first which one; the one who left can be brought back."""
    gone = factories.member(home, datetime.date(1999, 1, 1), name="韦走")
    Member.objects.filter(pk=gone.pk).update(removed_on="2020-01-01", removed_reason="迁出")
    answer = page(client, township_officer, FORM, home.uuid, kind)
    assert answer.status_code == 200
    if "选哪一位" in words(answer):
        assert ("韦走" in words(answer)) == (kind == "return")
        person = gone if kind == "return" else one(home, "覃二")
        answer = page(client, township_officer, FORM, home.uuid, kind, member=person.pk)
    assert f"办理{ChangeKind(kind).label}" in words(answer)
    assert "变动日期" in words(answer)
    for member in home.members.all():
        assert member.id_number not in words(answer)


def test_household_page_leads_to_the_menu_for_those_who_may(client, township_officer, village_cadre, home):
    detail = "households:household-detail"
    assert reverse(MENU, args=[home.uuid]) in words(page(client, township_officer, detail, home.uuid))
    assert reverse(MENU, args=[home.uuid]) not in words(page(client, village_cadre, detail, home.uuid))
    assert page(client, village_cadre, MENU, home.uuid).status_code == 403


def test_birth_by_page_and_its_history(client, township_officer, home):
    number = factories.id_number(datetime.date(2020, 5, 20))
    answer = send(
        client,
        township_officer,
        home,
        "birth",
        name="韦小宝",
        id_number=number,
        relation="son",
        health="健康",
    )
    assert answer["Location"] == reverse("households:household-detail", args=[home.uuid])
    shown = words(client.get(answer["Location"]))
    assert "已办理出生" in shown and "韦小宝加入" in shown and "户口本已变更" in shown
    assert one(home, "韦小宝").health == "健康"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id_number": "459900202005200011"}, "校验位不符"),
        ({"id_number": ""}, "请填证件号码"),
        ({"name": ""}, "请填姓名"),
        ({"reason": ""}, "请写明原因"),
        ({"happened_on": "五月"}, "请按年-月-日填写"),
        ({"relation": "head"}, ""),
    ],
)
def test_birth_that_is_filled_in_wrongly_is_shown_again(client, township_officer, home, changed, message):
    data = {"name": "韦小宝", "id_number": factories.id_number(datetime.date(2020, 5, 20)), "relation": "son"}
    answer = send(client, township_officer, home, "birth", **(data | changed))
    assert answer.status_code == 422
    assert message in words(answer)
    assert home.members.count() == 2


def test_marriage_in_from_another_household_asks_once_more(client, township_officer, home):
    other = factories.household(members=2)
    bride = other.members.get(relation="other")
    data = {"name": bride.name, "id_number": bride.id_number, "relation": "daughter_in_law"}
    answer = send(client, township_officer, home, "marry_in", **data)
    assert answer.status_code == 422
    assert "同时从原来的户转出" in words(answer)
    assert 'type="checkbox" name="from_other"' in words(answer)
    assert send(client, township_officer, home, "marry_in", from_other="on", **data).status_code == 302
    assert one(home, bride.name).relation == "daughter_in_law"


def test_death_of_the_head_asks_for_the_new_one(client, township_officer, home):
    head, spouse = one(home, "韦大"), one(home, "覃二")
    assert "新户主" in words(page(client, township_officer, FORM, home.uuid, "death", member=head.pk))
    answer = send(client, township_officer, home, "death", head)
    assert answer.status_code == 422
    assert send(client, township_officer, home, "death", head, head=spouse.pk).status_code == 302
    assert Household.objects.get(pk=home.pk).head_name == "覃二"


def test_change_of_head_without_a_relation_names_who(client, township_officer, home):
    answer = send(client, township_officer, home, "head", head=one(home, "覃二").pk)
    assert answer.status_code == 422
    assert "请写明与新户主的关系：韦大" in words(answer)


def test_split_by_page_opens_the_new_household(client, township_officer, home):
    spouse = one(home, "覃二")
    answer = send(client, township_officer, home, "split", leaving=[spouse.pk], head=spouse.pk)
    made = Household.objects.get(head_name="覃二")
    assert answer["Location"] == reverse("households:household-detail", args=[made.uuid])


def test_merge_by_number_closes_and_the_list_leaves_it_out(client, township_officer, home):
    target = factories.household(names=["韦老"], number="T9")
    data = {f"relation_{one(home, '韦大').pk}": "son", f"relation_{one(home, '覃二').pk}": "daughter_in_law"}
    assert "找不到这户" in words(send(client, township_officer, home, "merge", target="T8", **data))
    answer = send(client, township_officer, home, "merge", target="T9", **data)
    assert answer["Location"] == reverse("households:household-detail", args=[target.uuid])
    listed = page(client, township_officer, "households:household-list").context["page"]
    assert [row.household.pk for row in listed] == [target.pk]
    listed = page(client, township_officer, "households:household-list", closed="on").context["page"]
    assert len(listed) == 2
    assert "注销" in words(page(client, township_officer, "households:household-detail", home.uuid))
    assert page(client, township_officer, FORM, home.uuid, "birth").status_code == 302


def test_merge_finds_nobody_of_another_area(client, township_officer, home):
    strange = factories.household(village=factories.OTHER_TOWNSHIP_VILLAGE, number="T7")
    data = {f"relation_{member.pk}": "other" for member in home.members.all()}
    for text in ("T7", strange.members.get().id_number):
        assert "找不到这户" in words(send(client, township_officer, home, "merge", target=text, **data))


def test_correction_by_page_keeps_what_is_left_blank(client, township_officer, home):
    spouse = one(home, "覃二")
    Member.objects.filter(pk=spouse.pk).update(education="primary")
    data = {"name": "覃贰", "relation": "spouse", "education": "junior", "health": ["长期慢性病", "残疾"]}
    assert send(client, township_officer, home, "member", spouse, **data).status_code == 302
    before = spouse.id_number
    spouse.refresh_from_db()
    assert (spouse.name, spouse.education, spouse.health, spouse.id_number) == (
        "覃贰",
        "junior",
        "长期慢性病,残疾",
        before,
    )
    shown = words(page(client, township_officer, "households:household-detail", home.uuid))
    assert "文化程度：小学 → 初中" in shown
    both = send(client, township_officer, home, "member", spouse, **(data | {"health": ["健康", "残疾"]}))
    assert "只留一种说法" in words(both)


def test_correction_of_the_household_by_page(client, township_officer, home):
    data = {"hamlet": "那朵屯", "housing_grade": "C", "water_secured": "false", "phone": "19900000001"}
    assert send(client, township_officer, home, "household", **data).status_code == 302
    now = Household.objects.get(pk=home.pk)
    assert (now.hamlet.name, now.housing_grade, now.water_secured, now.phone) == (
        "那朵屯",
        "C",
        False,
        "19900000001",
    )
    shown = words(page(client, township_officer, "households:household-detail", home.uuid))
    assert "自然屯：空 → 那朵屯" in shown and "户联系电话已变更" in shown
    assert "19900000001" not in shown


def test_another_areas_household_and_person_are_not_found(client, township_officer, home):
    strange = factories.household(village=factories.OTHER_TOWNSHIP_VILLAGE)
    assert page(client, township_officer, MENU, strange.uuid).status_code == 404
    assert send(client, township_officer, strange, "household", phone="19900000001").status_code == 404
    person = strange.members.get()
    assert send(client, township_officer, home, "death", person).status_code == 404
    assert not RegistryChange.objects.exists()


def test_list_shows_ones_own_area_and_exports_it(
    client, township_officer, office, home, django_capture_on_commit_callbacks
):
    strange = factories.household(village=factories.OTHER_TOWNSHIP_VILLAGE, names=["外镇户"])
    send(client, office, strange, "household", hamlet="外屯")
    send(client, township_officer, home, "household", hamlet="那朵屯")
    shown = words(page(client, township_officer, LIST))
    assert "韦大" in shown and "外镇户" not in shown
    assert "韦大" not in words(page(client, township_officer, LIST, kind="death"))
    client.force_login(township_officer)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("common:export-start", args=["registry-changes"]), {"filter": "kind=household"})
    job = Job.objects.order_by("-id").first()
    assert (job.state, job.result["rows"]) == ("done", 1)


def test_list_takes_as_many_queries_for_two_as_for_twenty(client, township_officer):
    def some(count):
        for number in range(count):
            send(client, township_officer, factories.household(), "household", hamlet=f"屯{number}")

    some(2)
    few = queries(client, township_officer, LIST)
    some(18)
    assert queries(client, township_officer, LIST) == few <= 24
