"""A county after a first sweep, with newer lists waiting for the next: leads stay, go and come."""

import datetime

import pytest
import redis
from django.conf import settings

from fangpin.env import text
from tests import books
from tests.books import dangerous_home, dropout, family, head, person, settlement
from tests.running import COUNTY, QUARTER
from tests.sites import Site
from tests.worker.hall import Hall

BY_OFFICE = ["--county", COUNTY, "--as", "office"]
SWEEP = ["sweep", *BY_OFFICE, "--quarter", QUARTER, "--json"]


class Who:
    def __init__(self, row: dict):
        self.name, self.id_number = row["姓名"], row["证件号码"]


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Missing services fail these tests: nothing here reads as passed that did not run."""
    url = settings.REDIS_FOR_WORKERS
    if not url or not text("DATABASE_URL", "").startswith("postgres"):
        pytest.fail("worker tests need REDIS_URL=redis://… and DATABASE_URL=postgres://…", pytrace=False)
    with redis.Redis.from_url(url, socket_connect_timeout=3) as store:
        try:
            store.ping()
        except redis.RedisError as error:
            pytest.fail(f"worker tests need Redis; at REDIS_URL: {error}", pytrace=False)
    return url


@pytest.fixture(scope="session")
def swept_once(redis_url, site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps")
    made = site.copy(folder / "worker-swept-once")
    heads, children = [head() for _ in range(12)], [child() for _ in range(12)]
    families = [family(f"W{n:03d}", heads[n], children[n], status="脱贫户") for n in range(12)]
    people, pupils = [Who(row) for row in heads], [Who(row) for row in children]

    def feed(kind: str, *cells: dict) -> list:
        path = folder / f"{kind}-{len(list(folder.iterdir()))}.xlsx"
        path.write_bytes(books.plain(books.FEEDS[kind], cells))
        return ["import_feed", kind, path, *BY_OFFICE, "--quarter", QUARTER]

    registry = folder / "registry.xlsx"
    registry.write_bytes(books.plain(books.REGISTRY, [row for rows in families for row in rows]))
    made.run_all(
        ["import_registry", registry, *BY_OFFICE],
        ["open_round", *BY_OFFICE, "--quarter", QUARTER],
        feed("medical_settlement", *(settlement(who) for who in people[:6])),
        feed("unsafe_housing", *(dangerous_home(who) for who in people[2:8])),
        feed("school_dropout", *(dropout(who) for who in pupils[:4])),
        SWEEP,
        feed("medical_settlement", *(settlement(who, "31000.50") for who in people[3:9])),
        feed("unsafe_housing", *(dangerous_home(who) for who in people[6:12])),
        feed("school_dropout", *(dropout(who) for who in pupils[2:6])),
    )
    made.rows("UPDATE accounts_user SET must_change_password = FALSE")
    yield made
    made.drop()


def child() -> dict:
    return person(born=datetime.date(2009, 3, 4))


@pytest.fixture(scope="session")
def wanted(swept_once, tmp_path_factory) -> list:
    """What one sweep without trouble makes of it, by a command with no worker."""
    copied = swept_once.copy(tmp_path_factory.mktemp("clean") / "worker-clean")
    assert copied.run(*SWEEP).code == 0
    made = found(copied)
    copied.drop()
    assert made != found(swept_once)
    return made


@pytest.fixture
def hall(swept_once, redis_url, tmp_path):
    made = Hall(swept_once.copy(tmp_path / tmp_path.name), redis_url)
    yield made
    made.close()
    made.site.drop()


def found(site: Site) -> list:
    """Every lead, reason and lamp by content, without ids and times."""
    lead = (
        "h.number, l.source, l.subcriterion, l.category, l.above_line, l.per_head, l.income_year, l.in_case, "
        "l.acted_at, l.flagged_at IS NULL, l.withdrawn_at IS NULL"
    )
    reason = (
        "h.number, r.rule, r.version, r.article, r.value, r.threshold, r.threshold_since, r.rows::text, "
        "r.closed_at IS NULL"
    )
    leads = "FROM screening_lead l JOIN households_household h ON h.id = l.household_id"
    return [
        site.rows(f"SELECT {lead} {leads} ORDER BY 1, 3"),
        site.rows(f"SELECT {reason} {leads} JOIN screening_leadreason r ON r.lead_id = l.id ORDER BY 1, 2"),
        site.rows("SELECT number, lamp FROM households_household ORDER BY 1"),
        site.rows(
            "SELECT f.kind, r.row_no, r.status, m.name FROM screening_feedrow r "
            "JOIN screening_feed f ON f.id = r.feed_id LEFT JOIN households_member m ON m.id = r.member_id "
            "ORDER BY f.id, 2"
        ),
    ]
