"""What is measured: import of a list, sweep of the rules, memory of a long upload, the household list."""

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

from bench import county, floors, funds, lists, meeting, peer
from bench import upload as memory
from bench.timing import Measure, timed
from fangpin.accounts.models import User
from households.models import Member
from screening import criteria
from screening.feeds import receiving
from screening.lamps import colours as lamps
from screening.models import Lead, LeadReason, Round
from screening.sweep.jobs import sweep_now


def run_all(options) -> Iterator[Measure]:
    """What the options name, the sweep at several times the people last: the county is not the same after
    it."""
    chosen = options.only or ["page", "import", "sweep", "upload", "meeting", "funds"]
    round, repeat = county.the_round(), options.repeat
    if "page" in chosen:
        yield household_page()
    if "import" in chosen:
        yield import_list(round, county.Lists(options.rows).settlements(), repeat)
    if "upload" in chosen and options.upload:
        yield upload(options.upload)
    if "meeting" in chosen:
        yield from meeting.decided_and_signed(2000, repeat)
    if "funds" in chosen:
        yield from funds.paid(500, repeat)
    if "sweep" in chosen:
        once = sweeps(round, options.households, options)
        yield from once
        if options.times > 1:
            county.multiply(options.times)
            several = sweeps(round, options.households * options.times, options)
            several[0].note += f"; {several[0].over(once[0]):.1f} × the time at {options.times} × the people"
            several[1].note = f"{several[1].over(once[1]):.1f} × the time at {options.times} × the people"
            yield from several


def import_list(round: Round, rows: list[list], repeat: int) -> Measure:
    """A medical list from the bytes of its workbook to matched rows, against a bare COPY of the same rows
    into an indexed table, and against django-import-export with use_bulk."""
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
        product,
        floor,
        others,
    )


def _deliver(round: Round, kind: str, content: bytes):
    return receiving.deliver_feed(
        round, criteria.feed_kinds()[kind], file_name="bench.xlsx", content=content, by=county.office()
    )


def _copier(content: bytes) -> Callable[[], None]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bench_floor; CREATE TABLE bench_floor (id bigserial PRIMARY KEY, name "
            "text, "
            "number text, day date, visit text, total numeric, compliant numeric, basic numeric, major "
            "numeric, "
            "aid numeric, other numeric, scheme text); CREATE INDEX ON bench_floor (number); "
            "CREATE INDEX ON bench_floor (day)"
        )

    def copy() -> None:
        buffer.seek(0)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE bench_floor")
            cursor.copy_expert(
                "COPY bench_floor (name, number, day, visit, total, compliant, basic, major, aid, other, "
                "scheme) "
                "FROM STDIN CSV",
                buffer,
            )

    return copy


def sweeps(round: Round, households: int, options) -> list[Measure]:
    """Every rule over a whole county, leads and reasons written: the first time, and again."""
    rows, repeat = lists.fill(round, households, many=options.many), options.repeat
    floor, first, again = [], [], []
    for _ in range(repeat):
        floor += timed(lambda: floors.count_all(round), 2)
        LeadReason.objects.filter(lead__round=round).delete()
        Lead.objects.filter(round=round).delete()
        lamps.recompute_lamps(round.county_id)  # out again: a first sweep lights them
        first += timed(lambda: sweep_now(round, by=county.office()), 1)
        again += timed(lambda: sweep_now(round, by=county.office()), 1)
    floor += timed(lambda: floors.count_all(round), 1)
    leads = Lead.objects.filter(round=round).count()
    goal = "≤ 2.5 × the rules' bare joins as SELECT count(*); at 4 × the people ≤ 4.5 × the time"
    left_out = "".join(
        f"; LEFT OUT, {why}: {', '.join(codes)}"
        for why, codes in (
            ("not in the program yet", lists.missing() + floors.missing()),
            ("no floor written", floors.unmeasured()),
        )
        if codes
    )
    said = f"{len(criteria.rules())} rules, {rows:,} rows, {_people():,} people{left_out}"
    return [
        Measure(
            f"sweep of all rules, {leads:,} leads written with reasons and lamps",
            goal,
            first,
            floor,
            note=said,
        ),
        Measure(f"the same sweep again, {leads:,} leads confirmed", goal, again, floor),
    ]


def _people() -> int:
    return Member.objects.current().filter(household__county=county.COUNTY).count()


def upload(rows: int) -> Measure:
    """The process of an upload: what it holds at most while it receives, reads, checks and matches a long
    list."""
    peaks = memory.peaks(county.Lists(rows).settlements())
    return Measure(
        f"{rows:,}-row upload: peak MB of its process",
        "< 300 MB for xlsx and CSV",
        [each["cpu"] for each in peaks.values()],
        note="; ".join(
            f"{form} of {each['size']} MB: peak {each['peak']} MB, {each['before']} MB of it before the "
            f"file; "
            f"{each['read']:,} rows read, {each['good']:,} matched, {each['cpu']:.0f} s of processor"
            for form, each in peaks.items()
        ),
    )


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
        note=(
            f"p95 {p95 * 1000:.1f} ms, {1 / statistics.median(seconds):.0f} a second in one process, "
            f"{queries} queries"
        ),
    )
