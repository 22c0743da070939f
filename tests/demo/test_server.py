import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from demo import people

ROOT = Path(__file__).resolve().parents[2]
RUNNING = re.compile(r"/jobs/[0-9a-f-]{36}/")


@pytest.fixture
def served(tmp_path):
    """The demo as somebody starts it: its process and address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"FANGPIN_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "fangpin.settings"}
    env.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--households", "20", "--port", str(port)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in process.stdout:
        if "Ctrl-C" in line:
            break
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.stdout.close()
    process.wait()


class Browser:
    def __init__(self, address: str):
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, path: str) -> str:
        with self.opener.open(self.address + path) as answer:
            return answer.read().decode()

    def post(self, path: str, page: str, **form) -> str:
        form["csrfmiddlewaretoken"] = re.search(r'csrfmiddlewaretoken" value="(.+?)"', page)[1]
        with self.opener.open(self.address + path, urlencode(form).encode()) as answer:
            return answer.read().decode()


def test_demo_serves_sweeps_in_the_background_and_ends_with_ctrl_c(served):
    process, address = served
    browser = Browser(address)
    login = reverse("accounts:login")
    browser.post(login, browser.get(login), username="office", password=people.PASSWORD)
    rounds = browser.get(reverse("screening:round-list"))
    path = re.search(rf"{reverse('screening:round-list')}[0-9a-f-]{{36}}/", rounds)[0]
    page = browser.post(f"{path}sweep/", browser.get(path))
    deadline = time.monotonic() + 10
    while RUNNING.search(page) and time.monotonic() < deadline:
        time.sleep(0.2)
        page = browser.get(path)
    assert not RUNNING.search(page)  # the progress line is gone: the sweep is done
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
