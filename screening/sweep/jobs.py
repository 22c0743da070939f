"""Sweeps as background work: queued, run by a command, cancelled."""

import datetime
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.common import audit, jobs
from fangpin.common.actor import Actor
from fangpin.common.jobs import JobFailed, Run
from fangpin.common.models import Job, JobState
from screening.models import Round
from screening.sweep.run import sweep_round

PATIENCE = 600  # seconds that a command waits for a sweep of the system's


@jobs.handler("sweep")
def sweep(run: Run) -> dict[str, Any]:
    round = Round.objects.select_related("county").get(pk=run.payload["round"])
    if run.by is not None and not (run.by.may("round.sweep") and run.by.duty.county_code == round.county_id):
        raise JobFailed("您当前的岗位不能对这个县做数据比对。")
    result = sweep_round(round, run)
    audit.record(run.by, "round_sweep", round, **{k: v for k, v in result.items() if k != "rules"})
    return result


def start_sweep(round: Round, *, by: Actor) -> Job:
    """Queues a sweep of `round`; one of the system's that only waits gives way. Raises AlreadyRunning."""
    with transaction.atomic():
        _cancel_waiting_of_system(round)
        return jobs.enqueue("sweep", str(round.pk), by=by, round=round.pk)


def sweep_now(round: Round, *, by: Actor) -> dict[str, Any]:
    """Sweeps in this process, after one that the system has begun by itself. Raises AlreadyRunning or
    JobFailed."""
    _cancel_waiting_of_system(round)
    _wait_for_the_system(round)
    return jobs.run_now("sweep", str(round.pk), by=by, round=round.pk).result


def cancel_sweep(round: Round, *, by: Actor) -> bool:
    """Ends the sweep that waits or runs; False where there is none. What its finished rules wrote stays and
    is put right by the next one, which nothing but a new list or a person begins."""
    job = _of_round(round).first()
    with transaction.atomic():
        # The round first, as everywhere: a sweep that is just ending holds it before its own job.
        calls = (
            Round.objects.select_for_update(of=("self",))
            .values_list("sweep_calls", flat=True)
            .get(pk=round.pk)
        )
        if job is None or not jobs.cancel(job, by=by):
            return False
        Round.objects.filter(pk=round.pk).answer_sweep(calls)
        audit.record(by, "round_sweep_cancel", round)
    return True


def _of_round(round: Round) -> QuerySet[Job]:
    return Job.objects.active().filter(key=f"sweep:{round.pk}")


def _cancel_waiting_of_system(round: Round) -> None:
    for job in _of_round(round).filter(by=None, state=JobState.QUEUED):
        jobs.cancel(job, by=None)


def _wait_for_the_system(round: Round) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        # A job without a heartbeat is taken over by the next worker.
        alive = timezone.now() - datetime.timedelta(seconds=settings.JOB_LEASE_SECONDS)
        if not _of_round(round).filter(by=None, heartbeat_at__gt=alive).exists():
            return
        time.sleep(0.2)
