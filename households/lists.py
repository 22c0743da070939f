"""The household list: what its filter means, and what its rows need beside the columns of Household.

Page and export call the same functions, so the file holds exactly the rows of the page.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from fangpin.accounts.models import User
from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers
from households import rules
from households.codelists import Category, Relation
from households.forms import HouseholdFilter
from households.models import AnnualIncome, Case, Household, Member


def filtered(form: HouseholdFilter, households: QuerySet[Household]) -> QuerySet[Household]:
    """The households that the filter lets through; a filter that can't be understood finds none."""
    if not form.is_valid():
        return households.none()
    chosen = form.cleaned_data
    if not chosen["closed"]:
        households = households.current()
    if area := form.area():
        households = households.in_area(area)
    for name in ("status", "lamp"):
        if chosen[name]:
            households = households.filter(**{name: chosen[name]})
    if chosen["subject"]:
        households = households.filter(pk__in=_cases(chosen["subject"]).values("household"))
    return households.search(chosen["q"]) if chosen["q"] else households


def _cases(subject: str) -> QuerySet[Case]:
    """Open cases of one category, or of any; the households they stand for are in scope already."""
    cases = Case.objects.all().open()
    return cases.filter(category=subject) if subject in Category.values else cases


def only(households: QuerySet[Household]) -> Household | None:
    """The household, where there is exactly one."""
    first_two = list(households[:2])
    return first_two[0] if len(first_two) == 1 else None


def with_figures(households: QuerySet[Household]) -> QuerySet[Household]:
    """With place, latest income and the open case, from which `household_row` makes what is shown."""
    latest = AnnualIncome.objects.filter(household=OuterRef("pk")).order_by("-year")
    case = Case.objects.all().open().filter(household=OuterRef("pk"))
    return households.select_related("village__parent", "hamlet").annotate(
        latest_net=Subquery(latest.values("net")[:1]),
        latest_year=Subquery(latest.values("year")[:1]),
        subject=Subquery(case.values("category")[:1]),
    )


@dataclass(frozen=True)
class HouseholdRow:
    """One row of the list: income a head in fen, of the latest year on record (Art. 2); the category of the
    open case, if there is one."""

    household: Household
    latest_year: int | None
    per_head: int | None
    subject_label: str


def household_row(household: Any) -> HouseholdRow:
    """`household` as `with_figures` gives it."""
    net = household.latest_net
    return HouseholdRow(
        household=household,
        latest_year=household.latest_year,
        per_head=rules.per_head(net, household.size) if net is not None else None,
        subject_label=Category(household.subject).label if household.subject else "",
    )


def heads(user: User) -> "Prefetch[str, QuerySet[Member], str]":
    """The head of each household, as `heads`."""
    members = Member.objects.for_user(user).current().filter(relation=Relation.HEAD)
    return Prefetch("members", members, to_attr="heads")


def is_id_number(text: str) -> bool:
    return not id_fault(text)


def id_fault(text: str) -> str:
    """What is wrong with a text as a full ID number, in words; nothing where it is one."""
    try:
        idnumbers.parse(text)
    except CellFault as fault:
        return fault.message
    return ""


def resembles_id(text: str) -> bool:
    """18 characters, nearly all digits: an ID number, perhaps mistyped. It may stand in no address either."""
    return len(text) == 18 and sum(character.isdigit() for character in text) >= 16


def by_number(households: QuerySet[Household], text: str) -> Household | None:
    """The household that a full ID number or a household number names."""
    if not any(character.isdigit() for character in text):
        return None
    return only(households.search(text) if is_id_number(text) else households.filter(number=text))
