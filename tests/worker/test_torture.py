"""Sweeps under torture: killed with no warning at any moment, again and again, and Redis gone in the middle.
What is there at the end equals what one clean sweep makes, in every column but ids, times and the stamp of
the run.

FANGPIN_TORTURE_KILLS raises the number of kills, FANGPIN_TORTURE_SEED repeats a run.
"""

import os
import random
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress

import pytest
import redis

from tests.sites import Site
from tests.worker.conftest import SWEEP, found
from tests.worker.hall import Hall, until

pytestmark = pytest.mark.worker
KILLS = int(os.environ.get("FANGPIN_TORTURE_KILLS", "20"))
SEED = int(os.environ.get("FANGPIN_TORTURE_SEED", "20200119"))
WHOLE = 8  # of the kills one in eight takes the whole worker, the others its child alone
NOT_COMPARED = {"id", "uuid", "lead_id", "raised_at", "found_at", "closed_at", "withdrawn_at", "flagged_at"}


def everything(site: Site) -> list:
    """Leads and reasons row for row, whatever columns they have; of times only whether they are set."""

    def cells(table: str, letter: str) -> str:
        named = site.rows(
            f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{table}' "
            f"ORDER BY 1"
        )
        kept = [
            f"{letter}.{name}::text" if kind in ("json", "jsonb") else f"{letter}.{name}"
            for name, kind in named
            if name not in NOT_COMPARED
        ]
        set_or_not = [
            f"{letter}.{name} IS NULL" for name, _ in named if name in NOT_COMPARED and name.endswith("_at")
        ]
        return ", ".join(kept + set_or_not)

    leads, reasons = cells("screening_lead", "l"), cells("screening_leadreason", "r")
    key = "l.household_id, l.source, l.subcriterion"
    return [
        site.rows(f"SELECT {leads} FROM screening_lead l ORDER BY {key}"),
        site.rows(
            f"SELECT {key}, {reasons} FROM screening_leadreason r JOIN screening_lead l ON l.id = r.lead_id "
            f"ORDER BY {key}, r.rule"
        ),
        site.rows("SELECT number, lamp, lamp_source FROM households_household ORDER BY 1"),
        site.rows("SELECT swept_at IS NULL, sweep_calls = sweep_answered FROM screening_round"),
    ]


@pytest.fixture(scope="module")
def clean(swept_once, tmp_path_factory) -> list:
    copied = swept_once.copy(tmp_path_factory.mktemp("clean") / "torture-clean")
    assert copied.run(*SWEEP).code == 0
    made = everything(copied)
    copied.drop()
    assert made != everything(swept_once)
    assert made[0]
    assert made[1]
    return made


@contextmanager
def slow_worker(hall: Hall):
    words = ["worker", "--loglevel=info", "--concurrency=2", "--without-mingle", "--without-gossip"]
    env = hall.env(FANGPIN_TEST_SLOW="25")
    with hall.celery(*words, "--include", "tests.worker.slowly", env=env) as process:
        yield process


def test_sweeps_killed_again_and_again_end_like_a_clean_one(hall, clean):
    chance = random.Random(SEED)  # noqa: S311
    killed = {"child": 0, "worker": 0}
    places, seen, sweeps = set(), 0, 1
    hall.start_sweep()
    while sum(killed.values()) < KILLS:
        with slow_worker(hall) as worker:
            while sum(killed.values()) < KILLS:
                if hall.is_done():
                    assert everything(hall.site) == clean
                    hall.start_sweep()
                    sweeps, seen = sweeps + 1, 0
                until("an attempt has begun", lambda seen=seen: hall.job[1] > seen or hall.is_done(), 30)
                time.sleep(chance.uniform(0, 0.9))
                state, attempt = hall.job
                if state != "running" or attempt <= seen:
                    continue  # it was quicker
                seen = attempt
                places.add(label_of(hall))
                if chance.randrange(WHOLE):
                    with suppress(ProcessLookupError):
                        os.kill(hall.job_process(), signal.SIGKILL)
                        killed["child"] += 1
                else:
                    worker.kill()
                    killed["worker"] += 1
                    break
        if hall.job[0] == "running":
            hall.requeue()
    with slow_worker(hall):
        hall.requeue()
        until("the sweep is done", hall.is_done, 60)
    print(
        f"killed {killed}, sweeps {sweeps}, attempts of the last {hall.job[1]}, at {len(places)} places: "
        f"{sorted(places)}"
    )
    assert everything(hall.site) == clean
    assert len(places) > 1


def label_of(hall: Hall) -> str:
    ((label,),) = hall.site.rows("SELECT label FROM common_job WHERE kind = 'sweep' ORDER BY id DESC LIMIT 1")
    return label


# --- Redis
# ---------------------------------------------------------------------------------------------------


class OwnRedis:
    """One that these tests may kill; it forgets everything."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.url = folder, f"redis://127.0.0.1:{self.port}/0"
        self.process = None

    def start(self) -> None:
        words = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with (self.folder / "redis.txt").open("ab") as out:
            self.process = subprocess.Popen([*words, "--dir", str(self.folder)], stdout=out, stderr=out)
        until("Redis answers", self._answers)

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url) as store:
            return store.ping()
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def own_hall(swept_once, tmp_path):
    own = OwnRedis(tmp_path)
    own.start()
    hall = Hall(swept_once.copy(tmp_path / f"{tmp_path.name[:12]}-own"), own.url)
    yield hall, own
    if own.process.poll() is not None:
        own.start()
    hall.close()
    own.kill()
    hall.site.drop()


def test_redis_killed_and_back_in_the_middle(own_hall, clean):
    """The sweep under way ends without it; one that is asked for meanwhile waits in the database and is done
    when Redis, empty, is back. The worker may end with Redis: what supervises it starts another
    (docker-compose.yml: restart)."""
    hall, own = own_hall
    with hall.worker(stop_at="inside-1"):
        hall.start_sweep()
        until("the worker stands", lambda: hall.has_stopped("inside-1"))
        own.kill()
        hall.let_go_on("inside-1")
        until("the sweep is done", hall.is_done)
        assert everything(hall.site) == clean
        hall.start_sweep()
        assert hall.job == ("queued", 0)
    own.start()
    with hall.worker():
        hall.requeue()
        until("the second sweep is done", hall.is_done, 60)
    assert everything(hall.site) == clean


def test_redis_restarted_between_two_attempts(own_hall, clean):
    """The message is lost with Redis, and the worker with it: only the row in the database is left."""
    hall, own = own_hall
    with hall.worker(stop_at="between-1") as worker:
        hall.start_sweep()
        until("the worker stands", lambda: hall.has_stopped("between-1"))
        own.kill()
        worker.kill()
    own.start()
    assert hall.job[0] == "running"
    with hall.worker():
        hall.requeue()
        until("the sweep is done", hall.is_done, 60)
    assert hall.job == ("done", 2)
    assert everything(hall.site) == clean
    assert found(hall.site)[0]
