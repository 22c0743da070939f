"""What measures bring about: a case is helped when each of its open risks has had its help (Art. 8)."""

import pytest

from households.models import Case
from measures import effects
from tests.measures import makers

pytestmark = pytest.mark.django_db
DAY = makers.DAY
FIRST, SECOND = "medical.out_of_pocket", "housing.unsafe"


def helped(case: Case) -> bool:
    return Case.objects.filter(effects.helped(), pk=case.pk).exists()


def test_open_risk_without_help_keeps_a_case_from_being_helped():
    case = makers.case("marginal", FIRST, SECOND)
    first, second = case.risks.order_by("pk")
    makers.given(case, first)
    assert not helped(case)
    makers.given(case, second)
    assert helped(case)


def test_case_without_any_measure_is_not_helped():
    assert not helped(makers.case("marginal"))
    assert not helped(makers.case("marginal", FIRST))


@pytest.mark.parametrize("state", ["planned", "sent_back", "filed", "started"])
def test_help_that_is_outstanding_keeps_a_case_from_being_helped(state):
    case = makers.case("marginal", FIRST)
    makers.given(case, case.risks.get())
    assert helped(case)
    makers.given(case, case.risks.get(), state)
    assert not helped(case)


def test_help_of_another_case_counts_for_neither():
    case, other = makers.case("marginal", FIRST), makers.case("marginal", FIRST)
    makers.given(other, other.risks.get())
    assert (helped(case), helped(other)) == (False, True)


def test_what_was_cancelled_neither_helps_nor_waits():
    case = makers.case("marginal", FIRST)
    makers.given(case, case.risks.get(), "cancelled")
    assert not helped(case)
    makers.given(case, case.risks.get())
    assert helped(case)


@pytest.mark.parametrize(("line_state", "is_helped"), [("closed", True), ("accepted", False)])
def test_risk_whose_order_was_left_out_wants_no_measure(line_state, is_helped):
    case = makers.case("marginal", FIRST, SECOND)
    makers.given(case, case.risks.get(subcriterion=FIRST))
    made = makers.line(case, "housing", risk=SECOND)
    type(made).objects.filter(pk=made.pk).update(state=line_state)
    assert helped(case) is is_helped


@pytest.mark.parametrize("state", ["proposed", "dismissed", "removed"])
def test_risk_that_is_not_open_wants_no_help(state):
    case = makers.case("marginal", FIRST, SECOND)
    makers.given(case, case.risks.get(subcriterion=FIRST))
    case.risks.filter(subcriterion=SECOND).update(state=state, closed_on=None if state == "proposed" else DAY)
    assert helped(case)
