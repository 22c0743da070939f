"""The sweep (数据比对): every rule once over a round, set-based; leads and their reasons written, what is no
longer found closed. Safe to run twice, to stop and to run again: it ends the same (Art. 7(2)1)."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from fangpin.common import databases
from fangpin.common.jobs import JobFailed, Run
from fangpin.policy.services import PolicySet
from screening import auto_sweep, comparison, criteria, findings, lamps, matching
from screening.criteria.base import Rule
from screening.models import Lead, Round, Source

_JUDGED = f"CREATE TEMPORARY TABLE sweep_finding AS {findings.JUDGED.format(found='sweep_found')}"
_PASSES = findings.PASSES

_LEADS = f"""
INSERT INTO screening_lead (round_id, household_id, source, subcriterion, category, above_line, per_head,
  income_year, in_case, raised_at)
SELECT %s, f.household_id, 'online', %s, f.category, COALESCE(f.per_head > %s, {{false}}), f.per_head,
  f.income_year, f.in_case, %s
FROM sweep_finding f WHERE {_PASSES} ORDER BY f.household_id
ON CONFLICT (round_id, household_id, source, subcriterion) DO UPDATE SET category = excluded.category,
  above_line = excluded.above_line, per_head = excluded.per_head, income_year = excluded.income_year,
  in_case = excluded.in_case
"""

_REASONS = f"""
INSERT INTO screening_leadreason (lead_id, rule, version, article, value, threshold, threshold_since, rows,
  found_at, seen_by)
SELECT l.id, %s, %s, %s, f.value, {{threshold}}, {{since}}, f.rows, %s, %s
FROM sweep_finding f JOIN screening_lead l ON l.round_id = %s AND l.household_id = f.household_id
  AND l.source = 'online' AND l.subcriterion = %s
WHERE {_PASSES} ORDER BY l.id
ON CONFLICT (lead_id, rule) DO UPDATE SET version = excluded.version, article = excluded.article,
  value = excluded.value, threshold = excluded.threshold, threshold_since = excluded.threshold_since,
  rows = excluded.rows, seen_by = excluded.seen_by, closed_at = NULL,
  found_at = CASE WHEN screening_leadreason.closed_at IS NULL THEN screening_leadreason.found_at
    ELSE excluded.found_at END
"""


@dataclass(frozen=True)
class RuleResult:
    """How many households a rule found, and how many of them the gate kept out."""

    rule: str
    found: int
    registered: int
    above_line: int

    def as_json(self) -> dict:
        return {
            "rule": self.rule,
            "found": self.found,
            "registered": self.registered,
            "above_line_left_out": self.above_line,
        }


def sweep_round(round: Round, run: Run) -> dict:
    """Runs every rule over `round` under the round's own policy; returns the counts.

    Each rule is one transaction that ends with the lease renewed, so a worker that was taken for dead can
    commit nothing more. Raises JobFailed where the round takes no sweep.
    """
    if not round.is_sweepable:
        raise JobFailed(f"{round}{round.get_state_display()}，不能再做数据比对。")
    began, calls = timezone.now(), Round.objects.values_list("sweep_calls", flat=True).get(pk=round.pk)
    policy = round.parameters
    rules = list(criteria.rules().values())
    # Another one at each attempt: what a killed attempt found may be gone when the next one comes.
    stamp = run.job.pk * 100_000 + run.attempt
    steps = len(rules) + 2
    run.progress(0, steps, "正在把部门数据与户册对应", so_far={})
    with transaction.atomic():
        matching.match_again(round)
        run.progress(1, steps, "正在把部门数据与户册对应")
    results = []
    for position, rule in enumerate(rules, start=1):
        run.progress(position, steps, f"正在比对：{rule.subcriterion.label}")
        with transaction.atomic():
            results.append(apply_rule(rule, round, policy, sweep=stamp))
            so_far = {"rules": [result.as_json() for result in results]}
            run.progress(position + 1, steps, f"已比对：{rule.subcriterion.label}", so_far=so_far)
    with transaction.atomic():
        counts = _close_what_was_not_found(round, sweep=stamp)
        Round.objects.filter(pk=round.pk).update(swept_at=began)
        auto_sweep.answered(round, calls)
        comparison.leads_changed(round)
        lamps.recompute_lamps(round.county_id)
        run.progress(steps, steps, "数据比对完成")
    standing = Lead.objects.filter(round=round, source=Source.ONLINE).standing()
    return {
        "county": round.county_id[:6],
        "quarter": str(round.period),
        "leads": standing.count(),
        "households": standing.values("household").distinct().count(),
        **counts,
        "rules": [result.as_json() for result in results],
    }


def apply_rule(rule: Rule, round: Round, policy: PolicySet, *, sweep: int) -> RuleResult:
    """Writes the leads and reasons of one rule."""
    now = timezone.now()
    line, gate = policy["income.line"], policy["income.gate"]
    _find(rule, round, policy)
    value = policy[rule.threshold] if rule.threshold else None
    threshold = value if isinstance(value, int) else None
    since = policy.since(rule.threshold).isoformat() if rule.threshold else None
    code = rule.subcriterion.code
    databases.run(_LEADS.format(false="FALSE"), [round.pk, code, line, now, gate, line])
    databases.run(
        _REASONS.format(threshold=_cast("bigint"), since=_cast("date")),
        [
            rule.code,
            rule.version,
            rule.subcriterion.article,
            threshold,
            since,
            now,
            sweep,
            round.pk,
            code,
            gate,
            line,
        ],
    )
    found, registered, above = databases.rows(
        "SELECT count(*), sum(CASE WHEN category IS NULL THEN 1 ELSE 0 END), "
        "sum(CASE WHEN category IS NOT NULL AND per_head > %s THEN 1 ELSE 0 END) FROM sweep_finding",
        [line],
    )[0]
    databases.run("DROP TABLE sweep_finding")
    databases.run("DROP TABLE sweep_found")
    left_out = int(above or 0) if gate == "require" else 0
    return RuleResult(rule.code, found, int(registered or 0), left_out)


# Of what a rule finds: those that the round already helps as poor, and those that an income gate keeps out.
GROUPS = {
    "all": "TRUE",
    "registered": "category IS NULL",
    "above_line": "category IS NOT NULL AND per_head > %s",
}


def households_found(rule: Rule, round: Round, group: str) -> list[int]:
    """Ids of the households that the rule finds in the lists as they stand now, of one of GROUPS; writes nothing."""
    policy = round.parameters
    with transaction.atomic():
        _find(rule, round, policy)
        where = GROUPS[group]
        found = databases.rows(
            f"SELECT household_id FROM sweep_finding WHERE {where}",
            [policy["income.line"]] if "%s" in where else [],
        )
        databases.run("DROP TABLE sweep_finding")
        databases.run("DROP TABLE sweep_found")
    return [pk for (pk,) in found]


def _find(rule: Rule, round: Round, policy: PolicySet) -> None:
    """The rule's QuerySet, run once into a temporary table."""
    for table in ("sweep_found", "sweep_finding"):
        databases.run(f"DROP TABLE IF EXISTS {table}")
    sql, params = findings.statement(rule, round, policy)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE sweep_found AS {sql}", params)
    databases.refresh_statistics("sweep_found")
    databases.run(_JUDGED, [round.year])
    databases.refresh_statistics("sweep_finding")


def _cast(kind: str) -> str:
    return f"CAST(%s AS {kind})" if databases.is_postgres() else "%s"


def _close_what_was_not_found(round: Round, *, sweep: int) -> dict:
    """Reasons that this sweep did not find are closed; a lead without reasons is withdrawn where nobody has
    acted on it, else flagged; one whose reason came back stands again."""
    databases.refresh_statistics("screening_lead", "screening_leadreason")
    now = timezone.now()
    online = "lead_id IN (SELECT id FROM screening_lead WHERE round_id = %s AND source = 'online')"
    closed = databases.run(
        f"UPDATE screening_leadreason SET closed_at = %s WHERE closed_at IS NULL AND seen_by <> %s AND {online}",
        [now, sweep, round.pk],
    )
    standing = "EXISTS (SELECT 1 FROM screening_leadreason r WHERE r.lead_id = screening_lead.id AND r.closed_at IS NULL)"
    where = "WHERE round_id = %s AND source = 'online'"
    withdrawn = databases.run(
        f"UPDATE screening_lead SET withdrawn_at = %s {where} AND withdrawn_at IS NULL AND acted_at IS NULL "
        f"AND NOT {standing}",
        [now, round.pk],
    )
    flagged = databases.run(
        f"UPDATE screening_lead SET flagged_at = %s {where} AND flagged_at IS NULL AND acted_at IS NOT NULL "
        f"AND NOT {standing}",
        [now, round.pk],
    )
    reopened = databases.run(
        f"UPDATE screening_lead SET withdrawn_at = NULL, flagged_at = NULL {where} "
        f"AND (withdrawn_at IS NOT NULL OR flagged_at IS NOT NULL) AND {standing}",
        [round.pk],
    )
    return {"reasons_closed": closed, "withdrawn": withdrawn, "flagged": flagged, "reopened": reopened}
