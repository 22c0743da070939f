"""What measures bring about: a case is helped when each of its open risks has had its help (Art. 8)."""

import datetime

import pytest

from fangpin.accounts.models import Department
from households.models import Case, Risk
from measures import effects
from measures.catalogue import types as catalogue
from measures.models import Measure
from tests import factories
from tests.measures import makers

pytestmark = pytest.mark.django_db
DAY = makers.DAY
FIRST, SECOND = "medical.out_of_pocket", "housing.unsafe"


def helped(case: Case) -> bool:
    return Case.objects.filter(effects.helped(), pk=case.pk).exists()


def given(case: Case, risk: Risk | None, state: str = "delivered", code: str = "medical_aid") -> Measure:
    """A measure in a state, past planning."""
    done = {"delivered_on": DAY, "proof": "签收单", "delivered_by": makers.officer("insurance")}
    begun = {"started_on": DAY} if state in ("started", "delivered") else {}
    waits = state in ("planned", "sent_back", "cancelled")
    filed = (
        {}
        if waits
        else {
            "filed_on": DAY,
            "filed_by": makers.officer("insurance"),
            "filing_number": f"测{Measure.objects.count()}",
        }
    )
    return Measure.objects.create(
        household=case.household,
        kind=case.category,
        case=case,
        risk=risk,
        department=Department.objects.get(county_id=factories.COUNTY, code="insurance"),
        type=catalogue.in_force(case.household.county, DAY)[code].row,
        code=code,
        form="money",
        route="R3",
        state=state,
        amount=100_00,
        delivered=100_00 if state == "delivered" else None,
        year=DAY.year,
        planned_from=DAY,
        planned_to=DAY + datetime.timedelta(days=30),
        planned_by=makers.officer("insurance"),
        cancel_words="不办了" if state == "cancelled" else "",
        **begun | filed | (done if state == "delivered" else {}),
    )


def test_open_risk_without_help_keeps_a_case_from_being_helped():
    case = makers.case("marginal", FIRST, SECOND)
    first, second = case.risks.order_by("pk")
    given(case, first)
    assert not helped(case)
    given(case, second)
    assert helped(case)


def test_case_without_any_measure_is_not_helped():
    assert not helped(makers.case("marginal"))
    assert not helped(makers.case("marginal", FIRST))


@pytest.mark.parametrize("state", ["planned", "sent_back", "filed", "started"])
def test_help_that_is_outstanding_keeps_a_case_from_being_helped(state):
    case = makers.case("marginal", FIRST)
    given(case, case.risks.get())
    assert helped(case)
    given(case, case.risks.get(), state)
    assert not helped(case)


def test_help_of_another_case_counts_for_neither():
    case, other = makers.case("marginal", FIRST), makers.case("marginal", FIRST)
    given(other, other.risks.get())
    assert (helped(case), helped(other)) == (False, True)


def test_what_was_cancelled_neither_helps_nor_waits():
    case = makers.case("marginal", FIRST)
    given(case, case.risks.get(), "cancelled")
    assert not helped(case)
    given(case, case.risks.get())
    assert helped(case)


@pytest.mark.parametrize(("line_state", "is_helped"), [("closed", True), ("accepted", False)])
def test_risk_whose_order_was_left_out_wants_no_measure(line_state, is_helped):
    case = makers.case("marginal", FIRST, SECOND)
    given(case, case.risks.get(subcriterion=FIRST))
    made = makers.line(case, "housing", risk=SECOND)
    type(made).objects.filter(pk=made.pk).update(state=line_state)
    assert helped(case) is is_helped


@pytest.mark.parametrize("state", ["proposed", "dismissed", "removed"])
def test_risk_that_is_not_open_wants_no_help(state):
    case = makers.case("marginal", FIRST, SECOND)
    given(case, case.risks.get(subcriterion=FIRST))
    case.risks.filter(subcriterion=SECOND).update(state=state, closed_on=None if state == "proposed" else DAY)
    assert helped(case)
