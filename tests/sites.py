"""Installations of their own for real processes: a copy of the reference data, commands run by
`manage.py`."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db import connection

from tests.running import Ran

ROOT = Path(__file__).resolve().parent.parent

# Runs a sweep that stops where it is told, says so by one file and goes on once there is another.
STOPPING = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from fangpin.common.jobs import Run
from screening.sweep import run as sweep
where, place, here, go = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
apply_rule, progress, count = sweep.apply_rule, Run.progress, iter(range(100))
def stop():
    here.touch()
    while not go.exists():
        time.sleep(0.02)
def applied(*words, **more):
    mine = next(count) == place
    if where == "before" and mine: stop()
    result = apply_rule(*words, **more)
    if where == "inside" and mine: stop()
    return result
def progressed(self, done, total, label="", so_far=None):
    progress(self, done, total, label, so_far)
    if where == "between" and done == place + 1 and label.startswith("正在比对"): stop()
sweep.apply_rule, Run.progress = applied, progressed
call_command("sweep", "--county", "451228", "--quarter", "2020Q1", "--as", "office", "--json")
"""


@dataclass(frozen=True)
class Site:
    """A database with the folder of its files; PostgreSQL where the tests run on it, else an SQLite file."""

    url: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "fangpin.settings",
            "FANGPIN_VAR": str(self.folder / "var"),
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
        }

    def run(self, *words) -> Ran:
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            timeout=120,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_all(self, *commands: list) -> None:
        """Several commands in one process: for what a test needs beforehand."""
        script = "import django; django.setup(); from django.core.management import call_command\n" + "".join(
            f"call_command(*{list(map(str, words))!r})\n" for words in commands
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=self.env, capture_output=True, timeout=120
        )
        assert done.returncode == 0, done.stderr.decode()

    def start_stopping(self, where: str, place: int) -> "Stopping":
        """A sweep in a process of its own, waiting at the rule in that place."""
        here, go = self.folder / f"here-{where}-{place}", self.folder / f"go-{where}-{place}"
        process = subprocess.Popen(
            [sys.executable, "-c", STOPPING, where, str(place), str(here), str(go)],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        until = time.monotonic() + 60
        while not here.exists():
            assert process.poll() is None, process.communicate()[1].decode()
            assert time.monotonic() < until
            time.sleep(0.02)
        return Stopping(process, go)

    def rows(self, sql: str) -> list[tuple]:
        with closing(self._connect()) as database:
            cursor = database.cursor()
            cursor.execute(sql)
            found = cursor.fetchall() if cursor.description else []
            database.commit()
        return found

    def copy(self, folder: Path) -> "Site":
        folder.mkdir(parents=True)
        if self.url.startswith("sqlite"):
            copied = Site(f"sqlite:///{folder / 'copy.sqlite3'}", folder)
            with closing(self._connect()) as database:
                database.execute("VACUUM INTO ?", [str(folder / "copy.sqlite3")])
        else:
            copied = Site(_create(folder.name, self.url.rpartition("/")[2]), folder)
        if (self.folder / "var").exists():
            shutil.copytree(self.folder / "var", folder / "var")
        return copied

    def drop(self) -> None:
        if self.url.startswith("postgres"):
            _on_server(f'DROP DATABASE IF EXISTS "{self.url.rpartition("/")[2]}" WITH (FORCE)')

    def _connect(self):
        if self.url.startswith("sqlite"):
            return sqlite3.connect(self.url.removeprefix("sqlite:///"))
        return psycopg2.connect(self.url)


@dataclass
class Stopping:
    """A sweep that waits."""

    process: subprocess.Popen
    go: Path

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def go_on(self) -> Ran:
        self.go.touch()
        out, err = self.process.communicate(timeout=60)
        return Ran(self.process.returncode, out.decode(), err.decode())


def of_reference_data(folder: Path) -> Site:
    """A copy of the test database as it is between tests: divisions, departments, policy, calendar."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / "site.sqlite3")])
        return Site(f"sqlite:///{folder / 'site.sqlite3'}", folder)
    name = settings.DATABASES["default"]["NAME"]
    connection.close()
    return Site(_create(folder.name, name), folder)


def _create(name: str, template: str) -> str:
    database = f"fangpin_test_{os.getpid()}_{name.replace('-', '_')[-30:]}"
    _on_server(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    _on_server(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
    return _url(database)


def _on_server(statement: str) -> None:
    with closing(psycopg2.connect(_url("postgres"))) as server:
        server.autocommit = True
        server.cursor().execute(statement)


def _url(database: str) -> str:
    about = settings.DATABASES["default"]
    password = f":{about['PASSWORD']}" if about["PASSWORD"] else ""
    port = f":{about['PORT']}" if about["PORT"] else ""
    return f"postgres://{about['USER']}{password}@{about['HOST']}{port}/{database}"
