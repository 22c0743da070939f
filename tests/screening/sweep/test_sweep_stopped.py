"""A sweep that is stopped: killed between rules and run again, it ends the same; two never write at once."""

import dataclasses
import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from fangpin.common import jobs
from fangpin.common.models import Job
from screening import criteria
from screening.models import Lead, LeadReason, Round
from screening.sweep.jobs import start_sweep
from tests import factories
from tests.books import (
    accident,
    dangerous_home,
    disability,
    dropout,
    dry_home,
    expense,
    illness,
    job,
    loss,
    settlement,
    student,
)
from tests.running import COUNTY, QUARTER, run

SWEEP = ["sweep", "--county", COUNTY, "--quarter", QUARTER, "--as", "office", "--json"]
RULES = len(criteria.rules())


class Killed(BaseException):
    """Not an Exception: nothing catches it, the job is left as a kill leaves it."""


@pytest.fixture
def county_swept_once(desk, round_2020q1):
    """Three households: A found by every rule, B to lose its lead, C to gain one."""
    births = [datetime.date(1980, 1, 1), datetime.date(2009, 1, 1)]
    a, b, c = (factories.household(status="lifted", number=number, births=births) for number in "ABC")
    desk.feed("school_dropout", dropout(a.members.last()))
    desk.feed("medical_settlement", settlement(a.members.first()), settlement(b.members.first()))
    desk.feed("unsafe_housing", dangerous_home(a.members.first()))
    for kind, row in (
        ("disaster_loss", loss),
        ("job_loss", job),
        ("rigid_expense", expense),
        ("disability", disability),
        ("traffic_accident", accident),
        ("untreated_illness", illness),
        ("water_shortage", dry_home),
        ("student_hardship", student),
    ):
        desk.feed(kind, row(a.members.first()))
    desk.sweep()
    desk.feed("medical_settlement", settlement(a.members.first(), "30000"), settlement(c.members.first()))


def rows() -> list:
    """Every lead and reason, by content."""
    leads = Lead.objects.order_by("household__number", "subcriterion").values_list(
        "household__number",
        "source",
        "subcriterion",
        "category",
        "above_line",
        "per_head",
        "in_case",
        "acted_at",
        "flagged_at",
    )
    reasons = LeadReason.objects.order_by("lead__household__number", "rule").values_list(
        "lead__household__number",
        "rule",
        "version",
        "article",
        "value",
        "threshold",
        "threshold_since",
        "rows",
    )
    withdrawn = Lead.objects.exclude(withdrawn_at=None).values_list("household__number", "subcriterion")
    closed = LeadReason.objects.exclude(closed_at=None).values_list("lead__household__number", "rule")
    return [list(leads), list(reasons), sorted(withdrawn), sorted(closed)]


def what_one_sweep_would_make() -> list:
    with transaction.atomic():
        assert run(*SWEEP).code == 0
        made = rows()
        transaction.set_rollback(True)
    return made


@pytest.fixture
def break_rule(monkeypatch):
    """Makes the rule at a place do something else first."""

    def put(place: int, act) -> None:
        known = dict(criteria.rules())
        code = list(known)[place]
        rule = known[code]

        def find(*words):
            act()
            return rule.find(*words)

        known[code] = dataclasses.replace(rule, find=find)
        monkeypatch.setattr(criteria, "rules", lambda: known)

    yield put
    monkeypatch.undo()


def fail(error: type[BaseException]):
    def act():
        raise error

    return act


def killed_at(place: int, break_rule, monkeypatch) -> Job:
    """Runs a sweep that is killed when it comes to a rule, as a process that is gone leaves it."""
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_worker", lambda: _gone())
        break_rule(place, fail(Killed))
        with pytest.raises(Killed):
            run(*SWEEP)
    monkeypatch.undo()
    job = Job.objects.latest("id")
    assert job.state == "running"
    return job


def _gone() -> str:
    import socket

    return f"{socket.gethostname()}:{2**22 + 1}"  # beyond any process number


@pytest.mark.parametrize("place", range(RULES))
def test_sweep_killed_and_run_again_ends_the_same(county_swept_once, break_rule, monkeypatch, place):
    wanted = what_one_sweep_would_make()
    job = killed_at(place, break_rule, monkeypatch)
    assert rows() != wanted
    ran = run(*SWEEP)
    assert ran.code == 0, ran.err
    assert rows() == wanted
    assert list(Job.objects.order_by("id").values_list("attempt", flat=True))[-1] == 2
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.parametrize("place", range(RULES))
def test_sweep_that_failed_and_is_run_again_ends_the_same(county_swept_once, break_rule, monkeypatch, place):
    wanted = what_one_sweep_would_make()
    break_rule(place, fail(ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        run(*SWEEP)
    monkeypatch.undo()
    assert Job.objects.latest("id").state == "failed"
    assert run(*SWEEP).code == 0
    assert rows() == wanted


def test_sweep_taken_up_after_a_newer_list_forgets_what_the_first_attempt_found(
    desk, county_swept_once, break_rule, monkeypatch
):
    """The dropout rule had run before the kill; the list that it read is replaced before the next attempt."""
    killed_at(RULES - 1, break_rule, monkeypatch)
    desk.feed("school_dropout")
    assert run(*SWEEP).code == 0
    assert "education.dropout" not in {lead["subcriterion"] for lead in desk.leads()}


def test_sweep_rule_is_written_whole_or_not_at_all(county_swept_once, monkeypatch):
    """Stopped between the leads and the reasons of a rule: no lead without a reason."""
    from screening.sweep import statements

    monkeypatch.setattr(statements, "_ADD_REASONS", "BROKEN")
    before = rows()
    with pytest.raises(Exception, match="BROKEN"):
        run(*SWEEP)
    assert rows() == before


def test_sweep_second_one_is_refused_while_one_runs(county_swept_once, office, break_rule):
    seen = []
    break_rule(1, lambda: seen.append(run(*SWEEP)))
    assert run(*SWEEP).code == 0
    (second,) = seen
    assert (second.code, second.out) == (1, "")
    assert "正在进行" in second.err


def test_sweep_second_one_is_refused_while_one_is_queued(county_swept_once, office):
    start_sweep(Round.objects.get(), by=office)
    assert run(*SWEEP).code == 1


def test_sweep_queued_that_nobody_took_is_done_by_the_command(county_swept_once, office):
    job = start_sweep(Round.objects.get(), by=office)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - datetime.timedelta(hours=1))
    assert run(*SWEEP).code == 0
    job.refresh_from_db()
    assert job.state == "done"


def test_sweep_of_another_round_may_run_beside(desk, county_swept_once, office, county):
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    open_round(county, Quarter(2020, 2), by=office)
    start_sweep(Round.objects.get(quarter=1), by=office)
    assert desk.sweep("2020Q2")["leads"] == 0


@pytest.mark.parametrize("place", range(RULES))
def test_sweep_that_lost_its_lease_commits_nothing_more(county_swept_once, break_rule, place):
    """Taken for dead while a rule runs: that rule's writes are rolled back, and nothing is closed."""
    code = list(criteria.rules())[place]
    LeadReason.objects.update(version=0)
    break_rule(place, lambda: Job.objects.filter(state="running").update(attempt=9))
    ran = run(*SWEEP)
    assert (ran.code, ran.out) == (1, "")
    assert not LeadReason.objects.filter(rule=code).exclude(version=0).exists()
    assert not LeadReason.objects.exclude(closed_at=None).exists()
    assert Job.objects.latest("id").state == "running", "the other worker's job is not ended by this one"
