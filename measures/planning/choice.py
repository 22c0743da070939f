"""Which types a department is offered for a household, and why others are not."""

from dataclasses import dataclass, field

from fangpin.common.actor import Actor
from households.models import Case, Household
from measures import rules
from measures.catalogue import types as catalogue
from measures.catalogue.types import CurrentType
from measures.models import Eligibility, OrderLine


@dataclass
class Choices:
    """`types`: code → type that may be chosen, the suggested first; `barred`: (name, why not)."""

    kind: str | None
    types: dict[str, CurrentType] = field(default_factory=dict)
    suggested: list[str] = field(default_factory=list)
    barred: list[tuple[str, str]] = field(default_factory=list)
    why_none: str = ""

    @property
    def first(self) -> str:
        return next(iter(self.types), "")


def offered(home: Household, line: OrderLine | None, *, by: Actor) -> Choices:
    """The department's types, the line's suggestions first; those that the text forbids for this household
    are listed with the reason."""
    has_case = Case.objects.open().filter(household=home.pk).exists()
    kind = rules.kind_of(home.status, has_case)
    choices = Choices(kind)
    if kind is None:
        choices.why_none = rules.why_no_kind(home.status)
        return choices
    own = by.acting.department.code
    types = {code: each for code, each in catalogue.in_force(home.county).items() if own in each.departments}
    suggested = [code for code in (line.suggested if line else []) if code in types]
    answering = [
        code for code, each in types.items() if line and line.risk.subcriterion in each.row.subcriteria
    ]
    for code in dict.fromkeys([*suggested, *answering, *types]):
        if getattr(types[code].row, f"for_{kind}") == Eligibility.FORBIDDEN:
            choices.barred.append((types[code].name, f"办法不给{rules.KINDS[kind]}"))
        else:
            choices.types[code] = types[code]
    choices.suggested = suggested
    if not choices.types:
        choices.why_none = "举措目录中没有由本部门承办、可以给这户的举措；请退回交办事项，或请办公室核对目录"
    return choices
