"""试算: every rule over a round's lists under the round's own policy and under another one, and what differs.
Nothing is written: the database itself refuses it while the rules run.

Both sides read the same lists, registry and cases as they are now, so what differs is the policy's doing
alone; the leads that the round has may be of an earlier day.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fangpin.common import database
from fangpin.common.database import readonly
from fangpin.policy.services import PolicySet
from screening import criteria
from screening.criteria.base import Rule
from screening.models import Change, Lead, Round, Source
from screening.sweep import findings

BEFORE, AFTER = 0, 1
Progress = Callable[[int, int, str], None]

_TABLES = {
    "simulation_rows": {"household_id": "int", "value": "int", "rows": "json"},
    "simulation_lead": {
        "side": "int", "rule": "text", "subcriterion": "text", "household_id": "int", "value": "int",
        "rows": "json", "category": "text", "above": "int", "per_head": "int", "income_year": "int",
        "in_case": "int",
    },
    "simulation_change": {
        "household_id": "int", "subcriterion": "text", "change": "text", "category": "text", "above": "int",
        "per_head": "int", "income_year": "int", "in_case": "int", "was": "int", "would": "int",
    },
}  # fmt: skip

_LEADS = f"""
INSERT INTO simulation_lead (side, rule, subcriterion, household_id, value, rows, category, above,
  per_head, income_year,
  in_case)
SELECT %(side)s, %(rule)s, %(subcriterion)s, f.household_id, f.value, f.rows, f.category,
  CASE WHEN f.per_head > %(line)s THEN 1 ELSE 0 END, f.per_head, f.income_year,
  CASE WHEN f.in_case THEN 1 ELSE 0 END
FROM ({findings.JUDGED.format(rows="simulation_rows", households=f"({findings.HOUSEHOLDS})")}) f WHERE
  {findings.PASSES}
"""

_CHANGES = """
INSERT INTO simulation_change (household_id, subcriterion, change, category, above, per_head, income_year,
  in_case, was,
  would)
SELECT household_id, subcriterion,
  CASE WHEN was = 0 THEN %(added)s WHEN would = 0 THEN %(dropped)s
    WHEN above_was <> above_would THEN %(changed)s ELSE '' END,
  category, CASE WHEN would = 1 THEN above_would ELSE above_was END, per_head, income_year, in_case, was,
    would
FROM (SELECT household_id, subcriterion, max(category) AS category, max(per_head) AS per_head,
    max(income_year) AS income_year, max(in_case) AS in_case, max(1 - side) AS was, max(side) AS would,
    max((1 - side) * above) AS above_was, max(side * above) AS above_would
  FROM simulation_lead GROUP BY household_id, subcriterion) both_sides
"""

_COUNTS = """
SELECT c.change, c.subcriterion, substr(h.village_id, 1, 9), count(*)
FROM simulation_change c JOIN households_household h ON h.id = c.household_id
GROUP BY c.change, c.subcriterion, substr(h.village_id, 1, 9)
"""

_HOUSEHOLDS = """
SELECT was, would, category, in_case, count(*)
FROM (SELECT household_id, max(was) AS was, max(would) AS would, max(category) AS category, max(in_case) AS
  in_case
  FROM simulation_change GROUP BY household_id) h
GROUP BY was, would, category, in_case
"""


@dataclass
class Outcome:
    """What differs. `leads`: (change or "" where unchanged, subcriterion, 9 digits of the township) →
    households with that situation. `households`: (change or "", category, already in a case) → households as
    a whole: added has no lead under the round's own policy, dropped has none under the other."""

    differing: list[str]
    leads: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    households: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    present: int = 0  # households that have a lead in the round now

    def of_leads(self, change: str | None = None) -> int:
        return sum(n for (kind, *_), n in self.leads.items() if change in (None, kind))

    def of_households(self, change: str | None = None, *, in_case: bool | None = None) -> int:
        return sum(
            n
            for (kind, _, case), n in self.households.items()
            if change in (None, kind) and in_case in (None, case)
        )

    @property
    def before(self) -> int:
        """Households with a lead under the round's own policy."""
        return self.of_households() - self.of_households(Change.ADDED)

    @property
    def after(self) -> int:
        return self.of_households() - self.of_households(Change.DROPPED)

    def as_json(self) -> dict[str, Any]:
        return {
            "differing": self.differing,
            "present": self.present,
            "leads": [[*key, n] for key, n in sorted(self.leads.items())],
            "households": [[*key, n] for key, n in sorted(self.households.items())],
        }

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> "Outcome":
        return cls(
            differing=kept["differing"],
            present=kept["present"],
            leads=Counter({tuple(line[:-1]): line[-1] for line in kept["leads"]}),
            households=Counter({tuple(line[:-1]): line[-1] for line in kept["households"]}),
        )


def simulate(round: Round, policy: PolicySet) -> Outcome:
    """What `policy` would add, drop and mark otherwise in `round`, whatever its state."""
    with compared(round, policy) as outcome:
        return outcome


@contextmanager
def compared(round: Round, policy: PolicySet, progress: Progress | None = None) -> Iterator[Outcome]:
    """The outcome, while the temporary table `simulation_change` and `simulation_lead` still hold its
    rows."""
    report = progress or (lambda _done, _total, _label: None)
    rules = list(criteria.rules().values())
    own = round.parameters
    for name, columns in _TABLES.items():
        database.make_temporary(name, columns)
    try:
        for position, rule in enumerate(rules):
            report(position, len(rules) + 1, f"正在试算：{rule.subcriterion.label}")
            with readonly.reading_only():
                for side, values in ((BEFORE, own), (AFTER, policy)):
                    _find(rule, round, values, side)
        report(len(rules), len(rules) + 1, "正在对照")
        with readonly.reading_only():
            outcome = _outcome(round, own.differing(policy))
        yield outcome
    finally:
        for name in _TABLES:
            database.run(f"DROP TABLE IF EXISTS {name}")


def _find(rule: Rule, round: Round, policy: PolicySet, side: int) -> None:
    """What the rule would raise under `policy`, added to simulation_lead."""
    database.run("DELETE FROM simulation_rows")
    sql, params = findings.statement(rule, round, policy)
    database.run(f"INSERT INTO simulation_rows (household_id, value, rows) {sql}", params)
    database.refresh_statistics("simulation_rows")
    own = {"side": side, "rule": rule.code, "subcriterion": rule.subcriterion.code}
    database.run(_LEADS, findings.parameters(round, policy) | own)


def _outcome(round: Round, differing: list[str]) -> Outcome:
    database.refresh_statistics("simulation_lead")
    database.run(_CHANGES, {change.value: change.value for change in Change})
    database.refresh_statistics("simulation_change")
    leads = {tuple(line[:-1]): line[-1] for line in database.rows(_COUNTS)}
    households: Counter[tuple[str, str, bool]] = Counter()
    for was, would, category, in_case, n in database.rows(_HOUSEHOLDS):
        change = Change.ADDED if not was else Change.DROPPED if not would else ""
        households[str(change), category, bool(in_case)] += n
    present = Lead.objects.filter(round=round, source=Source.ONLINE).current()
    return Outcome(differing, Counter(leads), households, present.values("household").distinct().count())


def row_statement(simulation: int) -> tuple[str, list[Any]]:
    """SQL that keeps the rows that differ, each with what the rules say of it, and its parameters."""
    reason = database.json_object({"rule": "l.rule", "value": "l.value", "rows": database.as_json("l.rows")})
    return (
        "INSERT INTO screening_simulationrow (simulation_id, household_id, subcriterion, change, category, "
        "above_line, "
        "per_head, income_year, in_case, found) "
        "SELECT %s, c.household_id, c.subcriterion, c.change, c.category, c.above = 1, c.per_head, "
        "c.income_year, "
        f"c.in_case = 1, {database.json_list(reason)} FROM simulation_change c "
        "JOIN simulation_lead l ON l.household_id = c.household_id AND l.subcriterion = c.subcriterion "
        "AND l.side = c.would WHERE c.change <> '' "
        "GROUP BY c.household_id, c.subcriterion, c.change, c.category, c.above, c.per_head, c.income_year, "
        "c.in_case "
        "ORDER BY c.household_id, c.subcriterion",
        [simulation],
    )
