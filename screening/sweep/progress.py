"""A sweep under way, rule by rule: done with its count, being compared, or still to come."""

from dataclasses import dataclass

from fangpin.common.models import Job, JobState
from screening import criteria
from screening.criteria.base import Subcriterion


@dataclass
class RuleState:
    subcriterion: Subcriterion
    list_name: str
    state: str  # done, on, todo
    found: int | None = None

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


def of_run(run: Job) -> Progress:
    """From what the run has told so far; one that waits has told nothing."""
    told = {line["rule"]: line["found"] for line in run.result.get("rules", [])}
    is_running = run.state == JobState.RUNNING
    matched = is_running and run.steps_done >= 1
    rules, next_is_on = [], matched
    for code, rule in criteria.rules().items():
        state = "done" if code in told else "on" if next_is_on else "todo"
        next_is_on = next_is_on and state == "done"
        rules.append(RuleState(rule.subcriterion, rule.kind.label, state, told.get(code)))
    return Progress(rules, "done" if matched else "on" if is_running else "todo")
