"""When the county's lists are compared without anybody pressing the button (Art. 7(2)1): some minutes after a
list was delivered, and once on the morning after the lists were due.

Whatever calls for a sweep counts up `sweep_calls` in its own transaction; a sweep notes the count when it
begins and answers that many when it ends. So what comes while one runs brings another, whatever is missed is
seen when the schedule runs next, and two runs of the schedule at the same moment queue one sweep.
"""

import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from fangpin.common import audit, jobs
from fangpin.common.jobs import AlreadyRunning
from fangpin.common.models import Job, JobState
from screening.models import Feed, FeedState, Round
from screening.models.rounds import LONGEST_WAIT, quiet_time

TRY_AGAIN = datetime.timedelta(hours=1)  # after one that failed
MORNING = datetime.time(6)


def queue_due_sweeps(now: datetime.datetime | None = None) -> list[Job]:
    """Queues what is due, by the system; safe to call at any time, twice, and after a long silence."""
    now = now or timezone.now()
    _call_at_deadlines(now)
    return [job for round in _due(now) if (job := _queue(round)) is not None]


def _call_at_deadlines(now: datetime.datetime) -> None:
    """Calls for a sweep at six in the morning of the day after the lists were due, once a round: with
    whatever lists are there."""
    local = timezone.localtime(now)
    before = local.date() if local.time() >= MORNING else local.date() - datetime.timedelta(days=1)
    over = Round.objects.filter(state__in=Round.SWEEPABLE, feeds_due__lt=before, deadline_seen_at=None)
    for round in over:
        with transaction.atomic():
            # Whoever changes the row first has seen it.
            mine = over.filter(pk=round.pk).update(deadline_seen_at=now)
            if mine and Feed.objects.filter(round=round, state=FeedState.MATCHED).exists():
                Round.objects.filter(pk=round.pk).call_for_sweep(at_once=True)


def waiting() -> QuerySet[Round]:
    """Rounds that something calls to sweep."""
    return Round.objects.filter(state__in=Round.SWEEPABLE, sweep_calls__gt=F("sweep_answered"))


def _due(now: datetime.datetime) -> list[Round]:
    quiet = Q(sweep_called_at__lte=now - quiet_time())
    waited = Q(sweep_called_from__lte=now - LONGEST_WAIT * quiet_time())
    return [round for round in waiting().filter(quiet | waited) if not _has_just_failed(round, now)]


def _has_just_failed(round: Round, now: datetime.datetime) -> bool:
    """The last sweep failed within the hour, and nothing new has come since: it would only fail again."""
    last = Job.objects.filter(key=f"sweep:{round.pk}").order_by("-pk").first()
    return (
        last is not None
        and last.state == JobState.FAILED
        and last.ended_at is not None
        and last.ended_at > max(now - TRY_AGAIN, round.sweep_called_at or now - TRY_AGAIN)
    )


def _queue(round: Round) -> Job | None:
    """Under the round's lock, and asked once more: another run of the schedule may have been quicker."""
    with transaction.atomic():
        if not waiting().select_for_update(of=("self",)).filter(pk=round.pk).exists():
            return None
        try:
            job = jobs.enqueue("sweep", str(round.pk), by=None, round=round.pk)
        except AlreadyRunning:
            return None  # it answers, or the next run of the schedule sees the call still open
        audit.record(None, "round_sweep_called", round)
    return job
