"""Background work of a round, and what follows a change of the registry."""

from django.db import transaction
from django.dispatch import receiver

from fangpin.common import audit, jobs
from fangpin.common.jobs import JobFailed, Run
from households.registry_import import registry_changed
from screening import feeds, lamps, national
from screening.models import Feed, Round
from screening.sweep import sweep_round


@jobs.handler("sweep")
def sweep(run: Run) -> dict:
    round = Round.objects.select_related("county").get(pk=run.payload["round"])
    if run.by is not None and not (
        run.by.may("round.sweep") and run.by.acting.county_code == round.county_id
    ):
        raise JobFailed("您当前的岗位不能对这个县做数据比对。")
    result = sweep_round(round, run)
    audit.record(run.by, "round_sweep", round, **{k: v for k, v in result.items() if k != "rules"})
    return result


@jobs.handler("check_feed")
def check_feed(run: Run) -> dict:
    feed = Feed.objects.select_related("round__county", "department").get(pk=run.payload["feed"])
    steps = ("正在读取文件", "正在检查各行", "正在与户册比对")
    outcome = feeds.check(
        feed, by=run.by, progress=lambda label: _step(run, steps.index(label.partition("：")[0]) + 1, label)
    )
    return {"asked": True} if outcome is None else {"read": outcome.read, "good": outcome.good}


def _step(run: Run, done: int, label: str) -> None:
    run.progress(done, 4, label)


def start_sweep(round: Round, *, by):
    """Queues a sweep of `round`. Raises AlreadyRunning."""
    return jobs.enqueue("sweep", str(round.pk), by=by, round=round.pk)


def sweep_now(round: Round, *, by) -> dict:
    """Sweeps in this process. Raises AlreadyRunning or JobFailed."""
    return jobs.run_now("sweep", str(round.pk), by=by, round=round.pk).result


@receiver(registry_changed)
def lamps_follow_registry(sender, county: str, **kwargs) -> None:
    with transaction.atomic():
        lamps.recompute_lamps(county)


@receiver(registry_changed)
def corrections_follow_registry(sender, county: str, **kwargs) -> None:
    national.propose_corrections(county)
