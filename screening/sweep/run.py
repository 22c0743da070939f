"""The sweep (数据比对): every rule once over a round, set-based; leads and their reasons written, what is no
longer found closed. Safe to run twice, to stop and to run again: it ends the same (Art. 7(2)1)."""

from dataclasses import dataclass

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
from screening.sweep import findings

_TABLES = ("sweep_standing", "sweep_seen", "sweep_found", "sweep_finding")
_STANDING_COLUMNS = {
    "household_id": "int",
    "per_head": "int",
    "income_year": "int",
    "category": "text",
    "in_case": "bool",
}
# How a household stands is asked once a sweep, of those that some rule finds.
_STANDING = f"""
INSERT INTO sweep_standing ({", ".join(_STANDING_COLUMNS)}) {findings.STANDING}
  AND h.id IN (SELECT household_id FROM sweep_found)
  AND NOT EXISTS (SELECT 1 FROM sweep_standing o WHERE o.household_id = h.id)
"""

# Each household that a rule finds: what it can be, and whether it is a lead.
_FINDING = f"""
CREATE TEMPORARY TABLE sweep_finding AS
SELECT f.*, COALESCE(f.per_head > %s, FALSE) AS above_line, {findings.PASSES} AS is_lead
FROM ({findings.JUDGED.format(found="sweep_found", standing="sweep_standing")}) f
"""

# Only what differs is written: a sweep that finds what the last one found rewrites no row. Nobody else writes
# online leads of the round meanwhile, so nothing is inserted with ON CONFLICT, which costs half as much
# again.
_ITS_LEAD = (
    "l.round_id = %s AND l.household_id = f.household_id AND l.source = 'online' AND l.subcriterion = %s"
)
_CHANGED_LEADS = f"""
UPDATE screening_lead AS l SET category = f.category, above_line = f.above_line, per_head = f.per_head,
  income_year = f.income_year, in_case = f.in_case
FROM sweep_finding f WHERE f.is_lead AND {_ITS_LEAD} AND {{differs}}
"""

_NEW_LEADS = f"""
INSERT INTO screening_lead (round_id, household_id, source, subcriterion, category, above_line, per_head,
  income_year, in_case, raised_at)
SELECT %s, f.household_id, 'online', %s, f.category, f.above_line, f.per_head, f.income_year, f.in_case, %s
FROM sweep_finding f WHERE f.is_lead AND NOT EXISTS (SELECT 1 FROM screening_lead l WHERE {_ITS_LEAD})
ORDER BY f.household_id
"""

_CHANGED_REASONS = f"""
UPDATE screening_leadreason AS r SET version = {{version}}, article = {{article}}, threshold = {{threshold}},
  threshold_since = {{since}}, value = f.value, rows = f.rows, closed_at = NULL,
  found_at = CASE WHEN r.closed_at IS NULL THEN r.found_at ELSE {{now}} END
FROM sweep_finding f JOIN screening_lead l ON {_ITS_LEAD}
WHERE r.lead_id = l.id AND r.rule = %s AND f.is_lead AND (r.closed_at IS NOT NULL OR {{differs}})
"""

_NEW_REASONS = f"""
INSERT INTO screening_leadreason (lead_id, rule, version, article, threshold, threshold_since, value, rows,
  found_at)
SELECT l.id, %s, {{version}}, {{article}}, {{threshold}}, {{since}}, f.value, f.rows, %s
FROM sweep_finding f JOIN screening_lead l ON {_ITS_LEAD}
WHERE f.is_lead AND NOT EXISTS (SELECT 1 FROM screening_leadreason r WHERE r.lead_id = l.id AND r.rule = %s)
ORDER BY l.id
"""

_SEEN = (
    "INSERT INTO sweep_seen (rule, subcriterion, household_id) SELECT %s, %s, household_id FROM "
    "sweep_finding f WHERE is_lead"
)

# Standing reasons that no rule of this sweep has found, nor a rule that is no more.
_NOT_SEEN = """
SELECT r.id FROM screening_lead l JOIN screening_leadreason r ON r.lead_id = l.id AND r.closed_at IS NULL
LEFT JOIN sweep_seen s ON s.household_id = l.household_id AND s.rule = r.rule AND s.subcriterion =
  l.subcriterion
WHERE l.round_id = %s AND l.source = 'online' AND s.household_id IS NULL
"""

MANY = 1000  # rows written, from which on the planner is told of them


@dataclass(frozen=True)
class RuleResult:
    """How many households a rule found, and how many of them the gate kept out."""

    rule: str
    found: int
    registered: int
    above_line: int
    written: int = 0  # rows of leads and reasons that are not as they were

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
        counts = _close_what_was_not_found(round)
        Round.objects.filter(pk=round.pk).update(swept_at=began)
        Round.objects.filter(pk=round.pk).answer_sweep(calls)
        comparison.join_new_leads(round)
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


def _prepare() -> None:
    """What a sweep notes for all its rules; a change of the registry that comes later calls for another
    sweep."""
    _drop_tables()
    database.make_temporary("sweep_standing", _STANDING_COLUMNS)
    database.make_temporary("sweep_seen", {"rule": "text", "subcriterion": "text", "household_id": "int"})


def apply_rule(rule: Rule, round: Round, policy: PolicySet) -> RuleResult:
    """Writes the leads and reasons of one rule, and notes what it has seen: nothing is closed before all
    rules have run."""
    _find(rule, round, policy)
    written = _write(rule, round, policy, timezone.now())
    database.run(_SEEN, [rule.code, rule.subcriterion.code])
    found, registered, above = database.rows(
        "SELECT count(*), sum(CASE WHEN category IS NULL THEN 1 ELSE 0 END), "
        "sum(CASE WHEN category IS NOT NULL AND above_line THEN 1 ELSE 0 END) FROM sweep_finding"
    )[0]
    left_out = int(above or 0) if policy["income.gate"] == "require" else 0
    return RuleResult(rule.code, found, int(registered or 0), left_out, written)


def _write(rule: Rule, round: Round, policy: PolicySet, now) -> int:
    """Leads and reasons as `sweep_finding` has them; returns how many rows were written."""
    its_lead = [round.pk, rule.subcriterion.code]
    value = policy[rule.threshold] if rule.threshold else None
    told = [
        rule.version,
        rule.subcriterion.article,
        value if isinstance(value, int) else None,
        policy.since(rule.threshold).isoformat() if rule.threshold else None,
    ]
    return sum(
        (
            database.run(_changed_leads(), its_lead),
            database.run(_changed_reasons(), [*told, now, *its_lead, rule.code, *told]),
            database.run(_NEW_LEADS, [*its_lead, now, *its_lead]),
            database.run(_new_reasons(), [rule.code, *told, now, *its_lead, rule.code]),
        )
    )


# Of what a rule finds: those that the round already helps as poor, and those that an income gate keeps out.
GROUPS = {
    "all": "TRUE",
    "registered": "category IS NULL",
    "above_line": "category IS NOT NULL AND above_line",
}


def households_found(rule: Rule, round: Round, group: str) -> list[int]:
    """Ids of the households that the rule finds in the lists as they stand now, of one of GROUPS; writes
    nothing."""
    with transaction.atomic():
        _prepare()
        _find(rule, round, round.parameters)
        found = database.rows(f"SELECT household_id FROM sweep_finding WHERE {GROUPS[group]}")
        _drop_tables()
    return [pk for (pk,) in found]


def _find(rule: Rule, round: Round, policy: PolicySet) -> None:
    """The rule's QuerySet, run once; what it found, with how those households stand, into `sweep_finding`."""
    for table in ("sweep_found", "sweep_finding"):
        database.run(f"DROP TABLE IF EXISTS {table}")
    sql, params = findings.statement(rule, round, policy)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE sweep_found AS {sql}", params)
    database.refresh_statistics("sweep_found", columns=["household_id"])
    database.run(_STANDING, [round.year])
    database.refresh_statistics("sweep_standing", columns=["household_id"])
    line, gate = policy["income.line"], policy["income.gate"]
    database.run(_FINDING, [line, gate, line])
    database.refresh_statistics("sweep_finding", columns=["household_id"])


def _drop_tables() -> None:
    for table in _TABLES:
        database.run(f"DROP TABLE IF EXISTS {table}")


def _told() -> dict[str, str]:
    """Placeholders of what a rule tells in each of its reasons, in the order in which `_write` gives the
    values."""
    kinds = {"version": "int", "article": "text", "threshold": "bigint", "since": "date"}
    return {name: _cast(kind) for name, kind in kinds.items()}


def _changed_leads() -> str:
    columns = ("category", "above_line", "per_head", "income_year", "in_case")
    return _CHANGED_LEADS.format(differs=_any_differs({f"l.{name}": f"f.{name}" for name in columns}))


def _changed_reasons() -> str:
    told = _told()
    pairs = {"threshold_since" if name == "since" else name: value for name, value in told.items()}
    pairs |= {"value": "f.value", "rows": "f.rows"}
    differs = _any_differs({f"r.{name}": value for name, value in pairs.items()})
    return _CHANGED_REASONS.format(**told, now=_cast("timestamptz"), differs=differs)


def _new_reasons() -> str:
    return _NEW_REASONS.format(**_told())


def _any_differs(pairs: dict[str, str]) -> str:
    return f"({' OR '.join(database.is_different(left, right) for left, right in pairs.items())})"


def _cast(kind: str) -> str:
    return f"CAST(%s AS {kind})" if database.is_postgres() else "%s"


def _close_what_was_not_found(round: Round) -> dict:
    """Reasons that this sweep did not find are closed; a lead without reasons is withdrawn where nobody has
    acted on it, else flagged; one whose reason came back stands again."""
    database.refresh_statistics("sweep_seen")
    now = timezone.now()
    closed = database.run(
        f"UPDATE screening_leadreason SET closed_at = %s WHERE id IN ({_NOT_SEEN})", [now, round.pk]
    )
    standing = (
        "EXISTS (SELECT 1 FROM screening_leadreason r WHERE r.lead_id = screening_lead.id AND "
        "r.closed_at IS NULL)"
    )
    where = "WHERE round_id = %s AND source = 'online'"
    withdrawn = database.run(
        f"UPDATE screening_lead SET withdrawn_at = %s {where} AND withdrawn_at IS NULL AND acted_at IS NULL "
        f"AND NOT {standing}",
        [now, round.pk],
    )
    flagged = database.run(
        f"UPDATE screening_lead SET flagged_at = %s {where} AND flagged_at IS NULL AND acted_at IS NOT NULL "
        f"AND NOT {standing}",
        [now, round.pk],
    )
    reopened = database.run(
        f"UPDATE screening_lead SET withdrawn_at = NULL, flagged_at = NULL {where} "
        f"AND (withdrawn_at IS NOT NULL OR flagged_at IS NOT NULL) AND {standing}",
        [round.pk],
    )
    _drop_tables()
    return {"reasons_closed": closed, "withdrawn": withdrawn, "flagged": flagged, "reopened": reopened}
