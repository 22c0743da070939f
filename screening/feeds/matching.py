"""Matching of a list's rows to the registry: by the keyed index of the ID; without one by name, birth month
and village or head, only where exactly one person fits. Where several persons fit, a row waits for the
office; no row is dropped."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from fangpin.common import database
from households.codelists import Relation
from screening import criteria
from screening.models import Feed, FeedRow, FeedState, Round, RowStatus

# One row of the stage that the file's own checks have passed.
STAGE = {
    "row_no": "int",
    "status": "text",
    "code": "text",
    "message": "text",
    "person_index": "uuid",
    "name": "text",
    "birth_month": "date",
    "next_month": "date",
    "birth_date": "date",
    "head_name": "text",
    "township": "text",
    "village_id": "text",
    "hamlet": "text",
    "on_date": "date",
    "until_date": "date",
    "amount": "int",
    "months": "int",
    "qualifies": "bool",
    "reason": "text",
    "word": "text",
    "data": "bytes",
}

MESSAGES = {
    "match_none": "本县户册中没有这个人，请核对证件号码；确为本县农户的请先补进户册。",
    "nobody": (
        "没有身份证号码，本县户册中也没有姓名和出生年月相同的人，请核对或补填身份证号码；"
        "确为本县农户的请先补进户册。"
    ),
    "match_many": "没有身份证号码，按姓名、出生年月和村（户主）找到多人，请补填身份证号码。",
    "name_differs": "证件号码比中，但姓名与户册不一致，请核对。",
    "match_near": "没有身份证号码，有姓名和出生年月相同但乡村或户主不同的人，请核对后补填身份证号码。",
    "place_or_head": "没有身份证号码，也没有可用的行政村或户主姓名，户册中有姓名和出生年月相同的人，"
    "请补填行政村（连同乡镇）或户主姓名，或补填身份证号码。",
    "head_many": "没有户主身份证号码，这个村（屯）有几户的户主都叫这个名字，请补填户主身份证号码。",
    "head_near": "没有户主身份证号码，这个村（屯）没有这样一位户主，但同村有同名的人，"
    "或同乡（镇）有同名的户主。"
    "请核对村、屯和户主姓名，或补填户主身份证号码。",
    "head_none": "没有户主身份证号码，户册中这个村也没有这个名字的户主，请核对姓名或补填户主身份证号码；"
    "确为本县农户的请先补进户册。",
    "not_then": (
        "户册中有这个人，但那一天不在本县任何一户，请核对日期；户册的加入、离开日期有误的，请先更正户册。"
    ),
    "namesake": "证件号码与户册中同名的人不一致，请核对；确为另一人的，请先补进户册。",
}

_COLUMNS = (
    "feed_id, row_no, status, code, message, person_index, member_id, household_id, division_id, hamlet, "
    "on_date, until_date, amount, months, qualifies, reason, word, data"
)
_CARRIED = (
    "COALESCE(s.hamlet, ''), s.on_date, s.until_date, s.amount, s.months, COALESCE(s.qualifies, FALSE), "
    "COALESCE(s.reason, ''), COALESCE(s.word, ''), s.data"
)


# Of one person's records the one that a row is matched with. Who joined when is not asked: in a registry that
# was brought in after the day everybody joined later.
_TODAY = "m.removed_on IS NULL"
_THAT_DAY = (
    "m.id = (SELECT d.id FROM households_member d WHERE d.id_index = {row}.person_index "
    "AND (d.removed_on IS NULL OR d.removed_on >= {row}.on_date) "
    "ORDER BY d.removed_on IS NULL, d.removed_on, d.id LIMIT 1)"
)


def by_day_kinds() -> list[str]:
    """Kinds whose rows are matched with who was a member on the row's day, removed since or not."""
    return [kind.code for kind in criteria.feed_kinds().values() if kind.identity.by_day]


def _when(feed: Feed, row: str) -> str:
    return _THAT_DAY.format(row=row) if feed.kind in by_day_kinds() else _TODAY


def _of_feed(feed: Feed, **messages: str) -> dict[str, Any]:
    """Parameters of the statements over one list; `messages` name the words that a statement writes."""
    return {
        "feed": feed.pk,
        "county": feed.round.county_id,
        "matched": RowStatus.MATCHED.value,
        "set_aside": RowStatus.SET_ASIDE.value,
        "head": Relation.HEAD.value,
        **{name: MESSAGES[message] for name, message in messages.items()},
    }


def insert_matched(feed: Feed, stage: str) -> None:
    """Rows of `stage` into FeedRow, matched on the way: one statement for those with an ID or a fault, one
    for those of them that found nobody, one for those that fall back on the name."""
    database.run(
        f"INSERT INTO screening_feedrow ({_COLUMNS}) "
        "SELECT %(feed)s, s.row_no, CASE WHEN s.status IS NOT NULL THEN s.status WHEN h.id IS NULL THEN "
        "%(set_aside)s ELSE %(matched)s END, "
        "CASE WHEN s.status IS NOT NULL THEN COALESCE(s.code, '') WHEN h.id IS NULL THEN 'match_none' "
        "WHEN m.name <> s.name THEN 'name_differs' ELSE '' END, "
        "CASE WHEN s.status IS NOT NULL THEN COALESCE(s.message, '') WHEN h.id IS NULL THEN %(none)s "
        "WHEN m.name <> s.name THEN %(name_differs)s ELSE '' END, s.person_index, "
        "CASE WHEN h.id IS NOT NULL AND s.status IS NULL THEN m.id END, CASE WHEN s.status IS NULL THEN "
        "h.id END, "
        f'COALESCE(h.village_id, s.village_id), {_CARRIED} FROM "{stage}" s '
        f"LEFT JOIN households_member m ON m.id_index = s.person_index AND {_when(feed, 's')} "
        "LEFT JOIN households_household h ON h.id = m.household_id AND h.county_id = %(county)s "
        "WHERE s.person_index IS NOT NULL OR s.status IS NOT NULL",
        _of_feed(feed, none="match_none", name_differs="name_differs"),
    )
    _mark_namesakes(feed, stage)
    if feed.kind in by_day_kinds():
        _mark_not_members_then(feed)
    _insert_by_name(feed, stage)


def _insert_by_name(feed: Feed, stage: str) -> None:
    """Rows without a number: matched where the name means one person, or one head of a household, alone."""
    is_place = criteria.feed_kinds()[feed.kind].identity.is_place
    fits, near = (_fitting_head, _near_head) if is_place else (_fitting_person, _near_person)
    messages = _MESSAGES_OF_HEADS if is_place else _MESSAGES_OF_PERSONS
    database.run(
        f"INSERT INTO screening_feedrow ({_COLUMNS}) "
        "SELECT %(feed)s, s.row_no, CASE WHEN f.fits = 1 THEN %(matched)s ELSE %(set_aside)s END, "
        "CASE WHEN f.fits = 1 THEN '' WHEN f.fits > 1 THEN 'match_many' WHEN near.fits > 0 THEN "
        "'match_near' ELSE 'match_none' END, "
        "CASE WHEN f.fits = 1 THEN '' WHEN f.fits > 1 THEN %(many)s WHEN near.fits IS NULL THEN %(nobody)s "
        "WHEN s.village_id IS NULL AND s.head_name IS NULL THEN %(no_place)s ELSE %(near)s END, NULL, "
        "CASE WHEN f.fits = 1 THEN f.member_id END, CASE WHEN f.fits = 1 THEN m.household_id END, "
        f'COALESCE(h.village_id, s.village_id), {_CARRIED} FROM "{stage}" s '
        f"LEFT JOIN ({_by_name(stage, fits)}) f ON f.n = s.n "
        f"LEFT JOIN ({_by_name(stage, near)}) near ON near.n = s.n "
        "LEFT JOIN households_member m ON m.id = f.member_id AND f.fits = 1 "
        "LEFT JOIN households_household h ON h.id = m.household_id "
        "WHERE s.person_index IS NULL AND s.status IS NULL",
        _of_feed(feed, **messages),
    )


# A row without a number: whom its name may mean, and who is near to that where nobody is.
_near_person = "AND m.birth_date >= s.birth_month AND m.birth_date < s.next_month"
_fitting_person = (
    f"{_near_person} "
    "AND (s.village_id IS NOT NULL OR s.head_name IS NOT NULL) "
    "AND (s.village_id IS NULL OR h.village_id = s.village_id) "
    "AND (s.township IS NULL OR substr(h.village_id, 1, 9) = s.township) "
    "AND (s.head_name IS NULL OR h.head_name = s.head_name)"
)
_fitting_head = (
    "AND m.relation = %(head)s AND h.village_id = s.village_id "
    "AND (s.hamlet IS NULL OR s.hamlet = (SELECT t.name FROM households_hamlet t WHERE t.id = h.hamlet_id))"
)
_near_head = (
    "AND (h.village_id = s.village_id OR m.relation = %(head)s AND substr(h.village_id, 1, 9) = s.township)"
)
_MESSAGES_OF_PERSONS = {
    "many": "match_many",
    "nobody": "nobody",
    "no_place": "place_or_head",
    "near": "match_near",
}
_MESSAGES_OF_HEADS = {
    "many": "head_many",
    "nobody": "head_none",
    "no_place": "head_near",
    "near": "head_near",
}


def _by_name(stage: str, whom: str) -> str:
    """SQL: rows without a number that have somebody, how many, and the one where there is one."""
    return (
        f'SELECT s.n, count(m.id) AS fits, min(m.id) AS member_id FROM "{stage}" s '
        "JOIN households_member m ON m.name = s.name AND m.removed_on IS NULL "
        "JOIN households_household h ON h.id = m.household_id AND h.county_id = %(county)s "
        f"WHERE s.person_index IS NULL AND s.status IS NULL {whom} GROUP BY s.n"
    )


def _mark_namesakes(feed: Feed, stage: str) -> None:
    """A number that nobody holds, where somebody of the county has the name of the row and one thing more in
    common with it. Starts from the few rows that found nobody: asked of every row it costs the import a
    tenth."""
    database.run(
        "UPDATE screening_feedrow SET code = 'match_near', message = %(namesake)s WHERE id IN ("
        f'SELECT r.id FROM screening_feedrow r JOIN "{stage}" s ON s.row_no = r.row_no '
        "JOIN households_member m ON m.name = s.name AND m.removed_on IS NULL AND m.id_index <> "
        "s.person_index "
        "JOIN households_household h ON h.id = m.household_id AND h.county_id = %(county)s "
        "WHERE r.feed_id = %(feed)s AND r.status = %(set_aside)s AND r.code = 'match_none' "
        "AND (m.birth_date = s.birth_date OR h.village_id = s.village_id OR h.head_name = s.head_name "
        "OR (s.village_id IS NULL AND substr(h.village_id, 1, 9) = s.township)))",
        _of_feed(feed, namesake="namesake"),
    )


def _mark_not_members_then(feed: Feed) -> None:
    """Who is in the registry, but was not on the row's day, gets words of his own."""
    database.run(
        "UPDATE screening_feedrow SET message = %(not_then)s WHERE feed_id = %(feed)s "
        "AND status = %(set_aside)s AND code = 'match_none' "
        "AND EXISTS (SELECT 1 FROM households_member m JOIN households_household h ON h.id = m.household_id "
        "WHERE m.id_index = screening_feedrow.person_index AND h.county_id = %(county)s)",
        _of_feed(feed, not_then="not_then"),
    )


def match_again(round: Round) -> int:
    """Rows that found nobody, tried again against the registry of today; returns how many were matched. Those
    of people who have gone to another household of the county since go with them."""
    kinds = {f"kind_{position}": kind for position, kind in enumerate(by_day_kinds())}
    by_day = ", ".join(f"%({name})s" for name in kinds)
    params = {
        "round": round.pk,
        "county": round.county_id,
        "accepted": FeedState.MATCHED.value,
        "matched": RowStatus.MATCHED.value,
        "set_aside": RowStatus.SET_ASIDE.value,
        **kinds,
    }
    database.run(
        "UPDATE screening_feedrow AS t SET member_id = m.id, household_id = m.household_id, division_id = "
        "h.village_id "
        "FROM households_member o JOIN households_member m ON m.id_index = o.id_index AND m.removed_on IS "
        "NULL "
        "JOIN households_household h ON h.id = m.household_id "
        "WHERE o.removed_on IS NOT NULL AND t.member_id = o.id AND t.status = %(matched)s "
        "AND h.county_id = %(county)s AND t.feed_id IN (SELECT id FROM screening_feed "
        f"WHERE round_id = %(round)s AND state = %(accepted)s AND kind NOT IN ({by_day}))",
        params,
    )
    matched = database.run(
        "UPDATE screening_feedrow AS t SET status = %(matched)s, code = '', message = '', member_id = m.id, "
        "household_id = m.household_id, division_id = h.village_id "
        "FROM households_member m JOIN households_household h ON h.id = m.household_id "
        "WHERE t.feed_id IN (SELECT id FROM screening_feed WHERE round_id = %(round)s "
        "AND state = %(accepted)s) "
        "AND t.status = %(set_aside)s AND t.code IN ('match_none', 'match_near') AND m.id_index = "
        "t.person_index "
        "AND CASE WHEN t.feed_id IN (SELECT id FROM screening_feed WHERE round_id = %(round)s AND kind IN "
        f"({by_day})) "
        f"THEN {_THAT_DAY.format(row='t')} ELSE {_TODAY} END AND h.county_id = %(county)s",
        params,
    )
    if matched:
        recount(Feed.objects.filter(round=round, state=FeedState.MATCHED))
    return matched


def recount(feeds: QuerySet[Feed]) -> None:
    """Counts on the feeds, from their rows."""
    feeds.update(**{f"rows_{status.value}": _count_of(status) for status in RowStatus})


def _count_of(status: RowStatus) -> Coalesce:
    rows = FeedRow.objects.filter(feed=OuterRef("pk"), status=status).order_by().values("feed")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
