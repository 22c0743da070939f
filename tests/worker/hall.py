"""A work hall: one installation with its share of Redis, and the processes that run on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from celery import Celery

from tests.running import Ran
from tests.sites import ROOT, Site

LEASE = 2  # seconds after which a silent run may be taken over
_numbers = iter(range(1_000))

SCRIPT = """
import django
django.setup()
from django.urls import reverse
from fangpin.accounts.acting import user_for
from screening.sweep.jobs import start_sweep
from screening.models import Round
office = lambda: user_for("office", "round.sweep", "451228000000")
"""


def until(what: str, true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{seconds} seconds over and still not: {what}"
        time.sleep(0.05)


@dataclass
class Process:
    """A process in a group of its own, so that it ends together with its children."""

    popen: subprocess.Popen
    log: Path

    @property
    def words(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """With no warning, it and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)

    def stop(self) -> int:
        self.popen.terminate()
        return self.popen.wait(15)


@dataclass
class Hall:
    site: Site
    redis_url: str
    prefix: str = field(default_factory=lambda: f"fangpin-test-{os.getpid()}-{next(_numbers)}-")

    def __post_init__(self):
        self._client = Celery("tests", broker=self.redis_url, set_as_current=False)
        self._client.conf.broker_transport_options = {"global_keyprefix": self.prefix}

    def env(self, **more: str) -> dict[str, str]:
        return (
            self.site.env
            | {
                "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
                "REDIS_URL": self.redis_url,
                "FANGPIN_TEST_PREFIX": self.prefix,
                "FANGPIN_JOB_LEASE": str(LEASE),
            }
            | more
        )

    @contextmanager
    def worker(self, stop_at: str = "") -> Iterator[Process]:
        """As in docker-compose.yml, without looking for neighbours; `stop_at` as in `stopping`."""
        words = ["worker", "--loglevel=info", "--concurrency=2", "--without-mingle", "--without-gossip"]
        env = self.env()
        if stop_at:
            words += ["--include", "tests.worker.stopping"]
            env["FANGPIN_TEST_STOP"] = f"{stop_at}:{self.site.folder}"
        with self.celery(*words, env=env) as process:
            yield process

    @contextmanager
    def celery(self, *words: str, env: dict | None = None) -> Iterator[Process]:
        log = self.site.folder / f"log-{next(_numbers)}.txt"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "fangpin", *words],
                cwd=ROOT,
                env=env or self.env(),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        process = Process(popen, log)
        try:
            yield process
        finally:
            process.kill()

    def script(self, code: str, **env: str) -> Ran:
        """Runs `code` in a process of the program; see SCRIPT for what is there already."""
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT + code],
            cwd=ROOT,
            env=self.env(**env),
            capture_output=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr.decode()
        return Ran(0, done.stdout.decode(), done.stderr.decode())

    def start_sweep(self) -> None:
        self.script("start_sweep(Round.objects.get(), by=office())")

    def requeue(self) -> None:
        """What beat does every half minute, once the lease of the last run is over."""
        time.sleep(LEASE + 0.1)
        self._client.send_task("common.requeue_stale_jobs")

    @property
    def job(self) -> tuple[str, int]:
        """State and attempts of the latest sweep."""
        ((state, attempt),) = self.site.rows(
            "SELECT state, attempt FROM common_job WHERE kind = 'sweep' ORDER BY id DESC LIMIT 1"
        )
        return state, attempt

    def job_process(self) -> int:
        ((worker,),) = self.site.rows("SELECT payload ->> 'worker' FROM common_job ORDER BY id DESC LIMIT 1")
        return int(worker.rpartition(":")[2])

    def is_done(self) -> bool:
        return self.job[0] == "done"

    def has_stopped(self, place: str) -> bool:
        return (self.site.folder / f"{place}-here").exists()

    def let_go_on(self, place: str) -> None:
        """Returns when the sweep that waited there has ended, one way or the other."""
        (self.site.folder / f"{place}-go").touch()
        until("the sweep that waited has ended", (self.site.folder / f"{place}-ended").exists)

    def close(self) -> None:
        self._client.close()
        store = redis.Redis.from_url(self.redis_url)
        if keys := list(store.scan_iter(f"{self.prefix}*")):
            store.delete(*keys)
        store.close()
