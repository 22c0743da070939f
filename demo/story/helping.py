"""What office, director and departments do for a household in the demo, in as few words as possible."""

import datetime
from collections.abc import Mapping

from fangpin.accounts.models import User
from households.models import Case, Member, Risk
from measures.delivery import delivery, filing
from measures.models import Measure, OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders import risks as order_risks
from measures.orders import sheets as orders
from measures.planning import plan
from measures.planning.facts import Wanted
from measures.visits import visits

MONTH = datetime.timedelta(days=30)


class Helping:
    def __init__(self, users: Mapping[str, User]) -> None:
        self.users = users

    def ordered(self, case: Case, risks: Mapping[str, str], *, on: datetime.date) -> OrderSheet:
        """Risks registered, a sheet prepared, numbered, signed and accepted."""
        office, director = self.users["office"], self.users["director"]
        made = order_risks.register_risks(case, dict(risks), by=office, on=case.identified_on)
        (sheet,) = orders.prepare_sheets(Risk.objects.filter(pk__in=[risk.pk for risk in made]), by=office)
        self.numbered(sheet, on.year)
        orders.issue_sheets(OrderSheet.objects.filter(pk=sheet.pk), by=director, on=on)
        order_lines.accept_lines(sheet.lines.all(), by=self.officer(sheet))
        return sheet

    def numbered(self, sheet: OrderSheet, year: int, words: str = "请按期接收，拟定举措报备案后实施") -> None:
        number = orders.next_number(sheet.county, year)
        orders.change_sheet(sheet, by=self.users["office"], number=number, basis=sheet.basis, words=words)

    def officer(self, sheet: OrderSheet) -> User:
        return self.users[f"dept-{sheet.department.code}"]

    def planned(
        self, line: OrderLine, code: str, yuan: int | None, more: dict, *, on: datetime.date
    ) -> Measure:
        head = Member.objects.current().get(household=line.household, relation="head")
        wanted = Wanted(
            line.household,
            code,
            planned_from=on,
            planned_to=on + MONTH,
            amount=yuan * 100 if yuan else None,
            line=line,
            member=head,
            warning_words="已核对，按本县标准办理",
            basis="按本县标准",
            **more,
        )
        return plan.plan_measure(wanted, by=self.officer(line.sheet), on=on)

    def delivered(
        self, sheet: OrderSheet, code: str, yuan: int | None, more: dict, *, on: datetime.date, case: Case
    ) -> None:
        line = OrderLine.objects.select_related("household", "sheet__department").get(sheet=sheet, case=case)
        measure = self.planned(line, code, yuan, more, on=on)
        self.given(measure, on=on, proof="惠农一卡通发放清单")
        order_lines.close_lines(OrderLine.objects.filter(pk=line.pk), by=self.users["office"])

    def given(self, measure: Measure, *, on: datetime.date, proof: str) -> None:
        """Filed, begun and delivered."""
        own, days = Measure.objects.filter(pk=measure.pk), datetime.timedelta
        by = self.users[f"dept-{measure.department.code}"]
        filing.file_measures(own, by=self.users["office"], on=on + days(3))
        delivery.begin_measures(own, by=by, on=on + days(5))
        delivery.deliver_measures(own, by=by, on=on + days(18), proof=proof)

    def visited(
        self, case: Case, *, on: datetime.date, seen: str, words: str = "到户看过，和户主谈了"
    ) -> None:
        by = self.users["helper" if case.category == "monitored" else "workteam"]
        risks, measures = visits.visit_subjects(case)
        visits.record_visit(
            case.household,
            by=by,
            on=on,
            visitors=[by.name],
            spoke_with=case.household.head_name,
            words=words,
            risks=dict.fromkeys(risks, (seen, "")),
            measures=dict.fromkeys(measures, ("yes", "")),
            secured=dict.fromkeys(visits.GUARANTEES, True),
        )
