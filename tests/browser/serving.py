"""The demo in a process of its own, on a copy of the test database, as `make demo` serves it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import sites
from tests.sites import ROOT, Site

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


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


def _wait(process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 180
    while "Ctrl-C" not in log.read_text():
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.1)
