"""Social assistance: by the newest accepted list, with the household, in scope."""

import datetime

import pytest

from fangpin.accounts.roles import Role
from households.models import Household
from screening.feeds import assistance
from screening.models import Lead
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import books, factories
from tests.screening.rounds import pages

DAY = datetime.date


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def home(db) -> Household:
    return factories.household(status="lifted", number="H", names=["韦秀英", "韦小明"], members=2)


@pytest.fixture
def head(home):
    return home.members.get(relation="head")


def shown(client, user, home) -> str:
    return pages.words(pages.page(client, user, "households:household-detail", home.uuid))


def kinds(rows) -> list[str]:
    return list(rows.order_by("row_no").values_list("word", flat=True))


def test_panel_shows_what_is_received(client, desk, office, home, head):
    son = home.members.exclude(pk=head.pk).get()
    desk.feed("assistance", books.assistance(head), books.assistance(son, "临时救助", "2020-02-10", "2000.5"))
    words = shown(client, office, home)
    expected = "低保 2019年7月1日 350.00 临时救助 2020年2月10日 2,000.50 韦小明 社会救助待遇"
    for part in [*expected.split(), "2 项"]:
        assert part in words
    assert "2020 年第一季度名单" in words


def test_panel_of_a_household_that_receives_nothing(client, desk, office, home, head):
    assert "民政局还没有报送社会救助待遇名单" in shown(client, office, home)
    desk.feed("assistance", books.assistance(factories.household().members.get()))
    assert "2020 年第一季度名单中没有这户的人" in shown(client, office, home)


def test_panel_reaches_the_village_and_no_further(client, desk, village_cadre, home, head):
    """A cadre, who sees no list of a department, sees what his own households receive."""
    away = factories.household(village=factories.SISTER_VILLAGE)
    desk.feed("assistance", books.assistance(head), books.assistance(away.members.get(), "特困"))
    words = shown(client, village_cadre, home)
    assert "低保" in words
    assert "特困</td>" not in words
    assert pages.page(client, village_cadre, "households:household-detail", away.uuid).status_code == 404


def test_panel_costs_the_same_for_many_rows(client, desk, office, home, head):
    desk.feed("assistance", books.assistance(head))
    few = pages.queries(client, office, "households:household-detail", home.uuid)
    rows = [
        books.assistance(who, kind) for who in home.members.all() for kind in ("低保", "特困", "临时救助")
    ]
    desk.feed("assistance", *rows)
    assert pages.queries(client, office, "households:household-detail", home.uuid) == few


@pytest.mark.parametrize(
    ("on", "is_receiving"), [(DAY(2019, 6, 30), False), (DAY(2019, 7, 1), True), (DAY(2019, 7, 2), True)]
)
def test_receiving_begins_on_its_first_day(desk, home, head, on, is_receiving):
    desk.feed("assistance", books.assistance(head, since="2019-07-01"))
    assert assistance.receiving(Household.objects.all(), on).exists() is is_receiving


def test_receiving_by_the_newest_accepted_list(desk, office, county, home, head):
    for quarter in (2, 3):
        open_round(county, Quarter(2020, quarter), by=office)
    everybody, today = Household.objects.all(), DAY(2020, 10, 1)
    desk.feed("assistance", books.assistance(head, "低保"), quarter="2020Q2")
    assert kinds(assistance.receiving(everybody, today)) == ["低保"]
    desk.feed("assistance", books.assistance(head, "临时救助"), quarter="2020Q1")
    assert kinds(assistance.receiving(everybody, today)) == ["低保"]
    desk.feed("assistance", books.assistance(head, "特困"), quarter="2020Q3")
    assert kinds(assistance.receiving(everybody, today)) == ["特困"]
    desk.feed("assistance", quarter="2020Q3")  # nobody receives anything any more
    assert kinds(assistance.receiving(everybody, today)) == []


def test_receiving_of_the_households_asked_for_alone(desk, home, head):
    other = factories.household()
    desk.feed("assistance", books.assistance(head), books.assistance(other.members.get(), "特困"))
    assert kinds(assistance.receiving([other.pk], DAY(2020, 7, 1))) == ["特困"]
    assert kinds(assistance.receiving(Household.objects.filter(number="H"), DAY(2020, 7, 1))) == ["低保"]


def test_receiving_leaves_out_a_list_that_was_not_accepted(office, round_2020q1, home, head):
    content = books.plain(books.FEEDS["assistance"], [books.assistance(head)])
    pages.check(round_2020q1, office, content, "assistance")
    assert not assistance.receiving(Household.objects.all(), DAY(2020, 7, 1)).exists()


def test_pages_cope_with_a_list_without_a_rule(client, desk, office, round_2020q1, head):
    civil = factories.user("dept-civil", Role.DEPARTMENT, factories.COUNTY, "civil")
    for user in (office, civil):
        words = pages.words(pages.page(client, user, "screening:feed-list"))
        assert "社会救助待遇名单" in words
    desk.feed("assistance", books.assistance(head), by="dept-civil")
    desk.sweep()
    assert not Lead.objects.exists()
    assert "社会救助待遇名单" in pages.words(
        pages.page(client, office, "screening:round-detail", round_2020q1.uuid)
    )
    feed = round_2020q1.feeds.get()
    detail = pages.words(pages.page(client, civil, "screening:feed-detail", feed.uuid))
    assert ">assistance<" not in detail
