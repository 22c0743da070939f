"""Redis away: a page commits all the same, and the work is picked up later."""

import socket

import pytest

from tests.worker.conftest import found
from tests.worker.hall import until

pytestmark = pytest.mark.worker

# Presses the button as the office, and tells how long the page took.
PRESS = """
import time
from django.test import Client
from fangpin.accounts.models import User
client = Client()
client.force_login(User.objects.get(username="office"))
address = reverse("screening:round-detail", args=[Round.objects.get().uuid])
began = time.monotonic()
answer = client.post(address + "sweep/")
took = time.monotonic() - began
assert (answer.status_code, answer["Location"]) == (302, address + "#sweep"), answer.content.decode()
assert "排队中" in client.get(address).content.decode()
print(took)
"""


@pytest.fixture
def silent_port():
    """Takes connections and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)
        yield silent.getsockname()[1]


def test_page_commits_while_redis_is_away_and_the_sweep_is_done_later(hall, wanted):
    took = hall.script(PRESS, REDIS_URL="redis://127.0.0.1:1/0").out
    assert float(took) < 5
    assert hall.job == ("queued", 0)
    with hall.worker():
        hall.requeue()
        until("the sweep is done", hall.is_done)
    assert found(hall.site) == wanted


def test_page_commits_while_redis_says_nothing(hall, silent_port):
    took = hall.script(PRESS, REDIS_URL=f"redis://127.0.0.1:{silent_port}/0").out
    assert float(took) < 10
    assert hall.job == ("queued", 0)
