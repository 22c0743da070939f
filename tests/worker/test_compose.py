"""The very commands of docker-compose.yml, in production settings, against PostgreSQL and Redis."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import compose
from tests.sites import ROOT
from tests.worker.conftest import found
from tests.worker.hall import Hall, Process, until

pytestmark = pytest.mark.worker
HOST = "fangpin.example"


@pytest.fixture
def env(hall) -> dict[str, str]:
    """What compose.yml gives, with the database and the broker of the tests; programs by their bare names."""
    keys = ("FANGPIN_SECRET_KEY", "FANGPIN_FIELD_KEYS", "FANGPIN_INDEX_KEY")
    return hall.env(
        FANGPIN_ENV="production",
        FANGPIN_HOSTS=HOST,
        HOSTNAME=socket.gethostname(),
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        FANGPIN_TEST_STATIC=str(hall.site.folder / "static"),
        **{key: os.environ[key] for key in keys},
    )


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def service(name: str, hall: Hall, env: dict, port: int = 0) -> Iterator[Process]:
    """The service's command, word by word; only the port is another."""
    words = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in compose.command(name)]
    log = hall.site.folder / f"{name}.txt"
    with log.open("wb") as out:
        popen = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    process = Process(popen, log)
    try:
        yield process
    finally:
        process.kill()


def is_healthy(name: str, env: dict, port: int = 0) -> bool:
    words = [word.replace(":8000/", f":{port}/") for word in compose.health_check(name)]
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, timeout=30).returncode == 0


def answer(port: int, path: str, **headers: str) -> tuple[int, str, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    told = response.status, response.read().decode("utf-8", "replace"), dict(response.getheaders())
    connection.close()
    return told


def test_migrate_is_safe_to_repeat(hall, env):
    for _ in range(2):
        done = subprocess.run(compose.command("migrate"), cwd=ROOT, env=env, capture_output=True, timeout=90)
        assert done.returncode == 0, done.stderr.decode()


def test_web_serves_behind_a_proxy_and_tells_its_health(hall, env, port):
    build = env | {"FANGPIN_ENV": "local", "FANGPIN_MANIFEST": "1"}
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, cwd=ROOT, env=build, check=True, capture_output=True, timeout=60)
    with service("web", hall, env, port) as web:
        until("the web answers", lambda: is_healthy("web", env, port))
        assert answer(port, "/healthz")[:2] == (200, "ok")
        assert answer(port, "/readyz")[:2] == (200, "ok")
        bare = answer(port, "/accounts/login/", Host=HOST)
        assert (bare[0], bare[2]["Location"]) == (301, f"https://{HOST}/accounts/login/")
        page = answer(port, "/accounts/login/", Host=HOST, **{"X-Forwarded-Proto": "https"})
        assert (page[0], "登录" in page[1]) == (200, True)
        assert "max-age" in page[2]["Strict-Transport-Security"]
        sheet = page[1].partition('href="/static/css/app.')[2].partition('"')[0]
        assert answer(port, f"/static/css/app.{sheet}", Host=HOST, **{"X-Forwarded-Proto": "https"})[0] == 200
        script = page[1].partition('src="/static/js/app.')[2].partition('"')[0]
        module = answer(port, f"/static/js/app.{script}", Host=HOST, **{"X-Forwarded-Proto": "https"})
        imports = re.findall(r'^import "./(app/\w+\.[0-9a-f]{12}\.js)";$', module[1], re.MULTILINE)
        assert (module[0], len(imports)) == (200, 9)
        for one in imports:
            assert answer(port, f"/static/js/{one}", Host=HOST, **{"X-Forwarded-Proto": "https"})[0] == 200
        assert answer(port, "/healthz", Host="elsewhere.example")[0] == 400
        assert web.stop() == 0
    assert not is_healthy("web", env, port)


def test_web_is_not_ready_while_a_migration_waits(hall, env, port):
    hall.site.rows("DELETE FROM django_migrations WHERE app = 'sessions'")
    with service("web", hall, env, port):
        until("the web answers", lambda: is_healthy("web", env, port))
        assert answer(port, "/readyz")[:2] == (503, "migrations")


def test_worker_does_a_task_and_tells_its_health(hall, env, wanted):
    with service("worker", hall, env) as worker:
        until("the worker answers", lambda: is_healthy("worker", env), 40)
        hall.start_sweep()
        until("the sweep is done", hall.is_done)
        assert worker.stop() == 0
    assert found(hall.site) == wanted
    assert not is_healthy("worker", env)


def test_beat_has_the_worker_do_what_nobody_was_woken_for(hall, env, wanted):
    schedule = [Path("/tmp") / each for each in ("beat", "beat.db", "beat.dat", "beat.dir", "beat.bak")]  # noqa: S108
    began = time.time()
    try:
        hall.script("start_sweep(Round.objects.get(), by=office())", REDIS_URL="redis://127.0.0.1:1/0")
        with service("worker", hall, env), service("beat", hall, env) as beat:
            until("the sweep is done", hall.is_done, 40)
            written = [path for path in schedule if path.exists() and path.stat().st_mtime > began]
            assert written
            assert is_healthy("beat", env)
            beat.popen.send_signal(signal.SIGTERM)
            assert beat.popen.wait(15) == 0
        for path in written:
            os.utime(path, (began - 600, began - 600))
        assert not is_healthy("beat", env)
    finally:
        for path in schedule:
            path.unlink(missing_ok=True)
    assert found(hall.site) == wanted


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_service_does_not_start_without_a_secret(hall, env, name, port):
    bare = {key: value for key, value in env.items() if key != "FANGPIN_FIELD_KEYS"}
    with service(name, hall, bare, port) as process:
        assert process.popen.wait(30) != 0
        assert "FANGPIN_FIELD_KEYS is not set" in process.words
