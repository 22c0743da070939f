"""Background work of a list on its way in."""

from fangpin.common import jobs
from fangpin.common.jobs import Run
from screening.feeds import receiving
from screening.models import Feed


@jobs.handler("check_feed")
def check_feed(run: Run) -> dict:
    feed = Feed.objects.select_related("round__county", "department").get(pk=run.payload["feed"])
    steps = ("正在读取文件", "正在检查各行", "正在与户册比对")
    outcome = receiving.check_feed(
        feed, by=run.by, progress=lambda label: _step(run, steps.index(label.partition("：")[0]) + 1, label)
    )
    return {"asked": True} if outcome is None else {"read": outcome.read, "good": outcome.good}


def _step(run: Run, done: int, label: str) -> None:
    run.progress(done, 4, label)
