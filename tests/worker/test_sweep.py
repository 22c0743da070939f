"""A sweep by a real worker: done, and the same whatever is killed."""

import os
import signal

import pytest

from tests.worker.conftest import found
from tests.worker.hall import until

pytestmark = pytest.mark.worker


def test_worker_does_the_sweep_that_was_queued(hall, wanted):
    with hall.worker() as worker:
        hall.start_sweep()
        until("the sweep is done", hall.is_done)
        assert found(hall.site) == wanted
        assert hall.job == ("done", 1)
        assert worker.stop() == 0


@pytest.mark.parametrize("places", [("matching", "inside-1"), ("between-2", "closing")])
def test_workers_killed_one_after_the_other_end_the_same(hall, wanted, places):
    """Killed with their children; the message is lost with them, only the row in the database is left."""
    hall.start_sweep()
    for place in places:
        with hall.worker(stop_at=place) as worker:
            until(f"the worker stands at {place}", lambda place=place: hall.has_stopped(place))
            worker.kill()
        assert hall.job[0] == "running"
        assert found(hall.site) != wanted
        hall.requeue()
    with hall.worker():
        until("the sweep is done", hall.is_done)
    assert found(hall.site) == wanted
    assert hall.job == ("done", len(places) + 1)


def test_worker_whose_child_is_killed_takes_the_work_up_itself(hall, wanted):
    """As a machine short of memory does it: no lease has to run out, nobody has to requeue."""
    with hall.worker(stop_at="inside-1"):
        hall.start_sweep()
        until("the child stands", lambda: hall.has_stopped("inside-1"))
        os.kill(hall.job_process(), signal.SIGKILL)
        until("the sweep is done", hall.is_done)
    assert found(hall.site) == wanted
    assert hall.job == ("done", 2)


def test_child_taken_for_dead_commits_nothing_more(hall):
    """It hangs past its lease; another child of the worker ends the sweep; then the first wakes up."""
    with hall.worker(stop_at="between-1"):
        hall.start_sweep()
        until("the child stands", lambda: hall.has_stopped("between-1"))
        hall.requeue()
        until("the sweep is done", hall.is_done)
        hall.site.rows("UPDATE screening_leadreason SET value = -1")
        marked = found(hall.site)
        hall.let_go_on("between-1")
    assert found(hall.site) == marked
    assert hall.job == ("done", 2)


def test_sweep_by_the_embedded_worker_of_the_demo(hall, wanted):
    """One process for everything, without Redis."""
    done = hall.script(
        """
import time
from demo.embedded import background_work
from fangpin.celery import app
with background_work(app):
    job = start_sweep(Round.objects.get(), by=office())
    until = time.monotonic() + 15
    while job.is_active and time.monotonic() < until:
        time.sleep(0.05)
        job.refresh_from_db()
print(job.state)
"""
    )
    assert done.out.strip() == "done"
    assert found(hall.site) == wanted
