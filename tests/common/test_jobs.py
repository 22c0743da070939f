import datetime

import pytest
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.common import jobs, tasks
from fangpin.common.models import Job, JobState


@pytest.fixture
def calls(monkeypatch):
    made = []
    monkeypatch.setitem(jobs._handlers, "test", lambda run: made.append(run.attempt) or {"n": len(made)})
    return made


def test_run_now_does_the_work_and_keeps_the_result(office, calls):
    job = jobs.run_now("test", "1", by=office)
    assert (job.state, job.result, calls) == (JobState.DONE, {"n": 1}, [1])


def test_enqueue_runs_after_the_commit(office, calls, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("test", "1", by=office)
        assert calls == []
    assert calls == [1]


def test_enqueue_without_a_broker_leaves_the_job_for_the_scheduler(
    office, calls, monkeypatch, django_capture_on_commit_callbacks
):
    def absent(pk):
        raise ConnectionError

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(tasks.run_job, "delay", absent)
        job = jobs.enqueue("test", "1", by=office)
    assert (Job.objects.get(pk=job.pk).state, calls) == (JobState.QUEUED, [])
    Job.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1))
    tasks.requeue_stale_jobs()
    assert calls == [1]


def test_one_active_job_a_key(office, calls):
    first = jobs.enqueue("test", "1", by=office)
    with pytest.raises(jobs.AlreadyRunning) as caught:
        jobs.enqueue("test", "1", by=office)
    assert caught.value.job == first


def test_job_of_a_dead_worker_is_taken_over(office, calls):
    job = jobs.enqueue("test", "1", by=office)
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1, heartbeat_at=long_ago)
    assert jobs.stale() == [job.pk]
    assert jobs.execute(job.pk)
    assert calls == [2]


def test_job_that_somebody_works_on_is_left_alone(office, calls):
    job = jobs.enqueue("test", "1", by=office)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1, heartbeat_at=timezone.now())
    assert not jobs.execute(job.pk)
    assert calls == []


def test_worker_that_lost_its_lease_can_write_nothing(office, monkeypatch):
    def slow(run):
        Job.objects.filter(pk=run.job.pk).update(attempt=9)  # somebody else took it over
        run.progress(1, 2, "x")
        raise AssertionError("went on without a lease")

    monkeypatch.setitem(jobs._handlers, "test", slow)
    job = jobs.enqueue("test", "1", by=office)
    assert not jobs.execute(job.pk)
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING


def test_duty_taken_away_stops_queued_work(office, calls):
    job = jobs.enqueue("test", "1", by=office)
    Duty.objects.update(begins_on=datetime.date(2019, 1, 1), ends_on=datetime.date(2020, 1, 1))
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, calls) == (JobState.FAILED, [])
    assert "岗位" in job.error


def test_failure_that_explains_itself_is_shown(office, monkeypatch):
    def refuse(run):
        raise jobs.JobFailed("文件里没有数据。")

    monkeypatch.setitem(jobs._handlers, "test", refuse)
    with pytest.raises(jobs.JobFailed, match="没有数据"):
        jobs.run_now("test", "1", by=office)


def test_program_error_is_told_without_its_insides(office, monkeypatch):
    def broken(run):
        raise ZeroDivisionError("secret")

    monkeypatch.setitem(jobs._handlers, "test", broken)
    with pytest.raises(ZeroDivisionError):
        jobs.run_now("test", "1", by=office)
    job = Job.objects.get()
    assert job.state == JobState.FAILED
    assert "secret" not in job.error
