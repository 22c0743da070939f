"""What each rule finds over its rows (Art. 7(1)), every edge once: rows are written as matching leaves them.

The quarter is 2020Q1, its window 2019-04-01 to 2020-03-31. One end-to-end case a rule is in `test_edges`.
"""

import datetime
from collections import defaultdict

import pytest

from fangpin.accounts.models import Department
from fangpin.policy.services import PolicySet
from households.models import Hamlet, Household, Member
from screening.criteria import feed_kinds, rules
from screening.models import Feed, FeedRow
from tests import factories

pytestmark = pytest.mark.django_db
D = datetime.date
POLICY = PolicySet.restore({})
IN, LAST, BEFORE, AFTER = D(2019, 4, 1), D(2020, 3, 31), D(2019, 3, 31), D(2020, 4, 1)
GROWN = D(1980, 5, 4)


class Lists:
    """Lists of one kind in a round, and households with their rows."""

    def __init__(self, round, kind: str, by):
        self.round, self.kind, self.by = round, kind, by
        self.feeds: dict[str, Feed] = {}
        self.numbers = defaultdict(int)

    def feed(self, state: str = "matched", *, kind: str = "", round=None, department: str = "") -> Feed:
        kind = kind or self.kind
        key = f"{state} {kind} {round} {department}"
        code = department or feed_kinds()[kind].departments[0]
        if key not in self.feeds:
            self.feeds[key] = Feed.objects.create(
                round=round or self.round,
                kind=kind,
                department=Department.objects.get(county_id=factories.COUNTY, code=code),
                state=state,
                file_name="a.xlsx",
                file_digest="x",
                by=self.by,
            )
        return self.feeds[key]

    def row(self, whose: Member | Household | None, *, feed: Feed | None = None, **fields) -> FeedRow:
        feed = feed or self.feed()
        self.numbers[feed.pk] += 1
        member = whose if isinstance(whose, Member) else None
        told = {
            "household_id": member.household_id if member else whose and whose.pk,
            "member": member,
            "row_no": self.numbers[feed.pk],
            "status": "matched",
            "qualifies": True,
            "on_date": D(2020, 1, 1),
            "amount": 0,
            "data": ["x"],
        }
        return FeedRow.objects.create(feed=feed, **told | fields)

    def somebody(self, birth: D = GROWN, **fields) -> Member:
        """The head of a household of his own."""
        home = factories.household(status="lifted", births=[birth])
        if fields:
            home.members.update(**fields)
        return home.members.get()

    def found(self, code: str) -> dict[int, int]:
        """Household → value."""
        return {home: value for home, value, _ in rules()[code].find(self.round, POLICY)}

    def told(self, code: str, home: int) -> list[dict]:
        """What the sentence is told of the rows of a household, without their list."""
        rows = next(rows for found, _, rows in rules()[code].find(self.round, POLICY) if found == home)
        assert {row.pop("feed") for row in rows} == {self.feed().pk}
        return sorted(rows, key=lambda row: row["row"])


@pytest.fixture
def lists(round_2020q1, office):
    return lambda kind: Lists(round_2020q1, kind, office)


def test_only_matched_rows_of_accepted_lists_of_the_round_and_kind_count(lists, county, office):
    """Of all rules alike: shown with the one over dangerous homes."""
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    own = lists("unsafe_housing")
    home = own.somebody()
    own.row(home)
    other = open_round(county, Quarter(2020, 2), by=office)
    for feed in (
        own.feed("checked"),
        own.feed("superseded"),
        own.feed(kind="untreated_illness"),
        own.feed(round=other),
    ):
        own.row(own.somebody(), feed=feed)
    for status in ("set_aside", "refused"):
        own.row(own.somebody(), status=status)
    assert own.found("housing.unsafe/unsafe_housing") == {home.household_id: 1}


def test_dropouts(lists):
    """Art. 7(1)1."""
    code, own = "education.dropout/school_dropout", lists("school_dropout")
    youngest, oldest = own.somebody(D(2014, 3, 31)), own.somebody(D(2004, 4, 1))
    for child in (own.somebody(D(2014, 4, 1)), own.somebody(D(2004, 3, 31)), youngest, oldest):
        own.row(child, word="因贫", reason="未返校")
    own.row(own.somebody(D(2010, 1, 1)), word="厌学")
    own.row(own.somebody(D(2010, 1, 1)), word="因贫", qualifies=False)
    two = factories.household(status="lifted", births=[D(2010, 4, 1), D(2010, 3, 31)])
    for child in two.members.order_by("pk"):
        own.row(child, word="家庭困难", reason="劝返中")
    assert own.found(code) == {youngest.household_id: 6, oldest.household_id: 15, two.pk: 10}
    assert own.told(code, two.pk) == [
        {"row": 7, "age": 9, "word": "家庭困难", "state": "劝返中"},
        {"row": 8, "age": 10, "word": "家庭困难", "state": "劝返中"},
    ]


@pytest.mark.parametrize(
    ("code", "threshold", "told"),
    [
        ("education.hardship/student_hardship", 8000_00, {"amount": 3000_00, "word": "初中"}),
        ("medical.out_of_pocket/medical_settlement", 20000_00, {"amount": 3000_00}),
        ("livelihood.production_loss/disaster_loss", 10000_00, {"word": "初中"}),
        ("other.rigid_expense/rigid_expense", 15000_00, {"word": "初中"}),
    ],
)
def test_sums_that_reach_the_standard(lists, code, threshold, told):
    """Art. 7(1)1, 2, 5 and 6: the sum of a household's rows, 以上 includes the figure itself."""
    own = lists(code.split("/")[1])
    at, above, below, two = (own.somebody() for _ in range(4))
    own.row(at, amount=threshold)
    own.row(above, amount=threshold + 1)
    own.row(below, amount=threshold - 1)
    own.row(two, amount=threshold - 3000_00, word="小学")
    own.row(two, amount=3000_00, word="初中")
    assert own.found(code) == {
        at.household_id: threshold,
        above.household_id: threshold + 1,
        two.household_id: threshold,
    }
    assert own.told(code, two.household_id)[1] == {"row": 5} | told


@pytest.mark.parametrize(
    ("code", "has_window", "has_condition"),
    [
        ("education.hardship/student_hardship", False, True),
        ("medical.out_of_pocket/medical_settlement", True, True),
        ("livelihood.production_loss/disaster_loss", True, False),
        ("other.rigid_expense/rigid_expense", True, True),
        ("medical.untreated/untreated_illness", False, True),
        ("housing.unsafe/unsafe_housing", False, True),
        ("other.labour_loss/disability", True, True),
        ("other.labour_loss/traffic_accident", True, True),
    ],
)
def test_window_and_condition_of_a_row(lists, code, has_window, has_condition):
    """Both ends of the window are in; whether a row qualifies was settled at reading."""
    own = lists(code.split("/")[1])
    told = {"amount": 10**9, "word": "经济困难"}
    inside = [own.somebody() for _ in range(2)]
    outside = [own.somebody() for _ in range(2)]
    for person, day in zip(inside + outside, (IN, LAST, BEFORE, AFTER), strict=True):
        own.row(person, on_date=day, **told)
    unfit = own.somebody()
    own.row(unfit, qualifies=False, **told)
    expected = {person.household_id for person in inside}
    expected |= set() if has_window else {person.household_id for person in outside}
    expected |= set() if has_condition else {unfit.household_id}
    assert set(own.found(code)) == expected


def test_untreated_for_want_of_money(lists):
    """Art. 7(1)2."""
    code, own = "medical.untreated/untreated_illness", lists("untreated_illness")
    ill = own.somebody()
    own.row(ill, word="经济困难", reason="大病，未救治")
    own.row(ill, word="无力承担", reason="重病，间断救治")
    own.row(own.somebody(), word="怕疼", reason="大病，未救治")
    own.row(own.somebody(), word="", reason="大病，未救治")
    assert own.found(code) == {ill.household_id: 2}
    assert own.told(code, ill.household_id) == [
        {"row": 1, "word": "经济困难", "state": "大病，未救治"},
        {"row": 2, "word": "无力承担", "state": "重病，间断救治"},
    ]


def test_dangerous_homes(lists):
    """Art. 7(1)3."""
    code, own = "housing.unsafe/unsafe_housing", lists("unsafe_housing")
    home = own.somebody()
    own.row(home, word="C 级")
    own.row(home, word="D 级")
    assert own.found(code) == {home.household_id: 2}
    assert own.told(code, home.household_id) == [{"row": 1, "word": "C 级"}, {"row": 2, "word": "D 级"}]


# --- water (Art. 7(1)4) ------------------------------------------------------------------------------------


@pytest.fixture
def village(lists):
    """Two households of a hamlet, one of another, one of none, one without members; a sister village."""
    own = lists("water_shortage")
    first = Hamlet.objects.create(village_id=factories.VILLAGE, name="那朵屯")
    second = Hamlet.objects.create(village_id=factories.VILLAGE, name="上屯")
    same = Hamlet.objects.create(village_id=factories.SISTER_VILLAGE, name="那朵屯")
    own.homes = [
        factories.household(hamlet=first),
        factories.household(hamlet=first),
        factories.household(hamlet=second),
        factories.household(),
        factories.household(hamlet=first),
        factories.household(village=factories.SISTER_VILLAGE, hamlet=same),
    ]
    Household.objects.filter(pk=own.homes[4].pk).update(size=0)
    own.homes[4].refresh_from_db()
    return own


WATER = "water.unsafe/water_shortage"


@pytest.mark.parametrize(
    ("hamlet", "reached"), [("那朵屯", [0, 1]), ("", [0, 1, 2, 3]), ("上屯", [2]), ("没有这个屯", [])]
)
def test_water_of_a_place_is_that_of_all_who_live_there(village, hamlet, reached):
    row = village.row(None, division_id=factories.VILLAGE, hamlet=hamlet, word="水源污染")
    assert village.found(WATER) == {village.homes[n].pk: 1 for n in reached}
    about = [rules()[WATER].rows_of(home, FeedRow.objects.all()).exists() for home in village.homes]
    assert [n for n, is_about in enumerate(about) if is_about] == reached
    if reached:
        assert village.told(WATER, village.homes[reached[0]].pk) == [
            {
                "row": row.row_no,
                "word": "水源污染",
                "day": "2020-01-01",
                "named": None,
                "hamlet": hamlet,
            }
        ]


def test_water_of_a_household_is_its_own(village):
    home, empty = village.homes[0], village.homes[4]
    for whose in (home, empty):
        village.row(whose, division_id=factories.VILLAGE, hamlet="那朵屯", word="水源污染")
    village.row(home, division_id=factories.VILLAGE, hamlet="那朵屯", word="x", qualifies=False)
    assert village.found(WATER) == {home.pk: 1, empty.pk: 1}
    assert village.told(WATER, home.pk)[0]["named"] == home.pk
    for each, count in zip(village.homes, (2, 0, 0, 0, 1, 0), strict=True):
        assert rules()[WATER].rows_of(each, FeedRow.objects.all()).count() == count


def test_water_of_its_place_and_its_own_are_told_together(village):
    home = village.homes[0]
    village.row(home, division_id=factories.VILLAGE, hamlet="那朵屯", word="水源污染")
    village.row(None, division_id=factories.VILLAGE, hamlet="", word="设施受损")
    village.row(None, division_id=factories.VILLAGE, hamlet="", word="x", qualifies=False)
    assert village.found(WATER) == {each.pk: 1 for each in village.homes[:4]} | {home.pk: 2}


# --- out of work (Art. 7(1)5) -------------------------------------------------------------------------------

WORK = "livelihood.unstable_employment/job_loss"


def test_months_of_all_the_household(lists):
    own = lists("job_loss")
    at, below, alone = (factories.household(status="lifted", births=[GROWN] * size) for size in (3, 3, 1))
    for home, months in ((at, 4), (below, 3)):
        one, two, three = home.members.order_by("pk")
        Member.objects.filter(pk=one.pk).update(work_months=9)  # what the list says stands in its place
        Member.objects.filter(pk=two.pk).update(work_months=2)
        Member.objects.filter(pk=three.pk).update(work_months=None)
        factories.member(home, GROWN, name="走了", work_months=12, removed_on=D(2020, 1, 1))
        own.row(one, months=months, word="失业")
    own.row(alone.members.get(), months=5, word="返乡")
    assert own.found(WORK) == {below.pk: 5, alone.pk: 5}
    assert own.told(WORK, alone.pk) == [{"row": 3, "word": "返乡"}]


def test_months_of_the_list_stand_in_place_of_each_ones(lists):
    own = lists("job_loss")
    home = factories.household(status="lifted", births=[GROWN] * 3)
    home.members.update(work_months=6)
    one, two, three = home.members.order_by("pk")
    own.row(one, months=1, word="失业")
    own.row(two, months=2, word="返乡")
    own.row(three, months=2, word="在岗", qualifies=False)
    assert own.found(WORK) == {home.pk: 5}
    assert own.told(WORK, home.pk) == [{"row": 1, "word": "失业"}, {"row": 2, "word": "返乡"}]


@pytest.mark.parametrize(
    ("birth", "fields", "is_labour"),
    [
        (D(2004, 3, 31), {}, True),
        (D(2004, 4, 1), {}, False),
        (D(1960, 4, 1), {}, True),
        (D(1960, 3, 31), {}, False),
        (GROWN, {"student": "preschool_age"}, True),
        (GROWN, {"student": "master"}, False),
        (GROWN, {"labour": "weak"}, True),
        (GROWN, {"labour": "lost"}, False),
        (GROWN, {"labour": "none"}, False),
    ],
)
def test_who_can_work(lists, birth, fields, is_labour):
    own = lists("job_loss")
    person = own.somebody(birth, **fields)
    own.row(person, months=0, word="失业")
    assert own.found(WORK) == ({person.household_id: 0} if is_labour else {})


def test_who_is_at_work_is_not_out_of_work(lists):
    own = lists("job_loss")
    own.row(own.somebody(), months=0, word="在岗", qualifies=False)
    assert own.found(WORK) == {}


def test_latest_row_of_a_person_counts(lists):
    """The later day, then the row further down, then the later list; older ones are as if they weren't."""
    own = lists("job_loss")
    later_day, further_down, later_list, at_work = (own.somebody() for _ in range(4))
    own.row(later_day, months=1, word="失业", on_date=D(2020, 2, 1))
    own.row(later_day, months=9, word="返乡", on_date=D(2020, 1, 1))
    own.row(further_down, months=9, word="失业")
    own.row(further_down, months=2, word="返乡")
    own.row(at_work, months=0, word="失业")
    own.row(at_work, months=0, word="在岗", qualifies=False)
    first, second = own.feed(), own.feed("matched", department="civil")
    for feed, months in ((first, 9), (second, 3)):
        own.row(later_list, feed=feed, row_no=99, months=months, word="失业")
    assert own.found(WORK) == {
        later_day.household_id: 1,
        further_down.household_id: 2,
        later_list.household_id: 3,
    }
    assert own.told(WORK, further_down.household_id) == [{"row": 4, "word": "返乡"}]


def test_who_left_or_lives_elsewhere_now_does_not_count(lists):
    own = lists("job_loss")
    left, moved = own.somebody(removed_on=D(2020, 2, 1)), own.somebody()
    own.row(left, months=0, word="失业")
    own.row(moved, months=0, word="失业", household_id=left.household_id)
    assert own.found(WORK) == {}


# --- lost labour (Art. 7(1)6) -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["other.labour_loss/disability", "other.labour_loss/traffic_accident"])
def test_who_was_in_school_was_no_labour(lists, code):
    own = lists(code.split("/")[1])
    labour = [own.somebody(student=student) for student in ("", "preschool_age")]
    for person in (*labour, own.somebody(student="master")):
        own.row(person, word="致残")
    assert own.found(code) == {person.household_id: 1 for person in labour}


def test_disabled_of_working_age_on_the_rounds_last_day(lists):
    code, own = "other.labour_loss/disability", lists("disability")
    youngest, oldest = own.somebody(D(2004, 3, 31)), own.somebody(D(1960, 4, 1))
    for person in (own.somebody(D(2004, 4, 1)), own.somebody(D(1960, 3, 31)), youngest, oldest):
        own.row(person, word="肢体残疾一级")
    own.row(oldest, word="视力残疾二级", on_date=LAST)
    assert own.found(code) == {youngest.household_id: 1, oldest.household_id: 2}
    assert own.told(code, oldest.household_id) == [
        {"row": 4, "age": 59, "word": "肢体残疾一级", "on": "2020-01-01"},
        {"row": 5, "age": 59, "word": "视力残疾二级", "on": "2020-03-31"},
    ]


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        (D(2004, 1, 1), 16),
        (D(2004, 1, 2), None),
        (D(2003, 12, 31), 16),
        (D(1960, 1, 2), 59),
        (D(1960, 1, 1), None),
        (D(1960, 2, 1), 59),
        (D(1990, 12, 31), 29),
        (D(1990, 1, 1), 30),
    ],
)
def test_hurt_at_working_age_on_the_day_of_the_accident(lists, birth, age):
    code, own = "other.labour_loss/traffic_accident", lists("traffic_accident")
    person = own.somebody(birth)
    own.row(person, word="致亡")
    assert own.found(code) == ({person.household_id: 1} if age else {})
    if age:
        assert own.told(code, person.household_id) == [
            {"row": 1, "age": age, "word": "致亡", "on": "2020-01-01"}
        ]


def test_accidents_of_who_lived_elsewhere_then_are_told_of(lists):
    """`rows_of`: those of the household and those of a member of today, matched with his older record."""
    code, own = "other.labour_loss/traffic_accident", lists("traffic_accident")
    then, now, other = own.somebody(removed_on=D(2020, 2, 1)), own.somebody(), own.somebody()
    Member.objects.filter(pk=now.pk).update(id_index=then.id_index)
    own.row(then, word="致残")
    about = [
        rules()[code].rows_of(person.household, FeedRow.objects.all()).count()
        for person in (then, now, other)
    ]
    assert about == [1, 1, 0]
    Member.objects.filter(pk=now.pk).update(removed_on=D(2020, 3, 1))
    assert not rules()[code].rows_of(now.household, FeedRow.objects.all()).exists()
