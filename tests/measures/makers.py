"""What tests of the help need: a case with its risk, an accepted order line, a county's standards."""

import datetime

from django.utils import timezone

from fangpin.accounts.models import Department, User
from fangpin.accounts.roles import Role
from fangpin.common.values.dates import months_after
from households.models import Case, Risk
from measures.catalogue import types as catalogue
from measures.models import Measure, MeasureType, OrderLine, OrderSheet
from measures.planning.facts import Wanted
from screening import criteria
from tests import factories

DAY = datetime.date(2026, 3, 2)


def officer(department: str, county: str = factories.COUNTY) -> User:
    name = f"dept-{department}" if county == factories.COUNTY else f"dept-{department}-{county}"
    person = User.objects.filter(username=name).first()
    return (
        person.act_in(person.duties.get())
        if person
        else factories.user(name, Role.DEPARTMENT, county, department)
    )


def case(kind: str = "marginal", *risks: str, on: datetime.date = DAY, **fields) -> Case:
    """An open case of a new household, with its open risks."""
    home = factories.household(status="lifted" if kind == "monitored" else "ordinary", **fields)
    until = months_after(on, 12)
    made = Case.objects.create(
        household=home,
        category=kind,
        origin="meeting",
        identified_on=on,
        follow_until=until,
        evaluation_due=until,
    )
    for code in risks:
        Risk.objects.create(case=made, subcriterion=code, found_on=on)
    return made


def line(made: Case, department: str, *, risk: str = "", state: str = "accepted") -> OrderLine:
    """An order line of a signed sheet, past the door."""
    place = made.household.county_id
    owner = Department.objects.get(county_id=place, code=department)
    by = User.objects.filter(username="preparer").first() or factories.user("preparer", Role.OFFICE, place)
    sheet = OrderSheet.objects.filter(department=owner, state="issued").first() or OrderSheet.objects.create(
        county_id=place,
        department=owner,
        state="issued",
        number=f"测〔2026〕{owner.pk}号",
        prepared_by=by,
        issued_by=User.objects.filter(username="signer").first()
        or factories.user("signer", Role.DIRECTOR, place),
        issued_at=timezone.now(),
    )
    chosen = made.risks.filter(**({"subcriterion": risk} if risk else {})).first()
    returned = {"return_reason": "solved", "return_words": "已解决"} if state == "returned" else {}
    return OrderLine.objects.create(
        sheet=sheet,
        household=made.household,
        case=made,
        risk=chosen,
        department=owner,
        state=state,
        suggested=list(criteria.subcriteria()[chosen.subcriterion].measures),
        **returned,
    )


def given(case: Case, risk: Risk | None, state: str = "delivered", code: str = "medical_aid") -> Measure:
    """A measure in a state, past planning."""
    done = {"delivered_on": DAY, "proof": "签收单", "delivered_by": officer("insurance")}
    begun = {"started_on": DAY} if state in ("started", "delivered") else {}
    waits = state in ("planned", "sent_back", "cancelled")
    filed = (
        {}
        if waits
        else {
            "filed_on": DAY,
            "filed_by": officer("insurance"),
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
        planned_by=officer("insurance"),
        cancel_words="不办了" if state == "cancelled" else "",
        **begun | filed | (done if state == "delivered" else {}),
    )


def standard(code: str, county: str = factories.COUNTY, **changed) -> MeasureType:
    """A county's released row over the region's."""
    region = MeasureType.objects.get(code=code, division_id=county[:2] + "0" * 10)
    kept = {
        field.attname: getattr(region, field.attname)
        for field in MeasureType._meta.concrete_fields
        if field.name not in ("id", "uuid", "division", "holds_from")
    }
    return MeasureType.objects.create(
        **kept | {"division_id": county, "holds_from": datetime.date(2026, 1, 1), "cap": None} | changed
    )


def wanted(home, code: str, amount: int | None = None, **fields) -> Wanted:
    fields = {"planned_from": DAY, "planned_to": DAY + datetime.timedelta(days=30)} | fields
    return Wanted(home, code, amount=amount, **fields)


def lead_of(code: str) -> str:
    """The department in charge of a type."""
    from fangpin.accounts.models import Division

    return catalogue.in_force(Division.objects.get(pk=factories.COUNTY))[code].department
