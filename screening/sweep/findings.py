"""What a rule finds and what becomes of it, as SQL that the sweep and the simulation share: the rule's own
statement, the household's status and income, and whether the policy lets it be a lead (Art. 2, 7).

Parameters are given by name; those of these statements come from `parameters`.
"""

from typing import Any

from fangpin.common import database
from fangpin.policy.services import PolicySet
from households.codelists import Category, HouseholdStatus
from households.models import Case
from screening.criteria.base import Rule
from screening.models import Round, Source

# Net income a head in fen, half a fen rounded away from zero: `households.rules.per_head` in SQL.
_PER_HEAD = (
    "CASE WHEN h.size = 0 THEN NULL WHEN i.net >= 0 THEN (2 * i.net + h.size) / (2 * h.size) "
    "ELSE -((2 * -i.net + h.size) / (2 * h.size)) END"
)
_OPEN = {f"case_{state.value}": state.value for state in Case.OPEN}
_STATES = {
    "lifted": HouseholdStatus.LIFTED.value,
    "ordinary": HouseholdStatus.ORDINARY.value,
    "monitored": Category.MONITORED.value,
    "marginal": Category.MARGINAL.value,
    "online": Source.ONLINE.value,
    **_OPEN,
}

# What decides who can be what, a row a household: registry status, income, an open case.
HOUSEHOLDS = f"""
SELECT h.id AS household_id, {_PER_HEAD} AS per_head, i.year AS income_year,
  CASE h.status WHEN %(lifted)s THEN %(monitored)s WHEN %(ordinary)s THEN %(marginal)s END AS category,
  EXISTS (SELECT 1 FROM households_case c WHERE c.household_id = h.id
          AND c.state IN ({", ".join(f"%({name})s" for name in _OPEN)})) AS in_case
FROM households_household h LEFT JOIN households_annualincome i ON i.household_id = h.id AND i.year =
  (SELECT max(y.year) FROM households_annualincome y WHERE y.household_id = h.id AND y.year <= %(year)s)
WHERE h.closed_on IS NULL
"""

# What a rule found ({rows}, a table or a query in brackets), joined with that ({households}, the same).
JUDGED = """
SELECT r.household_id, r.value, r.rows, s.per_head, s.income_year, s.category, s.in_case
FROM {rows} r JOIN {households} s ON s.household_id = r.household_id
"""

# Of what was judged (f): what becomes a lead.
PASSES = "f.category IS NOT NULL AND (%(only_flags)s OR f.per_head IS NULL OR f.per_head <= %(line)s)"


def parameters(round: Round, policy: PolicySet) -> dict[str, Any]:
    """Of the statements above: states, the round and its year, the income line in fen, and whether a
    household above it is only flagged."""
    return {
        **_STATES,
        "round": round.pk,
        "year": round.year,
        "line": policy["income.line"],
        "only_flags": policy["income.gate"] == "flag",
    }


def statement(rule: Rule, round: Round, policy: PolicySet) -> tuple[str, tuple[Any, ...]]:
    """The rule's QuerySet as SQL with columns household_id, value, rows, and its parameters."""
    sql, params = rule.find(round, policy).order_by().query.sql_with_params()
    return f"SELECT q.* FROM ({_named(sql)}) q", params


def _named(sql: str) -> str:
    """Gives the three columns of a rule their names, whatever the compiler called them."""
    if database.is_postgres():
        return f"SELECT * FROM ({sql}) AS r(household_id, value, rows)"
    return f"WITH r(household_id, value, rows) AS ({sql}) SELECT * FROM r"
