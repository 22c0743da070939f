"""One demo county for all browser tests, served as `make demo` serves it: pages, worker and beat in a process of
their own, on a copy of the test database. Every test opens a quarter or imports households of its own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo import people
from tests import sites
from tests.sites import ROOT, Site

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
HOUSEHOLDS = 40
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Served:
    site: Site
    address: str


@contextmanager
def serve(folder: Path, households: int) -> Iterator[Served]:
    """A demo county of its own. The caller has unblocked the database."""
    site = sites.of_reference_data(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = site.folder / "server.txt"
    words = ["demo", "--households", str(households), "--port", port]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", *words], cwd=ROOT, env=site.env, stdout=out, stderr=out
        )
    try:
        _wait(process, log)
        yield Served(site, f"http://127.0.0.1:{port}")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
        assert "Traceback" not in log.read_text()
        assert " ERROR " not in log.read_text()
    finally:
        process.kill()
        process.wait()
        site.drop()


@pytest.fixture(scope="session")
def served(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Served]:
    with django_db_blocker.unblock(), serve(tmp_path_factory.mktemp("browser"), HOUSEHOLDS) as found:
        yield found


def _wait(process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 180
    while "Ctrl-C" not in log.read_text():
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.1)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict:
    """The system's Chromium; a missing one fails these tests."""
    if not os.access(CHROMIUM, os.X_OK):
        pytest.fail(f"browser tests need Chromium, and there is none at CHROMIUM={CHROMIUM}", pytrace=False)
    return browser_type_launch_args | {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--disable-quic"],
    }


@pytest.fixture(scope="session")
def base_url(served) -> str:
    return served.address


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args) -> dict:
    return browser_context_args | {
        "viewport": {"width": 1366, "height": 768},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "permissions": ["clipboard-read", "clipboard-write"],
    }


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose console stays silent: no script error, nothing that the content policy had to refuse."""
    faults = []

    def heard(line):
        is_form_shown_again = "status of 422" in line.text  # the browser's own word on it
        if line.type == "error" and not is_form_shown_again:
            faults.append(f"{page.url}: {line.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "response", lambda answer: answer.status >= 500 and faults.append(f"{answer.status} {answer.url}")
    )
    page.set_default_timeout(15_000)
    yield page
    assert not faults, "\n".join(faults)


@pytest.fixture
def sign_in(page: Page) -> Callable[..., None]:
    def enter(username: str, password: str = people.PASSWORD) -> None:
        page.goto("/accounts/login/")
        page.get_by_label("用户名").fill(username)
        page.locator("#id_password").fill(password)
        page.get_by_role("button", name="登录").click()
        expect(page.locator("#id_password")).to_have_count(0)

    return enter


@pytest.fixture
def by_office(served) -> Callable[..., None]:
    """Commands of the office, run beside the server: what a test needs beforehand."""

    def run(*commands: list) -> None:
        served.site.run_all(*([*words, "--county", "451228", "--as", "office"] for words in commands))

    return run
