"""Sweeps that nobody starts: after a delivery, and on the morning after the lists were due. By the county's
clock."""

import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from fangpin.common import jobs as work
from fangpin.common.jobs import JobFailed, Run
from fangpin.common.models import AuditRow, Job, JobState
from screening.models import Lead, Round
from screening.sweep import jobs, schedule
from screening.sweep import run as sweep
from screening.tasks import sweep_due_rounds
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
QUIET = datetime.timedelta(minutes=3)
NOON = datetime.datetime(2020, 3, 10, 12, 0, tzinfo=SHANGHAI)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.SWEEP_QUIET_SECONDS = int(QUIET.total_seconds())


@pytest.fixture
def round(round_2020q1):
    Round.objects.update(feeds_due=datetime.date(2020, 3, 20))
    round_2020q1.refresh_from_db()
    return round_2020q1


@pytest.fixture
def homes(db):
    return pages.ill_households(2)


def at(moment: datetime.datetime):
    return time_machine.travel(moment, tick=False)


def bring(round, by, homes, when=NOON):
    with at(when):
        return pages.deliver(round, by, pages.medical_list(*pages.heads(homes)))


def queue_due(when) -> int:
    with at(when):
        return sweep_due_rounds()


def do(when) -> None:
    """What a worker does with whatever is queued."""
    with at(when):
        for pk in Job.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True):
            work.execute(pk)


def sweeps() -> list[str]:
    return list(Job.objects.filter(kind="sweep").order_by("pk").values_list("state", flat=True))


def test_a_delivery_is_swept_once_it_is_quiet(round, insurance_officer, homes):
    bring(round, insurance_officer, homes)
    assert queue_due(NOON + QUIET - SECOND) == 0
    assert queue_due(NOON + QUIET) == 1
    (job,) = Job.objects.all()
    assert (job.kind, job.by, job.state) == ("sweep", None, JobState.QUEUED)
    do(NOON + QUIET)
    assert Lead.objects.count() == 2
    assert queue_due(NOON + 5 * QUIET) == 0
    assert AuditRow.objects.filter(act="round_sweep", by=None).count() == 1


def test_lists_within_minutes_make_one_sweep(round, insurance_officer, education_officer, homes):
    for minutes in (0, 2, 4):
        bring(round, insurance_officer, homes[: minutes // 2 + 1], NOON + minutes * 60 * SECOND)
        assert queue_due(NOON + minutes * 60 * SECOND) == 0
    assert queue_due(NOON + 6 * 60 * SECOND) == 0
    assert queue_due(NOON + 7 * 60 * SECOND) == 1
    assert queue_due(NOON + 8 * 60 * SECOND) == 0
    do(NOON + 8 * 60 * SECOND)
    assert sweeps() == ["done"]


def test_lists_that_keep_coming_are_swept_all_the_same(round, insurance_officer, homes):
    for minutes in range(0, 15, 2):
        bring(round, insurance_officer, homes, NOON + minutes * 60 * SECOND)
        assert queue_due(NOON + minutes * 60 * SECOND) == 0
    assert queue_due(NOON + schedule.LONGEST_WAIT * QUIET) == 1


def test_a_list_that_comes_while_one_runs_is_followed_by_another(
    round, insurance_officer, homes, monkeypatch
):
    bring(round, insurance_officer, homes[:1])
    assert queue_due(NOON + QUIET) == 1
    rule, late = sweep.apply_rule, iter([homes])

    def meanwhile(*words, **more):
        result = rule(*words, **more)
        for more_homes in late:
            bring(round, insurance_officer, more_homes, NOON + QUIET)
            assert queue_due(NOON + 3 * QUIET) == 0  # one is running
        return result

    monkeypatch.setattr(sweep, "apply_rule", meanwhile)
    do(NOON + QUIET)
    assert queue_due(NOON + 2 * QUIET - SECOND) == 0
    assert queue_due(NOON + 2 * QUIET) == 1
    do(NOON + 2 * QUIET)
    assert sweeps() == ["done", "done"]
    assert Lead.objects.current().count() == 2
    assert queue_due(NOON + 9 * QUIET) == 0


def test_a_sweep_by_hand_answers_too(round, insurance_officer, office, homes):
    bring(round, insurance_officer, homes)
    jobs.sweep_now(round, by=office)
    assert queue_due(NOON + 9 * QUIET) == 0


def test_the_office_need_not_wait_for_one_that_is_queued(round, insurance_officer, office, homes):
    bring(round, insurance_officer, homes)
    queue_due(NOON + QUIET)
    assert jobs.sweep_now(round, by=office)["leads"] == 2
    assert sweeps() == ["cancelled", "done"]
    assert queue_due(NOON + 9 * QUIET) == 0


def test_what_was_missed_is_caught_up(round, insurance_officer, homes):
    bring(round, insurance_officer, homes)
    assert queue_due(NOON + datetime.timedelta(days=30)) == 1


def test_two_looks_at_the_same_moment_queue_one(round, insurance_officer, homes, monkeypatch):
    """The second has seen the same rounds when the first has queued, and even ended, its sweep."""
    bring(round, insurance_officer, homes)
    with at(NOON + QUIET):
        seen = schedule._due(NOON + QUIET)
        assert len(schedule.queue_due_sweeps()) == 1
        monkeypatch.setattr(schedule, "_due", lambda now: seen)
        assert schedule.queue_due_sweeps() == []
        do(NOON + QUIET)
        assert schedule.queue_due_sweeps() == []
    assert sweeps() == ["done"]


# --- the deadline ----------------------------------------------------------------------------------------

MORNING = datetime.datetime(2020, 3, 21, 6, 0, tzinfo=SHANGHAI)


@pytest.fixture
def swept(round, insurance_officer, office, homes):
    bring(round, insurance_officer, homes)
    jobs.sweep_now(round, by=office)
    return round


def test_deadline_is_swept_on_the_morning_after_once(swept):
    assert queue_due(datetime.datetime(2020, 3, 20, 23, 59, tzinfo=SHANGHAI)) == 0
    assert queue_due(MORNING - SECOND) == 0
    assert queue_due(MORNING) == 1
    do(MORNING)
    for days in (0, 1, 40):
        assert queue_due(MORNING + datetime.timedelta(days=days, minutes=1)) == 0
    assert sweeps() == ["done", "done"]


def test_deadline_goes_by_the_countys_clock(swept):
    """22:00 of 20 March in London is six in the morning of the 21st here."""
    utc = datetime.datetime(2020, 3, 20, 22, 0, tzinfo=datetime.UTC)
    assert queue_due(utc - SECOND) == 0
    assert queue_due(utc) == 1


def test_deadline_missed_is_caught_up(swept):
    assert queue_due(MORNING + datetime.timedelta(days=12)) == 1


def test_deadline_without_any_list_is_not_swept(round):
    assert queue_due(MORNING) == 0
    assert Round.objects.get().deadline_seen_at
    assert not Job.objects.exists()


def test_deadline_of_a_submitted_round_means_nothing(swept):
    Round.objects.update(state="submitted")
    assert queue_due(MORNING) == 0


def test_two_looks_at_the_deadline_queue_one(swept, monkeypatch):
    with at(MORNING):
        first = [job.pk for job in schedule.queue_due_sweeps()]
        do(MORNING)
        assert schedule.queue_due_sweeps() == []
    assert len(first) == 1


# --- failure ---------------------------------------------------------------------------------------------


@pytest.fixture
def failed(round, insurance_officer, homes, monkeypatch):
    bring(round, insurance_officer, homes)
    queue_due(NOON + QUIET)

    def broken(*words, **more):
        raise JobFailed("户册正在整理。")

    with monkeypatch.context() as patched:
        patched.setattr(sweep, "apply_rule", broken)
        do(NOON + QUIET)
    assert sweeps() == ["failed"]
    return round


def test_failed_one_is_tried_again_after_an_hour(failed):
    assert queue_due(NOON + QUIET + datetime.timedelta(minutes=59)) == 0
    assert queue_due(NOON + QUIET + datetime.timedelta(minutes=61)) == 1
    do(NOON + QUIET + datetime.timedelta(minutes=61))
    assert sweeps() == ["failed", "done"]


def test_failed_one_is_tried_again_for_a_new_list(failed, insurance_officer, homes):
    bring(failed, insurance_officer, homes, NOON + 2 * QUIET)
    assert queue_due(NOON + 3 * QUIET) == 1


def test_failed_one_is_told_to_the_office(failed, client, office):
    shown = pages.words(pages.page(client, office, "screening:round-detail", failed.uuid))
    assert "系统自动比对没有完成：户册正在整理。" in shown
    todo = pages.words(pages.page(client, office, "home"))
    assert "数据比对没有完成" in todo
    assert "系统自动比对没有完成：户册正在整理。" in todo


def test_automatic_one_is_named_so_on_the_page(round, insurance_officer, homes, client, office):
    bring(round, insurance_officer, homes)
    shown = pages.words(pages.page(client, office, "screening:round-detail", round.uuid))
    assert "几分钟后系统自动比对" in shown
    queue_due(NOON + QUIET)
    assert "排队中 · 系统自动" in pages.words(
        pages.page(client, office, "screening:round-detail", round.uuid)
    )
    do(NOON + QUIET)
    shown = pages.words(pages.page(client, office, "screening:round-detail", round.uuid))
    assert "12:03 · 系统自动" in shown


# --- cancelled -------------------------------------------------------------------------------------------


def test_cancelled_one_does_not_begin_again_by_itself(round, insurance_officer, office, homes):
    bring(round, insurance_officer, homes)
    queue_due(NOON + QUIET)
    assert jobs.cancel_sweep(round, by=office)
    assert not jobs.cancel_sweep(round, by=office)
    assert sweeps() == ["cancelled"]
    do(NOON + QUIET)
    assert not Lead.objects.exists()
    assert queue_due(NOON + 9 * QUIET) == 0
    bring(round, insurance_officer, homes, NOON + 10 * QUIET)
    assert queue_due(NOON + 11 * QUIET) == 1


def test_cancelled_in_the_middle_is_mended_by_the_next(round, insurance_officer, office, homes, monkeypatch):
    bring(round, insurance_officer, homes)
    queue_due(NOON + QUIET)
    progress, left = Run.progress, iter(range(4))

    def cancelled(self, *words, **more):
        if next(left, None) is None:
            jobs.cancel_sweep(round, by=office)
        return progress(self, *words, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Run, "progress", cancelled)
        do(NOON + QUIET)
    assert sweeps() == ["cancelled"]
    assert Round.objects.get().swept_at is None
    jobs.sweep_now(round, by=office)
    assert Lead.objects.count() == 2
