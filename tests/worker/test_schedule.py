"""The schedule: beat wakes workers; two schedulers at once open one round a county."""

import subprocess
import sys

import pytest
from django.conf import settings

from fangpin.celery import app
from tests.sites import ROOT
from tests.worker.conftest import found
from tests.worker.hall import SCRIPT, until

pytestmark = pytest.mark.worker

# Stops when it has seen that the round is missing, until the other one has seen it too.
OPEN = """
import datetime, sys, time
from pathlib import Path
from screening.rounds import opening as rounds
mine, other = Path(sys.argv[1]), Path(sys.argv[2])
open_round = rounds.open_round
def late(*words, **more):
    mine.touch()
    while not other.exists():
        time.sleep(0.01)
    return open_round(*words, **more)
rounds.open_round = late
print(len(rounds.open_due_rounds(datetime.date(2020, 6, 30))))
"""

# The same of a list that waits to be swept.
SWEEP = """
import datetime, sys, time
from pathlib import Path
from django.utils import timezone
from screening.sweep import schedule
mine, other = Path(sys.argv[1]), Path(sys.argv[2])
queue = schedule._queue
def late(round):
    mine.touch()
    while not other.exists():
        time.sleep(0.01)
    return queue(round)
schedule._queue = late
print(len(schedule.queue_due_sweeps(timezone.now() + datetime.timedelta(hours=1))))
"""


def test_beat_has_the_worker_pick_up_what_nobody_was_woken_for(hall, wanted):
    """Only the intervals are shorter than the product's."""
    hall.script("start_sweep(Round.objects.get(), by=office())", REDIS_URL="redis://127.0.0.1:1/0")
    schedule = hall.site.folder / "beat"
    with hall.worker() as worker, hall.celery("beat", "--loglevel=info", f"--schedule={schedule}") as beat:
        until("the sweep is done", hall.is_done)
        until("rounds were looked after", lambda: "Task screening.open_due_rounds" in worker.words)
        assert beat.stop() == 0
        assert worker.stop() == 0
    assert "ERROR" not in beat.words + worker.words
    assert found(hall.site) == wanted


def test_beat_schedule_names_tasks_that_there_are():
    app.loader.import_default_modules()
    due = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert due == {
        "screening.open_due_rounds": 3600,
        "screening.sweep_due_rounds": 30,
        "common.requeue_stale_jobs": 30,
        "screening.propose_national_corrections": 3600,
        "screening.remove_old_simulations": 86400,
        "screening.drop_forgotten_files": 3600,
        "handheld.drop_old_pieces": 86400,
        "measures.drop_old_sheets": 3600,
    }
    assert set(due) <= set(app.tasks)


def both(hall, code: str) -> list[int]:
    """What two processes print that run `code` at the same moment, the smaller first."""
    files = [hall.site.folder / name for name in ("first", "second")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT + code, *map(str, order)],
            cwd=ROOT,
            env=hall.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for order in (files, files[::-1])
    ]
    try:
        ended = [process.communicate(timeout=40) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], ended
    return sorted(int(out) for out, _ in ended)


def test_two_schedulers_at_once_queue_one_sweep(hall):
    assert both(hall, SWEEP) == [0, 1]
    queued = hall.site.rows("SELECT state, by_id FROM common_job WHERE kind = 'sweep' ORDER BY id DESC")
    assert queued[0] == ("queued", None)
    assert len([state for state, _ in queued if state == "queued"]) == 1


def test_two_schedulers_at_once_open_one_round(hall):
    assert both(hall, OPEN) == [0, 1]
    opened = "FROM screening_round WHERE year = 2020 AND quarter = 2"
    assert hall.site.rows(f"SELECT count(*) {opened}") == [(1,)]
    told = "SELECT count(*) FROM {} WHERE {} AND object_id = (SELECT id " + opened + ")"
    assert hall.site.rows(told.format("common_statusrecord", "transition = 'open_round'")) == [(1,)]
    assert hall.site.rows(told.format("common_auditrow", "act = 'round_open'")) == [(1,)]
