"""The reference client against a real server: killed with no warning, started again, and nothing twice or lost."""

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
COUNTY = "451228000000"

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
# New items while the client is at it; the transaction commits late.
MORE = """
import sys, time
import django; django.setup()
from django.db import transaction
from fangpin.accounts.models import User
from tests import factories
from tests.screening import national_cases as cases
maker = User.objects.get(username="maker")
maker.act_in(maker.duties.select_related("division", "department").get())
factories._counter = __import__("itertools").count(int(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    with transaction.atomic():
        cases.items(2, by=maker)
        time.sleep(float(sys.argv[3]))
"""


@dataclass
class Place:
    """An installation with its API, and a client's folder."""

    site: Site
    address: str
    token: str
    folder: Path

    def script(self, text: str, *words) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", text, *map(str, words)], cwd=ROOT, env=self.site.env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def client(self, *words) -> subprocess.Popen:
        state, handler = self.folder / "state.sqlite3", self.folder / "enter"
        return subprocess.Popen(
            [sys.executable, "tools/national_client.py", self.address, "--state", state, "--handler", handler, *words],
            cwd=ROOT, env=os.environ | {"FANGPIN_TOKEN": self.token}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

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
            cwd=ROOT, env=made.env | {"FANGPIN_API_RATE": "100000/min"}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        found = Place(made, f"http://127.0.0.1:{port}", "", tmp_path)
        found.token = _done(found.script(PREPARE)).strip()
        handler = tmp_path / "enter"
        handler.write_text(HANDLER.format(entered=tmp_path / "entered"))
        handler.chmod(0o700)
        _wait(f"{found.address}/healthz")
        yield found
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


def test_each_change_is_acknowledged_once_however_often_the_client_is_killed(place):
    chance = random.Random(2020)
    making = place.script(MORE, 1, KILLS, 0.1)
    for _ in range(KILLS):
        client = place.client("--every", "0.05")
        time.sleep(chance.uniform(0.1, 0.6))
        client.send_signal(signal.SIGKILL)
        client.communicate()
    _done(making)
    _done(place.client())
    told = place.site.rows("SELECT uuid, cursor, state, national_number FROM screening_nationalitem")
    assert len(told) == 2 * KILLS
    assert {row[2] for row in told} <= {"acknowledged", "refused"}
    twice = place.site.rows(
        "SELECT object_id FROM common_statusrecord WHERE model = 'screening.nationalitem' "
        "AND transition IN ('acknowledge', 'refuse') GROUP BY object_id HAVING count(*) <> 1"
    )
    assert twice == []
    answers = place.site.rows(
        "SELECT count(*) FROM common_statusrecord WHERE transition IN ('acknowledge', 'refuse')"
    )
    assert answers == [(2 * KILLS,)]
    known = place.known()
    assert {sent for _, _, sent in known} == {1}
    assert sorted(cursor for _, cursor, _ in known) == sorted(row[1] for row in told) == list(
        range(1, 2 * KILLS + 1)
    )  # fmt: skip


def test_an_answer_that_was_given_otherwise_is_set_apart_and_the_rest_is_taken(place):
    _done(place.script(MORE, 1, 2, 0))
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
