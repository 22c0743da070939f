"""The SQL by which a sweep writes leads and reasons, two temporary tables on the way:

`sweep_household`, status and income of the households that some rule has found so far, and `sweep_finding`,
what the rule that is being applied finds of each. Parameters are given by name; `run` has those of the round,
`findings` those of status and income.
"""

from fangpin.common import database
from screening.sweep import findings

HOUSEHOLD_COLUMNS = {
    "household_id": "int",
    "per_head": "int",
    "income_year": "int",
    "category": "text",
    "in_case": "bool",
}
SEEN_COLUMNS = {"rule": "text", "subcriterion": "text", "household_id": "int"}

# Status and income are asked once a sweep, of households that some rule finds.
ADD_HOUSEHOLDS = f"""
INSERT INTO sweep_household ({", ".join(HOUSEHOLD_COLUMNS)}) {findings.HOUSEHOLDS}
  AND h.id IN (SELECT household_id FROM sweep_rows)
  AND NOT EXISTS (SELECT 1 FROM sweep_household o WHERE o.household_id = h.id)
"""

# Each household that a rule finds: what it can be, and whether it is a lead.
MAKE_FINDINGS = f"""
CREATE TEMPORARY TABLE sweep_finding AS
SELECT f.*, COALESCE(f.per_head > %(line)s, FALSE) AS above_line, {findings.PASSES} AS is_lead
FROM ({findings.JUDGED.format(rows="sweep_rows", households="sweep_household")}) f
"""

# Only what differs is written: a sweep that finds what the last one found rewrites no row. Nobody else writes
# online leads of the round meanwhile, so nothing is inserted with ON CONFLICT, which costs half as much
# again.
_ITS_LEAD = (
    "l.round_id = %(round)s AND l.household_id = f.household_id AND l.source = %(online)s "
    "AND l.subcriterion = %(subcriterion)s"
)
_CHANGE_LEADS = f"""
UPDATE screening_lead AS l SET category = f.category, above_line = f.above_line, per_head = f.per_head,
  income_year = f.income_year, in_case = f.in_case
FROM sweep_finding f WHERE f.is_lead AND {_ITS_LEAD} AND {{differs}}
"""

ADD_LEADS = f"""
INSERT INTO screening_lead (round_id, household_id, source, subcriterion, category, above_line, per_head,
  income_year, in_case, raised_at)
SELECT %(round)s, f.household_id, %(online)s, %(subcriterion)s, f.category, f.above_line, f.per_head,
  f.income_year, f.in_case, %(now)s
FROM sweep_finding f WHERE f.is_lead AND NOT EXISTS (SELECT 1 FROM screening_lead l WHERE {_ITS_LEAD})
ORDER BY f.household_id
"""

_CHANGE_REASONS = f"""
UPDATE screening_leadreason AS r SET version = {{version}}, article = {{article}}, threshold = {{threshold}},
  threshold_since = {{since}}, value = f.value, rows = f.rows, closed_at = NULL,
  found_at = CASE WHEN r.closed_at IS NULL THEN r.found_at ELSE {{now}} END
FROM sweep_finding f JOIN screening_lead l ON {_ITS_LEAD}
WHERE r.lead_id = l.id AND r.rule = %(rule)s AND f.is_lead AND (r.closed_at IS NOT NULL OR {{differs}})
"""

_ADD_REASONS = f"""
INSERT INTO screening_leadreason (lead_id, rule, version, article, threshold, threshold_since, value, rows,
  found_at)
SELECT l.id, %(rule)s, {{version}}, {{article}}, {{threshold}}, {{since}}, f.value, f.rows, %(now)s
FROM sweep_finding f JOIN screening_lead l ON {_ITS_LEAD}
WHERE f.is_lead AND NOT EXISTS (SELECT 1 FROM screening_leadreason r WHERE r.lead_id = l.id
  AND r.rule = %(rule)s)
ORDER BY l.id
"""

NOTE_SEEN = (
    "INSERT INTO sweep_seen (rule, subcriterion, household_id) SELECT %(rule)s, %(subcriterion)s, "
    "household_id FROM sweep_finding f WHERE is_lead"
)

COUNT_FINDINGS = (
    "SELECT count(*), sum(CASE WHEN category IS NULL THEN 1 ELSE 0 END), "
    "sum(CASE WHEN category IS NOT NULL AND above_line THEN 1 ELSE 0 END) FROM sweep_finding"
)


def change_leads() -> str:
    columns = ("category", "above_line", "per_head", "income_year", "in_case")
    return _CHANGE_LEADS.format(differs=_any_differs({f"l.{name}": f"f.{name}" for name in columns}))


def change_reasons() -> str:
    values = _rule_values()
    pairs = {"threshold_since" if name == "since" else name: value for name, value in values.items()}
    pairs |= {"value": "f.value", "rows": "f.rows"}
    differs = _any_differs({f"r.{name}": value for name, value in pairs.items()})
    return _CHANGE_REASONS.format(**values, now=_cast("now", "timestamptz"), differs=differs)


def add_reasons() -> str:
    return _ADD_REASONS.format(**_rule_values())


def _rule_values() -> dict[str, str]:
    """What each reason says of its rule, as placeholders with their type."""
    kinds = {"version": "int", "article": "text", "threshold": "bigint", "since": "date"}
    return {name: _cast(name, kind) for name, kind in kinds.items()}


def _any_differs(pairs: dict[str, str]) -> str:
    return f"({' OR '.join(database.is_different(left, right) for left, right in pairs.items())})"


def _cast(name: str, kind: str) -> str:
    return f"CAST(%({name})s AS {kind})" if database.is_postgres() else f"%({name})s"
