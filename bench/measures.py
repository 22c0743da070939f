"""What is measured: import of a list, sweep of the rules, the household list."""

import csv
import html
import io
import re
import statistics
import time
from collections.abc import Callable, Iterator

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from bench import county, meeting, peer
from bench.timing import Measure, timed
from fangpin.accounts.models import User
from screening import criteria, feeds
from screening.jobs import sweep_now
from screening.models import Lead, LeadReason, Round
from screening.quarters import window


def run_all(*, rows: int, repeat: int) -> Iterator[Measure]:
    yield household_page()
    lists = county.Lists(rows)
    round = county.the_round()
    yield import_list(round, lists.settlements(), repeat)
    yield from sweeps(round, lists, repeat)
    yield from meeting.decided_and_signed(2000, repeat)


def import_list(round: Round, rows: list[list], repeat: int) -> Measure:
    """A medical list from the bytes of its workbook to matched rows, against a bare COPY of the same rows into
    an indexed table, and against django-import-export with use_bulk."""
    content = county.workbook(county.SETTLEMENT_HEADINGS, rows)
    floor = timed(_copier(content), repeat)
    product = []
    for turn in range(repeat):
        # Another workbook each time: an equal one would be recognised and change nothing.
        again = county.workbook([*county.SETTLEMENT_HEADINGS, f"备注{turn}"], rows)
        product += timed(lambda again=again: _deliver(round, "medical_settlement", again), 1)
    with peer.table():
        others = timed(lambda: peer.import_workbook(content), 1)
    return Measure(
        f"import of a {len(rows):,}-row list, workbook to matched rows",
        "≤ 6 × COPY, ≥ 20 × faster than django-import-export use_bulk",
        product, floor, others,
    )  # fmt: skip


def _deliver(round: Round, kind: str, content: bytes):
    return feeds.deliver(
        round, criteria.feed_kinds()[kind], file_name="bench.xlsx", content=content, by=county.office()
    )


def _copier(content: bytes) -> Callable[[], None]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bench_floor; CREATE TABLE bench_floor (id bigserial PRIMARY KEY, name text, "
            "number text, day date, visit text, total numeric, compliant numeric, basic numeric, major numeric, "
            "aid numeric, other numeric, scheme text); CREATE INDEX ON bench_floor (number); "
            "CREATE INDEX ON bench_floor (day)"
        )

    def copy() -> None:
        buffer.seek(0)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE bench_floor")
            cursor.copy_expert(
                "COPY bench_floor (name, number, day, visit, total, compliant, basic, major, aid, other, scheme) "
                "FROM STDIN CSV",
                buffer,
            )

    return copy


def sweeps(round: Round, lists: county.Lists, repeat: int) -> list[Measure]:
    """The three rules over a whole county, leads and reasons written: the first time, and again."""
    _deliver(round, "school_dropout", county.workbook(county.DROPOUT_HEADINGS, lists.dropouts()))
    _deliver(round, "unsafe_housing", county.workbook(county.HOUSE_HEADINGS, lists.houses()))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    floor = timed(lambda: [_bare_join(round, kind) for kind in BARE_JOINS], repeat + 2)
    first, again = [], []
    for _ in range(repeat):
        LeadReason.objects.filter(lead__round=round).delete()
        Lead.objects.filter(round=round).delete()
        first += timed(lambda: sweep_now(round, by=county.office()), 1)
        again += timed(lambda: sweep_now(round, by=county.office()), 1)
    leads = Lead.objects.filter(round=round).count()
    goal = "≤ 2.5 × the rules' bare joins as SELECT count(*)"
    return [
        Measure(f"sweep of three rules, {leads:,} leads written with reasons and lamps", goal, first, floor),
        Measure(f"the same sweep again, {leads:,} leads confirmed", goal, again, floor),
    ]


# The joins that the rules can't do without: rows of the accepted lists, their members, their households.
BARE_JOINS = {
    "medical_settlement": "f.qualifies AND f.on_date BETWEEN %(first)s AND %(last)s",
    "school_dropout": "f.qualifies AND m.birth_date > %(first)s - interval '15 years'",
    "unsafe_housing": "f.qualifies",
}


def _bare_join(round: Round, kind: str) -> int:
    first, last = window(round.last_day, 12)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM screening_feed d JOIN screening_feedrow f ON f.feed_id = d.id "
            "JOIN households_member m ON m.id = f.member_id JOIN households_household h ON h.id = f.household_id "
            "WHERE d.round_id = %(round)s AND d.kind = %(kind)s AND d.state = 'matched' AND f.status = 'matched' "
            f"AND {BARE_JOINS[kind]}",
            {"round": round.pk, "kind": kind, "first": first, "last": last},
        )
        return cursor.fetchone()[0]


def household_page(turns: int = 200) -> Measure:
    """The household list as the office sees it: page after page, signed in, scoped; p95 and queries."""
    client = Client()
    client.force_login(User.objects.get(username="office"))
    url = "/households/"
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    queries = len(captured)  # read now: the next request empties the log
    seconds = []
    for _ in range(turns):
        started = time.perf_counter()
        answer = client.get(url)
        seconds.append(time.perf_counter() - started)
        following = re.search(r'href="([^"]*[?&;]after=[^"]+)"', answer.content.decode())
        url = html.unescape(following[1]) if following else "/households/"
    cache.clear()
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return Measure(
        "household list page, one after the other",
        "keyset; ≥ 200 a second on 2 cores",
        seconds,
        note=f"p95 {p95 * 1000:.1f} ms, {1 / statistics.median(seconds):.0f} a second in one process, {queries} queries",
    )
