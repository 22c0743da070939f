"""代录: the paper sheets of a hamlet typed in one after another, both names kept."""

import re
import uuid

import pytest
from django.urls import reverse

from households.models import Hamlet, Household
from screening.field import entries as field
from screening.models import FieldEntry, Lead
from tests import factories
from tests.screening.field.doors import payload
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def hamlet(db):
    return Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯", head_name="韦大山")


@pytest.fixture
def homes(round_2020q1, hamlet):
    """Three households in the order of their sheets."""
    for name in ("覃明德", "蒙桂兰", "韦小妹"):
        factories.household(names=[name], hamlet=hamlet)
    return list(Household.objects.filter(hamlet=hamlet).order_by("head_name", "pk"))


@pytest.fixture
def address(round_2020q1, hamlet):
    return reverse("screening:field-typing", args=[round_2020q1.uuid, hamlet.pk])


@pytest.fixture
def clerk(client, village_cadre):
    client.force_login(village_cadre)
    return client


def sheet(home, **fields) -> dict:
    """What a browser sends of a sheet where nothing was found."""
    return {
        "uuid": str(uuid.uuid4()),
        "household": str(home.uuid),
        "way": "phone",
        "visited_on": "2020-03-11",
        "visitors": "农振宇",
        "hamlet_head": "韦大山",
        "spoken_with": home.head_name,
        "source": "cadre",
        "words": "",
        "nothing_found": "on",
    } | fields


def chosen(response) -> str:
    """The household whose sheet the page asks for."""
    return re.search(r"<h2>第 (\d+ 张 \S+)</h2>", pages.words(response)).group(1)


def damaged(**fields) -> dict:
    return {
        "nothing_found": "",
        "q-housing": "yes",
        "o-housing.damaged": "on",
        "o-housing.damaged-how": "disaster",
        "o-housing.damaged-bear": "cannot",
    } | fields


# ---- One sheet ----
def test_both_names_are_kept(clerk, homes, address, village_cadre):
    answer = clerk.post(address, sheet(homes[0]))
    entry = FieldEntry.objects.get()
    assert (entry.visitors, entry.by, entry.typed_for_others) == ("农振宇", village_cadre, True)
    assert (entry.household, entry.nothing_found) == (homes[0], True)
    assert "入户人 农振宇，录入人 蓝支书" in pages.words(clerk.get(answer["Location"]))


def test_visitors_are_not_proposed(clerk, homes, address):
    words = pages.words(clerk.get(address))
    assert not re.search(r'name="visitors" value=', words)
    assert not re.search(r'name="visited_on" value=', words)


def test_what_was_found_raises_its_lead(clerk, homes, address):
    clerk.post(address, sheet(homes[0], **damaged()))
    assert Lead.objects.get().subcriterion == "housing.unsafe"


def test_same_form_sent_twice_counts_once(clerk, homes, address):
    sent = sheet(homes[0])
    first, again = clerk.post(address, sent), clerk.post(address, sent)
    assert first["Location"] == again["Location"]
    assert FieldEntry.objects.count() == 1
    assert "没有重复记" in pages.words(clerk.get(again["Location"]))


def test_changed_content_under_the_same_number_is_a_conflict(clerk, homes, address):
    sent = sheet(homes[0])
    clerk.post(address, sent)
    answer = clerk.post(address, sent | {"words": "改过"})
    assert answer.status_code == 409
    assert "改过" in pages.words(answer)
    assert FieldEntry.objects.get().words == ""


# ---- One after another ----
def test_next_household_comes_by_itself_with_who_was_there(clerk, homes, address):
    assert chosen(clerk.get(address)) == f"1 张 {homes[0].head_name}"
    answer = clerk.post(address, sheet(homes[0]))
    assert answer["Location"] == f"{address}?n=2"
    following = clerk.get(answer["Location"])
    assert chosen(following) == f"2 张 {homes[1].head_name}"
    words = pages.words(following)
    assert 'name="visitors" value="农振宇"' in words
    assert 'name="visited_on" value="2020-03-11"' in words
    assert re.search(r'value="phone"[^>]* checked', words)
    assert "3 户，已录 1 户" in words


def test_who_was_there_is_kept_for_the_hamlet_alone(clerk, homes, address, round_2020q1):
    clerk.post(address, sheet(homes[0]))
    other = Hamlet.objects.create(village_id=factories.VILLAGE, name="那布屯")
    factories.household(hamlet=other)
    words = pages.words(clerk.get(reverse("screening:field-typing", args=[round_2020q1.uuid, other.pk])))
    assert 'value="农振宇"' not in words


def test_household_is_chosen_by_its_number(clerk, homes, address):
    assert chosen(clerk.get(address, {"n": "3"})) == f"3 张 {homes[2].head_name}"


@pytest.mark.parametrize("number", ["4", "0", "x"])
def test_number_that_is_none_is_told(clerk, homes, address, number):
    answer = clerk.get(address, {"n": number})
    assert "只有第 1 到第 3 张" in pages.words(answer)
    assert chosen(answer) == f"1 张 {homes[0].head_name}"


def test_passed_over_sheet_comes_last(clerk, homes, address):
    clerk.post(address, sheet(homes[1]))
    answer = clerk.post(address, sheet(homes[2]))
    assert answer["Location"] == f"{address}?n=1"


def test_after_the_last_household_comes_the_sign_off(clerk, homes, address, round_2020q1, hamlet):
    for home in homes:
        answer = clerk.post(address, sheet(home))
    assert answer["Location"] == address
    words = pages.words(clerk.get(address))
    assert "3 户都录完了" in words
    end = words.split("3 户都录完了")[1]
    assert reverse("screening:hamlet-sign-off", args=[round_2020q1.uuid, hamlet.pk]) in end.split("</div>")[0]


def test_second_entry_of_a_household_is_warned_of(clerk, homes, address):
    clerk.post(address, sheet(homes[0]))
    assert "这户本季度已有记录" in pages.words(clerk.get(address, {"n": "1"}))


def test_hamlet_without_households_says_so(clerk, homes, address):
    Household.objects.update(hamlet=None)
    assert "户册里没有这个屯的户" in pages.words(clerk.get(address))


# ---- Paper and page ----
def test_numbers_and_letters_are_those_of_the_printed_sheets(clerk, homes, address, round_2020q1, hamlet):
    paper = pages.words(clerk.get(reverse("screening:door-sheets", args=[round_2020q1.uuid, hamlet.pk])))
    printed = re.findall(r"第 (\d+) 张.*?户主：(\S+?)（", paper, re.S)
    shown = pages.words(clerk.get(address))
    assert printed == re.findall(r'<span class="num">(\d+)</span>([^<]+)', shown)
    letters = re.findall(r"□ ([A-Z]) ([^　<]+)", paper.split("</article>")[0])
    assert letters == re.findall(r"<kbd>([A-Z])</kbd>([^<]+)</label>", shown)
    assert ("B", "一直没报过名（不是中途不读）") in letters


# ---- What is wrong ----
def test_fault_is_told_at_its_question_and_nothing_is_lost(clerk, homes, address):
    answer = clerk.post(
        address, sheet(homes[1], **damaged(**{"o-housing.damaged-bear": "", "words": "漏雨"}))
    )
    assert answer.status_code == 422
    words = pages.words(answer)
    question = words.split('id="q-housing"')[1].split('id="q-water"')[0]
    assert "请选家里自己扛得住吗" in question
    assert words.count("请选家里自己扛得住吗") == 1
    assert chosen(answer) == f"2 张 {homes[1].head_name}"
    assert "漏雨" in words
    assert 'id="o-housing.damaged" checked' in words
    assert not FieldEntry.objects.exists()


def test_missing_visitors_are_told_at_the_field(clerk, homes, address):
    answer = clerk.post(address, sheet(homes[0], visitors="", **damaged()))
    assert answer.status_code == 422
    assert 'id="id_visitors_error"' in pages.words(answer)
    assert 'id="o-housing.damaged" checked' in pages.words(answer)


def test_amount_that_is_none_is_told_at_its_question(clerk, homes, address):
    answer = clerk.post(
        address,
        sheet(
            homes[0],
            **{
                "nothing_found": "",
                "q-other": "yes",
                "o-other.expense": "on",
                "o-other.expense-amount": "很多",
                "o-other.expense-bear": "cannot",
            },
        ),
    )
    assert answer.status_code == 422
    assert "花了大约" in pages.words(answer).split('id="q-other"')[1]


@pytest.mark.parametrize("key", ["", "x", "00000000-0000-4000-8000-00000000abcd"])
def test_household_that_is_none_is_not_found(clerk, homes, address, key):
    assert clerk.post(address, sheet(homes[0], household=key)).status_code == 404


def test_household_that_left_the_hamlet_meanwhile_is_still_taken(clerk, homes, address):
    Household.objects.filter(pk=homes[1].pk).update(hamlet=None)
    answer = clerk.post(address, sheet(homes[1]))
    assert answer["Location"] == f"{address}?n=1"
    assert FieldEntry.objects.get().household == homes[1]


# ---- Whose ----
def test_hamlet_of_another_village_is_not_found(clerk, round_2020q1):
    other = Hamlet.objects.create(village_id=factories.SISTER_VILLAGE, name="那坝屯")
    home = factories.household(village=factories.SISTER_VILLAGE, hamlet=other)
    address = reverse("screening:field-typing", args=[round_2020q1.uuid, other.pk])
    assert clerk.get(address).status_code == 404
    assert clerk.post(address, sheet(home)).status_code == 404
    assert not FieldEntry.objects.exists()


def test_household_of_another_village_is_not_found(clerk, homes, address):
    other = factories.household(village=factories.SISTER_VILLAGE)
    assert clerk.post(address, sheet(other)).status_code == 404
    assert not FieldEntry.objects.exists()


def test_township_does_not_type(client, homes, address, township_officer):
    client.force_login(township_officer)
    assert client.get(address).status_code == 403


def test_page_is_offered_to_the_village_alone(
    client, homes, address, round_2020q1, hamlet, village_cadre, office
):
    for name in ("hamlet-sheet", "door-sheets"):
        where = (f"screening:{name}", round_2020q1.uuid, hamlet.pk)
        assert address in pages.words(pages.page(client, village_cadre, *where))
        assert address not in pages.words(pages.page(client, office, *where))
    village = ("screening:field-village", round_2020q1.uuid, factories.VILLAGE)
    assert address in pages.words(pages.page(client, village_cadre, *village))


def test_page_costs_the_same_for_many_households(client, homes, round_2020q1, village_cadre, hamlet):
    where = ("screening:field-typing", round_2020q1.uuid, hamlet.pk)
    few = pages.queries(client, village_cadre, *where)
    for _ in range(6):
        home = factories.household(hamlet=hamlet)
        field.receive_entry(payload(round_2020q1, home, "water.dirty"), by=village_cadre)
    assert pages.queries(client, village_cadre, *where) == few <= 22
