"""Which types a department is offered for a household, and why others are not."""

from dataclasses import dataclass, field

from households.models import Case, Household
from measures import rules
from measures.catalogue import types as catalogue
from measures.catalogue.types import Standing
from measures.models import Eligibility, OrderLine


@dataclass
class Choices:
    """`types`: code → type that may be chosen, the suggested first; `barred`: (name, why not)."""

    kind: str | None
    types: dict[str, Standing] = field(default_factory=dict)
    suggested: list[str] = field(default_factory=list)
    barred: list[tuple[str, str]] = field(default_factory=list)
    why_none: str = ""

    @property
    def first(self) -> str:
        return next(iter(self.types), "")


def offered(home: Household, line: OrderLine | None, *, by) -> Choices:
    """Those of the department, the line's suggestions first; what the text forbids for this household is
    told, not offered."""
    has_case = Case.objects.open().filter(household=home.pk).exists()
    kind = rules.kind_of(home.status, has_case)
    found = Choices(kind)
    if kind is None:
        found.why_none = rules.why_no_kind(home.status)
        return found
    own = by.acting.department.code
    types = {code: each for code, each in catalogue.in_force(home.county).items() if own in each.departments}
    suggested = [code for code in (line.suggested if line else []) if code in types]
    answering = [
        code for code, each in types.items() if line and line.risk.subcriterion in each.row.subcriteria
    ]
    for code in dict.fromkeys([*suggested, *answering, *types]):
        if getattr(types[code].row, f"for_{kind}") == Eligibility.FORBIDDEN:
            found.barred.append((types[code].name, f"办法不给{rules.KINDS[kind]}"))
        else:
            found.types[code] = types[code]
    found.suggested = suggested
    if not found.types:
        found.why_none = "举措目录中没有由本部门承办、可以给这户的举措；请退回交办事项，或请办公室核对目录"
    return found
