"""Sweeps as real processes: killed with no warning and run again; two at once; one that was taken for
dead."""

import pytest

from tests import books
from tests.books import dangerous_home, family, head, settlement
from tests.running import COUNTY, QUARTER
from tests.sites import Site

SWEEP = ["sweep", "--county", COUNTY, "--quarter", QUARTER, "--as", "office", "--json"]


class Who:
    def __init__(self, row: dict):
        self.name, self.id_number = row["姓名"], row["证件号码"]


@pytest.fixture(scope="module")
def swept_once(site, tmp_path_factory):
    """A county after a first sweep, with newer lists: A stays, B loses its lead, C gains one."""
    folder = tmp_path_factory.mktemp("sweeps")
    made = site.copy(folder / "swept-once")
    heads = [head() for _ in "ABC"]
    rows = [row for name, who in zip("ABC", heads, strict=True) for row in family(name, who, status="脱贫户")]
    a, b, c = map(Who, heads)

    def file(name: str, content: bytes) -> str:
        (folder / name).write_bytes(content)
        return str(folder / name)

    def feed(kind: str, name: str, *cells: dict) -> list:
        path = file(name, books.plain(books.FEEDS[kind], cells))
        return ["import_feed", kind, path, *by_office, "--quarter", QUARTER]

    by_office = ["--county", COUNTY, "--as", "office"]
    made.run_all(
        ["import_registry", file("r.xlsx", books.plain(books.REGISTRY, rows)), *by_office],
        ["open_round", *by_office, "--quarter", QUARTER],
        feed("medical_settlement", "1.xlsx", settlement(a), settlement(b)),
        feed("unsafe_housing", "2.xlsx", dangerous_home(a), dangerous_home(b)),
        SWEEP,
        feed("medical_settlement", "3.xlsx", settlement(a), settlement(c)),
    )
    yield made
    made.drop()


@pytest.fixture
def mine(swept_once, tmp_path):
    copied = swept_once.copy(tmp_path / "mine")
    yield copied
    copied.drop()


@pytest.fixture(scope="module")
def wanted(swept_once, tmp_path_factory) -> list:
    """What one sweep without trouble makes."""
    copied = swept_once.copy(tmp_path_factory.mktemp("wanted") / "wanted")
    assert copied.run(*SWEEP).code == 0
    made = rows(copied)
    copied.drop()
    return made


def rows(site: Site) -> list:
    leads = site.rows(
        "SELECT h.number, l.subcriterion, l.category, l.above_line, l.in_case, l.withdrawn_at IS NULL, "
        "l.flagged_at IS NULL FROM screening_lead l JOIN households_household h ON h.id = l.household_id "
        "ORDER BY 1, 2"
    )
    reasons = site.rows(
        "SELECT h.number, r.rule, r.version, r.value, r.threshold, CAST(r.rows AS text), r.closed_at IS NULL "
        "FROM screening_leadreason r JOIN screening_lead l ON l.id = r.lead_id "
        "JOIN households_household h ON h.id = l.household_id ORDER BY 1, 2"
    )
    return [leads, reasons, site.rows("SELECT number, lamp FROM households_household ORDER BY 1")]


@pytest.mark.parametrize(("where", "place"), [("between", 2), ("inside", 1)])
def test_sweep_killed_by_the_system_and_run_again_ends_the_same(mine, wanted, where, place):
    """Between two rules, and inside a rule with its writes not yet committed; run again at once."""
    before = rows(mine)
    mine.start_stopping(where, place).kill()
    assert rows(mine) != wanted
    ran = mine.run(*SWEEP)
    assert ran.code == 0, ran.err
    assert rows(mine) == wanted != before


def test_sweep_of_two_processes_the_second_is_refused(mine, wanted):
    first = mine.start_stopping("between", 1)
    second = mine.run(*SWEEP)
    assert (second.code, second.out) == (1, "")
    assert first.go_on().code == 0
    assert rows(mine) == wanted


def test_sweep_taken_for_dead_commits_nothing_more(mine, wanted):
    """Its lease ran out while it waited; another took it over and ended; then the first wakes up."""
    first = mine.start_stopping("between", 1)
    mine.rows("UPDATE common_job SET heartbeat_at = '2020-01-01 00:00:00+00:00' WHERE state = 'running'")
    assert mine.run(*SWEEP).code == 0
    mine.rows("UPDATE screening_leadreason SET value = -1")
    marked = rows(mine)
    late = first.go_on()
    assert (late.code != 0, late.out) == (True, "")
    assert rows(mine) == marked
