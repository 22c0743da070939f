"""The initial list (Art. 7) that comes with a registry workbook. Works on the staged workbook."""

import datetime

from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import database
from fangpin.common.outcomes import Outcome, RowFault
from fangpin.common.transitions import write_first_records
from fangpin.common.values.dates import months_after
from fangpin.policy.services import in_force
from households.codelists import CATEGORY_OF_STATUS
from households.models import Case, TakeOver
from households.registry.file import Group


def take_over_cases(county: Division, groups: list[Group], outcome: Outcome, *, by) -> set[int]:
    """Art. 7: the look-back list opens a case where the household never had one, until the office closes it.
    Returns the ordinals of the households that got one."""
    marked = {g for g, group in enumerate(groups) if group.values["category"]}
    dated = {g for g, group in enumerate(groups) if group.values["identified_on"]}
    if not marked | dated:
        return set()
    households = {
        g: household_id
        for g, household_id in database.rows("SELECT g, household_id FROM stage_household")
        if g in marked | dated
    }
    cases = Case.objects.filter(household__in=households.values())
    open_since = dict(cases.open().values_list("household_id", "identified_on"))
    for g in sorted(dated & households.keys()):
        _compare_day(groups[g], open_since.get(households[g]), outcome)
    marked &= households.keys()
    if TakeOver.objects.filter(county=county).exists():
        for g in marked:
            if households[g] not in open_since:
                outcome.warnings.append(
                    RowFault(
                        groups[g].head.row,
                        "category_conflict",
                        "初始名单接收已结束：本表写为监测对象，系统中不是，请核对。",
                    )
                )
        return set()
    had = set(cases.values_list("household_id", flat=True))
    opened = {g for g in marked if households[g] not in had}
    months = in_force(county, timezone.localdate())["followup.months"]
    fresh = Case.objects.bulk_create(
        [
            Case(
                household_id=households[g],
                category=CATEGORY_OF_STATUS[groups[g].values["status"]],
                origin=Case.Origin.LOOK_BACK,
                identified_on=groups[g].values["identified_on"],
                follow_until=(until := months_after(groups[g].values["identified_on"], months)),
                evaluation_due=until,
                risk_words=groups[g].values["risk_words"] or "",
            )
            for g in sorted(opened)
        ],
        batch_size=2000,
    )
    write_first_records(fresh, by=by, name="take_over")
    return opened


def _compare_day(group: Group, known: datetime.date | None, outcome: Outcome) -> None:
    """The follow-up year runs from the day that the case has; a workbook does not move it."""
    written = group.values["identified_on"]
    if known and written != known:
        message = f"“风险识别时间”本表为 {written}，系统中该户为 {known}，没有改动，请核对后改正本表。"
        outcome.warnings.append(RowFault(group.head.row, "date", message))
