"""The sweeps of a round: which run is under way, rule by rule, which was the last, what it has not read."""

from dataclasses import dataclass

from django.db.models import Q

from fangpin.common.models import Job, JobState
from screening import criteria
from screening.criteria.base import Subcriterion
from screening.models import Feed, FeedState, Round


@dataclass
class RuleState:
    subcriterion: Subcriterion
    list_name: str
    state: str  # done, on, todo
    households: int | None = None

    @property
    def words(self) -> str:
        return {"done": "已比对", "on": "正在比对", "todo": "等待"}[self.state]


@dataclass
class Progress:
    rules: list[RuleState]
    matching: str  # done, on, todo: lists against the registry, before the rules

    @property
    def done(self) -> int:
        return sum(rule.state == "done" for rule in self.rules)


def sweep_runs(round: Round) -> tuple[Job | None, Job | None]:
    """The sweep under way, and the last one that ended."""
    runs = Job.objects.filter(key=f"sweep:{round.pk}").select_related("by").order_by("-pk")
    return runs.filter(state__in=Job.ACTIVE).first(), runs.exclude(state__in=Job.ACTIVE).first()


def last_whole_sweep(round: Round) -> Job | None:
    return Job.objects.filter(key=f"sweep:{round.pk}", state=JobState.DONE).order_by("-pk").first()


def count_unread_lists(round: Round) -> int:
    """Lists delivered after the last sweep: no rule has read them yet."""
    later = Q(matched_at__gt=round.swept_at) if round.swept_at else Q()
    return Feed.objects.filter(later, round=round, state=FeedState.MATCHED).count()


def of_run(run: Job) -> Progress:
    """From the counts that the run has written so far; one that waits has written none."""
    counts = {line["rule"]: line["found"] for line in run.result.get("rules", [])}
    is_running = run.state == JobState.RUNNING
    matched = is_running and run.steps_done >= 1
    rules, next_is_on = [], matched
    for code, rule in criteria.rules().items():
        state = "done" if code in counts else "on" if next_is_on else "todo"
        next_is_on = next_is_on and state == "done"
        rules.append(RuleState(rule.subcriterion, rule.kind.label, state, counts.get(code)))
    return Progress(rules, "done" if matched else "on" if is_running else "todo")
