"""Many edges of a rule in one delivered list: each case is a row of a household of its own."""

from collections.abc import Callable, Sequence

from households.models import Member
from tests import factories
from tests.running import Desk, rows_of


def adult(*case, **fields) -> Member:
    """The head of a lifted household of two."""
    who = factories.household(status="lifted", members=2).members.get(relation="head")
    Member.objects.filter(pk=who.pk).update(**fields)
    return who


def expect_leads(
    desk: Desk,
    kind: str,
    subcriterion: str,
    cases: Sequence[tuple],
    row: Callable[..., dict],
    person: Callable[..., Member] = adult,
) -> None:
    """All cases are good rows; after one sweep each household is a lead, or is none, as its case says last.
    What comes before that is what `person` and `row` are made of."""
    people = [person(*case[:-1]) for case in cases]
    answer = desk.feed(kind, *(row(who, *case[:-1]) for who, case in zip(people, cases, strict=True)))
    assert answer["good"] == len(cases)
    swept = desk.swept()
    assert {each for _, each in swept} <= {subcriterion}
    numbers = {number for number, _ in swept}
    wrong = [
        case for who, case in zip(people, cases, strict=True) if (who.household.number in numbers) != case[-1]
    ]
    assert not wrong, wrong


def expect_refusals(desk: Desk, kind: str, cases: Sequence[tuple], row: Callable[..., dict]) -> None:
    """Each row is refused with the code that its case names last, and no other."""
    answer = desk.feed(kind, *(row(adult(), *case[:-1]) for case in cases))
    codes = rows_of(answer, "refused")
    wrong = [case for place, case in enumerate(cases, start=2) if codes.get(place) != case[-1]]
    assert not wrong, wrong
    assert answer["good"] == len(answer["set_aside"]) == 0
