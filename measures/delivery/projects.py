"""工程 that serves a hamlet or a village (water): one entry for the works, a measure for each of its
households."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from measures.catalogue import types as catalogue
from measures.delivery import delivery, filing
from measures.models import Form, Measure, MeasureState, OrderLine, Project
from measures.planning import judging, plan
from measures.planning.facts import Wanted


def works_of(by: Actor) -> list[catalogue.CurrentType]:
    """Types that a department carries out as works."""
    types = catalogue.in_force(Division.objects.get(code=by.duty.county_code))
    own = by.duty.department
    return [
        each
        for each in types.values()
        if each.row.form == Form.WORKS and own and own.code in each.departments
    ]


def register_project(
    lines: QuerySet[OrderLine],
    *,
    by: Actor,
    name: str,
    planned_from: datetime.date,
    planned_to: datetime.date,
    cost: int | None = None,
) -> Project:
    """The works for the households of the chosen lines, all of one village. `cost` in fen. Raises Refused."""
    types = works_of(by)
    if not types:
        raise Refused("本部门没有按工程办理的举措。")
    if not name.strip():
        raise Refused("请填写工程名称，例如“那朵屯水池修缮”。")
    with transaction.atomic():
        own = OrderLine.objects.for_user(by).filter(pk__in=list(lines.values_list("pk", flat=True)))
        chosen = list(own.filter(state__in=judging.PLANNABLE).select_related("household__hamlet", "risk"))
        _check(chosen, lines, types[0])
        hamlets = {line.household.hamlet for line in chosen}
        made = Project.objects.create(
            department_id=chosen[0].department_id,
            village_id=chosen[0].household.village_id,
            hamlet=hamlets.pop() if len(hamlets) == 1 else None,
            type=types[0].row,
            name=name.strip()[:80],
            cost=cost,
            planned_from=planned_from,
            planned_to=planned_to,
            by=by,
        )
        wanted = [
            Wanted(
                line.household,
                types[0].row.code,
                line=line,
                project=made,
                planned_from=planned_from,
                planned_to=planned_to,
                basis=name.strip(),
            )
            for line in chosen
        ]
        plan.plan_measures(wanted, by=by)
        audit.record(by, "project_register", made, households=len(chosen))
    return made


def _check(chosen: Sequence[OrderLine], lines: QuerySet[OrderLine], works: catalogue.CurrentType) -> None:
    if not chosen or len(chosen) != lines.count():
        raise Refused("请勾选已接收的交办事项；没有接收的请先接收。")
    if len({line.household.village_id for line in chosen}) != 1:
        raise Refused("一个工程只能服务同一个村，请按村、按屯分开登记。")
    if any(line.risk.subcriterion not in works.row.subcriteria for line in chosen):
        raise Refused(f"所选事项中有不能用{works.name}解决的风险，请只勾选饮水的。")
    having = Measure.objects.not_cancelled().filter(line__in=chosen, project__isnull=False)
    if having.exists():
        raise Refused("所选的户中有的已在别的工程中。")


def project_measures(project: Project, state: str) -> QuerySet[Measure]:
    return project.measures.filter(state=state)


def begin_project(project: Project, *, by: Actor, on: datetime.date) -> int:
    """开工: all its filed measures."""
    return delivery.begin_measures(project_measures(project, MeasureState.FILED), by=by, on=on)


def deliver_project(project: Project, *, by: Actor, on: datetime.date, proof: str) -> int:
    """完工: all its households at once."""
    return delivery.deliver_measures(
        project_measures(project, MeasureState.STARTED), by=by, on=on, proof=proof
    )


def file_project(project: Project, *, by: Actor) -> int:
    return filing.file_measures(
        project_measures(project, MeasureState.PLANNED), by=by, on=timezone.localdate()
    )
