"""Background work whose state lives in the database: queued, claimed under a lease, resumed after a crash.

A handler is registered by kind and gets a `Run`; it must be safe to run again from the beginning. Commands
run the same handler at once (`run_now`), pages queue it (`enqueue`).
"""

import datetime
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.models import Job, JobState
from fangpin.common.refusals import Refused

log = logging.getLogger(__name__)
Handler = Callable[["Run"], dict[str, Any] | None]
_handlers: dict[str, Handler] = {}


class AlreadyRunning(Refused):
    """The same work is queued or running; `job` is that run."""

    def __init__(self, job: Job | None):
        super().__init__("同一工作正在进行，请等它完成后再试。")
        self.job = job


class LeaseLost(Exception):
    """Another worker took this run over, or it was cancelled; whatever this one was writing is rolled
    back."""


class JobFailed(Refused):
    """The work can't be done as asked; `message` is Chinese and says what to do. Not retried."""


@dataclass
class Run:
    """What a handler holds: the job, and its lease."""

    job: Job
    attempt: int
    undo: list[Callable[[], None]] = field(
        default_factory=list
    )  # called where the run ends without its result

    @property
    def payload(self) -> dict[str, Any]:
        return self.job.payload

    @property
    def by(self) -> Actor | None:
        return self.job.by

    def progress(self, done: int, total: int, label: str = "", so_far: dict[str, Any] | None = None) -> None:
        """Tells how far the work is and renews the lease; inside a transaction it also fences: a worker that
        has lost its lease, or whose run was cancelled, gets LeaseLost here, before its writes are committed.
        `so_far` is shown while the work goes on; the result takes its place."""
        interim = {} if so_far is None else {"result": so_far}
        held = Job.objects.filter(pk=self.job.pk, attempt=self.attempt, state=JobState.RUNNING).update(
            heartbeat_at=timezone.now(), steps_done=done, steps_total=total, label=label[:120], **interim
        )
        if not held:
            raise LeaseLost(str(self.job))


def handler(kind: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def enqueue(kind: str, key: str, *, by: Actor | None, **payload: Any) -> Job:
    """Queues work; workers are woken after the commit. Raises AlreadyRunning where `key` is active."""
    job = _create(kind, key, by, payload)
    transaction.on_commit(lambda: wake(job.pk))
    return job


def run_now(kind: str, key: str, *, by: Actor | None, **payload: Any) -> Job:
    """Does the work in this process and returns the ended job; what a dead process left of it is taken over.
    Raises AlreadyRunning or JobFailed."""
    try:
        job = _create(kind, key, by, payload)
    except AlreadyRunning as error:
        if error.job is None or not _is_abandoned(error.job):
            raise
        job = error.job
    if not execute(job.pk):
        raise AlreadyRunning(job)
    job.refresh_from_db()
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        raise JobFailed(job.error)
    return job


def cancel(job: Job, *, by: Actor | None) -> bool:
    """Ends a run that waits or is under way; False where it has ended already. `by` is None for the system.

    The worker finds out at its next `progress`: what it is writing then is rolled back.
    """
    who = by.name if by is not None else "系统"
    now = timezone.now()
    return bool(
        Job.objects.active()
        .filter(pk=job.pk)
        .update(state=JobState.CANCELLED, error=f"已由{who}取消，没有完成。", ended_at=now)
    )


def execute(pk: int) -> bool:
    """Claims and runs a job; False when it is not to be had (done, or somebody holds its lease)."""
    run = _claim(pk)
    if run is None:
        return False
    try:
        if run.job.by is not None:
            run.job.by.resume(run.job.acting_as)  # a duty taken away since then stops the work
        result = _handlers[run.job.kind](run)
    except LeaseLost:
        log.warning("job %s was taken over or cancelled", pk)
        return False
    except Exception as error:
        message = getattr(error, "message", None)
        _end(
            run,
            JobState.FAILED,
            error=message or "程序出错，没有完成，数据没有改动。请重试；仍不行请联系系统管理员。",
        )
        if message is None:
            log.exception("job %s failed", pk)
            raise
        return True
    if not _end(run, JobState.DONE, result=result or {}):
        log.warning("job %s was taken over or cancelled in its last moment", pk)
        for undo in run.undo:
            undo()
        return False
    return True


def stale() -> "list[int]":
    """Jobs that nobody is working on: queued for a while, or running without a heartbeat."""
    before = timezone.now() - datetime.timedelta(seconds=settings.JOB_LEASE_SECONDS)
    return list(
        Job.objects.filter(
            Q(state=JobState.QUEUED, created_at__lt=before)
            | Q(state=JobState.RUNNING, heartbeat_at__lt=before)
        ).values_list("pk", flat=True)
    )


def wake(pk: int) -> None:
    """Wakes a worker. Without a broker the job stays queued and the scheduler picks it up later."""
    try:
        current_app.tasks["common.run_job"].delay(pk)
    except Exception:
        log.warning("broker not reachable, job %s waits for the scheduler", pk)


def _create(kind: str, key: str, by: Actor | None, payload: dict[str, Any]) -> Job:
    full_key = f"{kind}:{key}"
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind,
                key=full_key,
                by=by,
                acting_as=by.acting if by is not None else None,
                payload=payload,
            )
    except IntegrityError as error:
        raise AlreadyRunning(Job.objects.active().filter(key=full_key).first()) from error


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_abandoned(job: Job) -> bool:
    """Nobody is at it: no sign of life for the length of a lease, or its process, of this machine, is
    gone."""
    before = timezone.now() - datetime.timedelta(seconds=settings.JOB_LEASE_SECONDS)
    if job.state == JobState.QUEUED:
        return job.created_at < before
    host, _, process = job.payload.get("worker", "").rpartition(":")
    is_silent = job.heartbeat_at is None or job.heartbeat_at < before
    return is_silent or (host == socket.gethostname() and not _is_alive(int(process)))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _claim(pk: int) -> Run | None:
    with transaction.atomic():
        job = (
            Job.objects.select_for_update(of=("self",))
            .select_related("by", "acting_as")
            .filter(pk=pk)
            .first()
        )
        if job is None:
            return None
        if job.state != JobState.QUEUED and (job.state != JobState.RUNNING or not _is_abandoned(job)):
            return None
        job.attempt += 1
        job.state, job.heartbeat_at = JobState.RUNNING, timezone.now()
        job.payload["worker"] = _worker()
        job.save(update_fields=["attempt", "state", "heartbeat_at", "payload"])
    return Run(job=job, attempt=job.attempt)


def _end(run: Run, state: JobState, *, result: dict[str, Any] | None = None, error: str = "") -> bool:
    """Whether it was still this run's to end."""
    now = timezone.now()
    mine = Job.objects.filter(pk=run.job.pk, attempt=run.attempt, state=JobState.RUNNING)
    return bool(mine.update(state=state, result=result or {}, error=error, ended_at=now, heartbeat_at=now))
