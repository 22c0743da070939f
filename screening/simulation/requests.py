"""Simulations as people ask for them: under which values, run in the background, kept some days with their
rows."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.common import audit, database, jobs
from fangpin.common.actor import Actor
from fangpin.common.jobs import JobFailed, Run
from fangpin.common.models import Job
from fangpin.common.refusals import Refused
from fangpin.policy import effects
from fangpin.policy.models import Revision
from fangpin.policy.parameters import PARAMETERS, Parameter
from fangpin.policy.services import NoPolicy, PolicySet, in_force
from fangpin.policy.values import contradictions
from screening import criteria
from screening.criteria.base import Criterion, Subcriterion
from screening.leads import explanations
from screening.models import Change, LeadReason, Round, Simulation, SimulationRow
from screening.models.simulations import KEPT_DAYS
from screening.simulation.run import compared, row_statement

KIND = "simulate"
# Of no concern to a rule: deadlines of the round, caps, follow-up.
WITHOUT_RULES = ("round.", "cap.", "followup.")


def rule_parameters() -> list[Parameter]:
    """Parameters that a rule may read."""
    return [parameter for key, parameter in PARAMETERS.items() if not key.startswith(WITHOUT_RULES)]


def other_policy(
    round: Round,
    *,
    revision: Revision | None = None,
    day: datetime.date | None = None,
    values: Mapping[str, Any] | None = None,
) -> tuple[PolicySet, str]:
    """The round's own values with those of a revision put over them, or all that hold in the county on `day`;
    and over both the single `values`. With it what it is, in words. Raises Refused."""
    policy, words = round.parameters, []
    if day is not None:
        try:
            policy = in_force(round.county, day)
        except NoPolicy as error:
            raise Refused(f"{day:%Y-%m-%d} 没有已发布的政策参数，请换一天。") from error
        words.append(f"{day:%Y-%m-%d} 施行的参数")
    if revision is not None:
        policy = effects.applied(policy, round.county, revision)
        words.append(f"{'草稿' if revision.is_draft else '已发布的调整'} {revision.pk}：{revision.document}")
    if values:
        policy = policy.with_values(dict(values), timezone.localdate())
        words.append(f"自填 {len(values)} 项")
    faults = contradictions({key: value for key, (value, _) in policy.values.items()})
    if faults:
        raise Refused("".join(faults))
    return policy, "；".join(words)[:160] or "本次排查所依的参数"


def request_simulation(
    round: Round, policy: PolicySet, about: str, *, revision: Revision | None = None, by: Actor
) -> Simulation:
    """Queues a simulation. Raises Refused."""
    if not may(round, by):
        raise Refused("您当前的岗位不能对这个县试算。")
    remove_old()
    with transaction.atomic():
        made = Simulation.objects.create(
            round=round,
            division_id=by.duty.division_id,
            revision=revision,
            about=about,
            policy=policy.snapshot(),
            by=by,
        )
        audit.record(by, "simulate", made, round=round.pk, about=about)
        jobs.enqueue(KIND, str(made.pk), by=by, simulation=made.pk)
    return made


def may(round: Round, user: Actor | None) -> bool:
    """A county its own rounds, the region those of its area."""
    return (
        user is not None
        and user.may("policy.simulate")
        and Round.objects.for_user(user).filter(pk=round.pk).exists()
    )


@jobs.handler(KIND)
def run(run: Run) -> dict[str, Any]:
    simulation = Simulation.objects.select_related("round").get(pk=run.payload["simulation"])
    if not may(simulation.round, run.by):
        raise JobFailed("您当前的岗位不能对这个县试算。")
    policy = PolicySet.restore(simulation.policy)
    with compared(simulation.round, policy, run.progress) as outcome, transaction.atomic():
        SimulationRow.objects.filter(simulation=simulation).delete()
        database.run(*row_statement(simulation.pk))
        Simulation.objects.filter(pk=simulation.pk).update(result=outcome.as_json(), done_at=timezone.now())
        run.progress(run.job.steps_total or 1, run.job.steps_total or 1, "试算完成")
    return {"added": outcome.of_households(Change.ADDED), "dropped": outcome.of_households(Change.DROPPED)}


def job_of(simulation: Simulation) -> Job | None:
    return Job.objects.filter(key=f"{KIND}:{simulation.pk}").order_by("-pk").first()


def remove_old() -> int:
    """Takes away what is older than KEPT_DAYS, rows and all."""
    before = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    return Simulation.objects.filter(made_at__lt=before).delete()[0]


@dataclass(frozen=True)
class ExplainedRow:
    """A row of a simulation and why its household is found, by the policy that finds it."""

    row: SimulationRow
    subject: Subcriterion
    criterion: Criterion
    sentences: list[str]


def explained_rows(rows: Iterable[SimulationRow]) -> list[ExplainedRow]:
    """Needs `simulation__round`."""
    policies: dict[tuple[int, bool], PolicySet] = {}
    explained = []
    for row in rows:
        side = (row.simulation_id, row.change == Change.DROPPED)
        if side not in policies:
            simulation = row.simulation
            policies[side] = simulation.round.parameters if side[1] else PolicySet.restore(simulation.policy)
        sentences = [
            explanations.sentence(_reason(each, policies[side]), None)
            for each in sorted(row.found, key=lambda each: each["rule"])
            if each["rule"] in criteria.rules()
        ]
        subject, criterion = criteria.subcriteria()[row.subcriterion], criteria.criterion_of(row.subcriterion)
        explained.append(ExplainedRow(row, subject, criterion, sentences))
    return explained


def _reason(kept: dict[str, Any], policy: PolicySet) -> LeadReason:
    key = criteria.rules()[kept["rule"]].threshold
    value = policy[key] if key else None
    return LeadReason(
        rule=kept["rule"],
        value=kept["value"],
        rows=kept["rows"],
        threshold=value if isinstance(value, int) else None,
        threshold_since=policy.since(key) if key else None,
    )
