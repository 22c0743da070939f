"""Lists of every kind straight into the table of rows: set-based, the same each time, figures around the
thresholds.

300,000 rows over all lists in a county of 120,000 households, and in step with the households elsewhere. What
an upload costs is measured apart; here only what the rules read matters.
"""

import uuid
from dataclasses import dataclass, replace

from django.db import connection
from django.utils import timezone

from bench import county
from fangpin.accounts.models import Department
from screening import criteria
from screening.models import Feed, Round

ROWS, HOUSEHOLDS = 300_000, 120_000
_HEAD = "m.relation = 'head'"
_WORKING_AGE = "m.birth_date BETWEEN DATE '1960-06-01' AND DATE '2003-06-01'"
_DAY = "%(last)s::date - x.a::int * 9 / 20"  # over 450 days: a fifth lies before the window
_NONE = "NULL"


@dataclass(frozen=True)
class Maker:
    """`a`, `b`, `c` are numbers of 0 to 999 drawn for each row; `share` of all rows are of this kind."""

    share: float
    who: str = "TRUE"
    times: int = 1  # rows a person
    day: str = _DAY
    amount: str = _NONE  # fen
    months: str = _NONE
    qualifies: str = "TRUE"
    word: str = "''"


def _one_of(*words: str) -> str:
    return f"(ARRAY[{', '.join(repr(word) for word in words)}])[1 + x.c %% {len(words)}]"


MAKERS = {
    "school_dropout": Maker(
        0.02,
        "m.birth_date BETWEEN DATE '2003-01-01' AND DATE '2015-01-01'",
        qualifies="x.b < 700",
        word=_one_of("因贫", "家庭困难", "厌学", "残疾"),
    ),
    "student_hardship": Maker(
        0.07,
        "m.birth_date BETWEEN DATE '1997-01-01' AND DATE '2007-01-01'",
        day=_NONE,
        amount="200000 + x.b * 1000",
        qualifies="x.c < 800",
        word="'本科'",
    ),
    "medical_settlement": Maker(
        0.4,
        times=3,
        amount="(power(10, 3.5 + x.b / 333.0) * CASE WHEN x.c < 10 THEN -1 ELSE 1 END)::bigint",
        qualifies="x.c < 900",
    ),
    "untreated_illness": Maker(
        0.07, qualifies="x.b < 300", word=_one_of("经济困难", "无力承担", "其他", "不愿治疗")
    ),
    "unsafe_housing": Maker(0.05, _HEAD, qualifies="x.b < 150", word="'D 级，自然灾害，未改造'"),
    "water_shortage": Maker(0.01, _HEAD, qualifies="x.b < 500", word="'设施受损'"),
    "disaster_loss": Maker(
        0.1, _HEAD, times=2, amount="x.b * 1500 - 100000", word=_one_of("洪涝", "干旱", "台风")
    ),
    "job_loss": Maker(
        0.14,
        _WORKING_AGE,
        months="x.b %% 13",
        qualifies="x.c < 400",
        word="CASE WHEN x.c < 400 THEN '返乡' ELSE '在岗' END",
    ),
    "rigid_expense": Maker(
        0.06, amount="x.b * 2500", qualifies="x.c < 700", word=_one_of("自然灾害", "意外变故")
    ),
    "disability": Maker(0.03, qualifies="x.b < 400", word="'肢体一级'"),
    "traffic_accident": Maker(0.02, qualifies="x.b < 500", word="'致残'"),
    "assistance": Maker(0.03, amount="x.b * 100", word="'低保'"),
}

# As in life: of a hundred households some seven have a lead. MAKERS alone, with --many, finds 44 of a
# hundred: then more is written than read.
AS_IN_LIFE = {
    "school_dropout": {"qualifies": "x.b < 200"},
    "student_hardship": {"amount": "200000 + x.b * 640"},
    "medical_settlement": {
        "amount": "(power(10, 3.35 + x.b / 333.0) * CASE WHEN x.c < 10 THEN -1 ELSE 1 END)::bigint"
    },
    "untreated_illness": {"qualifies": "x.b < 60"},
    "unsafe_housing": {"qualifies": "x.b < 40"},
    "water_shortage": {"qualifies": "x.b < 100"},
    "disaster_loss": {"amount": "x.b * 700 - 100000"},
    "job_loss": {"qualifies": "x.c < 60"},
    "rigid_expense": {"amount": "x.b * 1600"},
    "disability": {"qualifies": "x.b < 60"},
    "traffic_accident": {"qualifies": "x.b < 60"},
}

_ROWS = """
INSERT INTO screening_feedrow (feed_id, row_no, status, person_index, member_id, household_id, division_id,
  on_date,
  amount, months, qualifies, word, data)
SELECT %(feed)s, 1 + row_number() OVER (ORDER BY p.drawn, g), 'matched', p.id_index, p.id, p.household_id,
  p.village_id,
  {day}, {amount}, {months}, {qualifies}, {word}, decode(repeat('00', 250), 'hex')
FROM (
  SELECT m.*, h.village_id, hashtextextended(m.id::text, %(seed)s) AS drawn
  FROM households_member m JOIN households_household h ON h.id = m.household_id
  WHERE h.county_id = %(county)s AND m.removed_on IS NULL AND {who}
  ORDER BY drawn LIMIT %(persons)s
) p CROSS JOIN generate_series(1, {times}) g CROSS JOIN LATERAL (
  SELECT (r & 1023) * 1000 / 1024 AS a, ((r >> 10) & 1023) * 1000 / 1024 AS b, ((r >> 20) & 1023) * 1000 /
    1024 AS c
  FROM hashtextextended(p.id || '/' || g, %(seed)s + 1) AS r
) x
"""

# Water is reported for whole places too: every tenth village and every fortieth hamlet, or a tenth of these.
_PLACES = """
INSERT INTO screening_feedrow (feed_id, row_no, status, division_id, hamlet, on_date, qualifies, word, data)
SELECT %(feed)s, 1000000 + row_number() OVER (ORDER BY village_id, hamlet), 'matched', village_id, hamlet,
  %(last)s::date - 30, TRUE, '季节性缺水', decode(repeat('00', 250), 'hex')
FROM (
  SELECT DISTINCT village_id, '' AS hamlet FROM households_household
  WHERE county_id = %(county)s AND abs(hashtextextended(village_id, 1)) %% (10 * %(rarer)s) = 0
  UNION
  SELECT t.village_id, t.name FROM households_hamlet t JOIN households_household h ON h.hamlet_id = t.id
  WHERE h.county_id = %(county)s AND abs(hashtextextended(t.village_id || t.name, 1)) %% (40 * %(rarer)s) = 0
) places
"""


def missing() -> list[str]:
    """Kinds that have rows here and are no part of the program yet: they are left out, and it is told."""
    return sorted(set(MAKERS) - set(criteria.feed_kinds()))


def fill(round: Round, households: int, *, many: bool = False) -> int:
    """Accepted lists of every registered kind in place of what the round had; the number of rows. `many`
    leads, or as many as in life."""
    Feed.objects.filter(round=round).delete()
    total = 0
    for seed, (code, maker) in enumerate(MAKERS.items(), start=1):
        if code not in criteria.feed_kinds():
            continue
        if not many:
            maker = replace(maker, **AS_IN_LIFE.get(code, {}))
        feed = _accepted(round, code)
        wanted = int(ROWS * maker.share * households / HOUSEHOLDS)
        values = {
            "feed": feed.pk,
            "seed": seed * 10,
            "county": county.COUNTY,
            "last": round.last_day,
            "persons": wanted // maker.times,
            "rarer": 1 if many else 10,
        }
        parts = {
            name: getattr(maker, name)
            for name in ("day", "amount", "months", "qualifies", "word", "who", "times")
        }
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.format(**parts), values)
            rows = cursor.rowcount
            if code == "water_shortage":
                cursor.execute(_PLACES, values)
                rows += cursor.rowcount
        Feed.objects.filter(pk=feed.pk).update(rows_read=rows, rows_matched=rows)
        total += rows
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return total


def _accepted(round: Round, code: str) -> Feed:
    kind = criteria.feed_kinds()[code]
    department = Department.objects.get(county_id=round.county_id, code=kind.departments[0])
    return Feed.objects.bulk_create(
        [
            Feed(
                round=round,
                kind=code,
                department=department,
                state="matched",
                file_name=f"{kind.label}.xlsx",
                file_digest=uuid.uuid4().hex,
                by=county.office(),
                headings=[kind.columns[0].heading],
                matched_at=timezone.now(),
            )
        ]
    )[0]
