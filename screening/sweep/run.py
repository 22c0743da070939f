"""The sweep (数据比对): every rule once over a round, set-based; leads and their reasons written, what is no
longer found closed. Safe to run twice, to stop and to run again: it ends the same (Art. 7(2)1)."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from fangpin.common import database
from fangpin.common.jobs import JobFailed, Run
from fangpin.policy.services import PolicySet
from screening import criteria
from screening.comparison import compare as comparison
from screening.criteria.base import Rule
from screening.feeds import matching
from screening.lamps import colours as lamps
from screening.models import Lead, Round, Source
from screening.sweep import closing, findings, statements

_TABLES = ("sweep_household", "sweep_seen", "sweep_rows", "sweep_finding")

MANY = 1000  # from so many written rows on the statistics of the tables are refreshed


@dataclass(frozen=True)
class RuleResult:
    """How many households a rule found, and how many of them the gate kept out."""

    rule: str
    households: int
    registered: int
    above_line: int
    written: int = 0  # rows of leads and reasons that are not as they were

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "found": self.households,
            "registered": self.registered,
            "above_line_left_out": self.above_line,
        }


def sweep_round(round: Round, run: Run) -> dict[str, Any]:
    """Runs every rule over `round` under the round's own policy; returns the counts.

    Each rule is one transaction that ends with the lease renewed, so a worker that was taken for dead can
    commit nothing more. Raises JobFailed where the round takes no sweep.
    """
    if not round.is_sweepable:
        raise JobFailed(f"{round}{round.get_state_display()}，不能再做数据比对。")
    began, calls = timezone.now(), Round.objects.values_list("sweep_calls", flat=True).get(pk=round.pk)
    policy = round.parameters
    rules = list(criteria.rules().values())
    steps = len(rules) + 2
    run.progress(0, steps, "正在把部门数据与户册对应", so_far={})
    with database.bulk_work():
        matching.match_again(round)
        _prepare()
        run.progress(1, steps, "正在把部门数据与户册对应")
    results = []
    for position, rule in enumerate(rules, start=1):
        run.progress(position, steps, f"正在比对：{rule.subcriterion.label}")
        with database.bulk_work():
            results.append(apply_rule(rule, round, policy))
            so_far = {"rules": [result.as_json() for result in results]}
            run.progress(position + 1, steps, f"已比对：{rule.subcriterion.label}", so_far=so_far)
    with database.bulk_work():
        if sum(result.written for result in results) > MANY:
            database.refresh_statistics(
                "screening_lead", columns=["round_id", "household_id", "source", "subcriterion"]
            )
            database.refresh_statistics("screening_leadreason", columns=["lead_id", "rule", "closed_at"])
        counts = closing.close_what_was_not_seen(round)
        _drop_tables()
        Round.objects.filter(pk=round.pk).update(swept_at=began)
        Round.objects.filter(pk=round.pk).answer_sweep(calls)
        comparison.join_new_leads(round)
        lamps.recompute_lamps(round.county_id)
        run.progress(steps, steps, "数据比对完成")
    leads = Lead.objects.filter(round=round, source=Source.ONLINE).current()
    return {
        "county": round.county_id[:6],
        "quarter": str(round.period),
        "leads": leads.count(),
        "households": leads.values("household").distinct().count(),
        **counts,
        "rules": [result.as_json() for result in results],
    }


def _prepare() -> None:
    """The tables in which a sweep notes what all its rules share; a change of the registry that comes later
    calls for another sweep."""
    _drop_tables()
    database.make_temporary("sweep_household", statements.HOUSEHOLD_COLUMNS)
    database.make_temporary("sweep_seen", statements.SEEN_COLUMNS)


def apply_rule(rule: Rule, round: Round, policy: PolicySet) -> RuleResult:
    """Writes the leads and reasons of one rule, and notes what it has seen: nothing is closed before all
    rules have run."""
    _find(rule, round, policy)
    params = _parameters(rule, round, policy)
    written = sum(
        database.run(sql, params)
        for sql in (
            statements.change_leads(),
            statements.change_reasons(),
            statements.ADD_LEADS,
            statements.add_reasons(),
        )
    )
    database.run(statements.NOTE_SEEN, params)
    households, registered, above = database.rows(statements.COUNT_FINDINGS)[0]
    left_out = int(above or 0) if policy["income.gate"] == "require" else 0
    return RuleResult(rule.code, households, int(registered or 0), left_out, written)


def _parameters(rule: Rule, round: Round, policy: PolicySet) -> dict[str, Any]:
    threshold = policy[rule.threshold] if rule.threshold else None
    return {
        "round": round.pk,
        "online": Source.ONLINE.value,
        "now": timezone.now(),
        "rule": rule.code,
        "subcriterion": rule.subcriterion.code,
        "version": rule.version,
        "article": rule.subcriterion.article,
        "threshold": threshold if isinstance(threshold, int) else None,
        "since": policy.since(rule.threshold).isoformat() if rule.threshold else None,
    }


# Of what a rule finds: those that the round already helps as poor, and those that an income gate keeps out.
GROUPS = {
    "all": "TRUE",
    "registered": "category IS NULL",
    "above_line": "category IS NOT NULL AND above_line",
}


def households_of_rule(rule: Rule, round: Round, group: str) -> list[int]:
    """Ids of the households that the rule finds in the lists as they are now, of one of GROUPS; writes
    nothing."""
    with transaction.atomic():
        _prepare()
        _find(rule, round, round.parameters)
        rows = database.rows(f"SELECT household_id FROM sweep_finding WHERE {GROUPS[group]}")
        _drop_tables()
    return [pk for (pk,) in rows]


def _find(rule: Rule, round: Round, policy: PolicySet) -> None:
    """Runs the rule's QuerySet once: what it finds, with status and income of those households, is in
    `sweep_finding`."""
    for table in ("sweep_rows", "sweep_finding"):
        database.run(f"DROP TABLE IF EXISTS {table}")
    sql, params = findings.statement(rule, round, policy)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE sweep_rows AS {sql}", params)
    database.refresh_statistics("sweep_rows", columns=["household_id"])
    named = findings.parameters(round, policy)
    database.run(statements.ADD_HOUSEHOLDS, named)
    database.refresh_statistics("sweep_household", columns=["household_id"])
    database.run(statements.MAKE_FINDINGS, named)
    database.refresh_statistics("sweep_finding", columns=["household_id"])


def _drop_tables() -> None:
    for table in _TABLES:
        database.run(f"DROP TABLE IF EXISTS {table}")
