"""The reference client against a real server: killed with no warning, started again, and nothing twice or
lost."""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from tests.sites import ROOT, Site

KILLS = 50 if connection.vendor == "postgresql" else 6

# A national system that knows what it has entered, and refuses some.
HANDLER = """#!/bin/sh
read -r body
uuid=$(printf %s "$body" | sed 's/.*"uuid": "\\([^"]*\\)".*/\\1/')
echo "$uuid" >> "{entered}"
case "$uuid" in
  0*) printf '{{"error": "refused"}}' ;;
  *) printf '{{"national_number": "%s"}}' "$uuid" ;;
esac
"""
PREPARE = """
import django; django.setup()
from fangpin.accounts import tokens
from fangpin.accounts.roles import Role
from tests import factories
machine = factories.user("machine", Role.CLIENT, "451228000000")
factories.user("maker", Role.OFFICE, "451228000000")
print(tokens.issue(machine.acting, list(tokens.SCOPES), days=1)[1])
"""
# New items while the client is at it: for each line two of them, in a transaction that commits late.
MAKER = """
import sys, time
import django; django.setup()
from django.db import transaction
from fangpin.accounts.models import User
from tests.screening.national import national_cases as cases
maker = User.objects.get(username="maker")
maker.act_in(maker.duties.select_related("division", "department").get())
for line in sys.stdin:
    with transaction.atomic():
        cases.items(2, by=maker)
        time.sleep(float(line))
    print("made", flush=True)
"""
# The client, which kills itself before or after its n-th step: a request, something kept, a handler.
DYING = """
import os, signal, sys
sys.path.insert(0, "tools")
import national_client as client
when, place = sys.argv.pop(1), int(sys.argv.pop(1))
count = 0
def dying(function):
    def wrapped(*words, **more):
        global count
        count += 1
        mine = count == place
        if mine and when == "before": os.kill(os.getpid(), signal.SIGKILL)
        result = function(*words, **more)
        if mine and when == "after": os.kill(os.getpid(), signal.SIGKILL)
        return result
    return wrapped
client.Server._request = dying(client.Server._request)
for name in ("keep_page", "keep_answer", "keep_sent"):
    setattr(client.Store, name, dying(getattr(client.Store, name)))
client.run = dying(client.run)
sys.exit(client.main())
"""


@dataclass
class Place:
    """An installation with its API, and a client's folder."""

    site: Site
    address: str
    token: str
    folder: Path

    def script(self, text: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", text],
            cwd=ROOT,
            env=self.site.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def client(self, *words, program: tuple = ("tools/national_client.py",)) -> subprocess.Popen:
        state, handler = self.folder / "state.sqlite3", self.folder / "enter"
        return subprocess.Popen(
            [sys.executable, *program, self.address, "--state", state, "--handler", handler, *words],
            cwd=ROOT,
            env=os.environ | {"FANGPIN_TOKEN": self.token},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def known(self) -> list[tuple]:
        with sqlite3.connect(self.folder / "state.sqlite3") as state:
            return state.execute("SELECT uuid, cursor, sent FROM change").fetchall()


def _done(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.fixture
def place(site, tmp_path):
    made = site.copy(tmp_path / f"national-{os.getpid()}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "server.txt").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=made.env | {"FANGPIN_API_RATE": "100000/min"},
            stdout=log,
            stderr=log,
        )
    try:
        site = Place(made, f"http://127.0.0.1:{port}", "", tmp_path)
        site.token = _done(site.script(PREPARE)).strip()
        handler = tmp_path / "enter"
        handler.write_text(HANDLER.format(entered=tmp_path / "entered"))
        handler.chmod(0o700)
        _wait(f"{site.address}/healthz")
        yield site
    finally:
        server.kill()
        server.wait()
        made.drop()


def _wait(address: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)


class Maker:
    """Makes two items at a time in a process of its own."""

    def __init__(self, place: Place):
        self.process, self.asked = place.script(MAKER), 0

    def ask(self, seconds: float = 0) -> None:
        self.process.stdin.write(f"{seconds}\n".encode())
        self.process.stdin.flush()
        self.asked += 2

    def wait(self) -> None:
        assert self.process.stdout.readline() == b"made\n", self.process.communicate()

    def end(self) -> int:
        """How many were made in all."""
        assert _done(self.process).count("made") <= self.asked // 2
        return self.asked


@pytest.fixture
def maker(place):
    made = Maker(place)
    yield made
    made.process.kill()
    made.process.communicate()


def each_once(place: Place, count: int) -> None:
    """Every item is answered, by one act, and the client knows it; no cursor is missing."""
    told = place.site.rows("SELECT cursor, state FROM screening_nationalitem")
    assert len(told) == count
    assert {state for _, state in told} <= {"acknowledged", "refused"}
    answers = place.site.rows(
        "SELECT object_id, count(*) FROM common_statusrecord WHERE model = 'screening.nationalitem' "
        "AND transition IN ('acknowledge', 'refuse') GROUP BY object_id"
    )
    assert [number for _, number in answers] == [1] * count
    known = place.known()
    assert {sent for _, _, sent in known} == {1}
    cursors = list(range(1, count + 1))
    assert sorted(cursor for _, cursor, _ in known) == sorted(cursor for cursor, _ in told) == cursors


def test_each_change_is_acknowledged_once_however_often_the_client_is_killed(place, maker):
    chance = random.Random(2020)
    for _ in range(KILLS):
        maker.ask(0.1)
        client = place.client("--every", "0.02")
        time.sleep(chance.uniform(0.1, 0.5))
        client.send_signal(signal.SIGKILL)
        client.communicate()
    made = maker.end()
    _done(place.client())
    each_once(place, made)


def test_each_change_is_acknowledged_once_at_whichever_step_the_client_dies(place, maker):
    for when in ("before", "after"):
        for step in range(1, 20):
            maker.ask()
            maker.wait()
            client = place.client(program=("-c", DYING, when, str(step)))
            client.communicate(timeout=60)
            if client.returncode == 0:
                assert step > 5, "it had nothing to do"
                break
            assert client.returncode == -signal.SIGKILL
            _done(place.client())
        else:
            raise AssertionError("it never came to an end")
    each_once(place, maker.end())


def test_an_answer_that_was_given_otherwise_is_set_apart_and_the_rest_is_taken(place, maker):
    for _ in range(2):
        maker.ask()
        maker.wait()
    (place.folder / "enter").write_text("#!/bin/sh\nexit 1\n")
    client = place.client()
    client.communicate(timeout=60)
    assert client.returncode == 1  # pulled, not entered
    first = place.known()[0]
    place.site.rows(
        "UPDATE screening_nationalitem SET state = 'refused', refused_reason = 'by hand' "
        f"WHERE cursor = {first[1]}"
    )
    (place.folder / "enter").write_text(HANDLER.format(entered=place.folder / "entered"))
    _done(place.client())
    assert sorted(sent for _, _, sent in place.known()) == [1, 1, 1, 2]
