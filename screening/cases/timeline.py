"""办理记录 of a case: its states, those of its risks and of its items for the national system."""

from dataclasses import dataclass
from datetime import datetime

from fangpin.common.models import StatusRecord
from households.models import Case, CaseState, RiskState
from screening import criteria
from screening.models import NationalItem


@dataclass(frozen=True)
class Step:
    at: datetime
    sentence: str
    by: str = ""
    opinion: str = ""


_ACTS = {
    ("households.case", "take_over"): "随 2019 年“回头看”和动态管理名单接收",
    ("households.case", "determine"): "县级审定，列为防贫对象",
    ("households.case", "revoke"): "认定作废",
    ("households.risk", "determine"): "审定时的风险",
    ("households.risk", "propose"): "新发现的风险，待核实",
    ("households.risk", "confirm"): "风险核实属实",
    ("households.risk", "dismiss"): "风险不属实或自己能解决",
    ("households.risk", "void"): "风险随认定作废",
}


def timeline_steps(case: Case) -> list[Step]:
    """The latest first: states of the case, of its risks and of its items for the national system, and who
    followed."""
    risks = {risk.pk: criteria.subcriteria()[risk.subcriterion].tag for risk in case.risks.all()}
    items = {item.pk: item.get_kind_display() for item in NationalItem.objects.filter(case=case)}
    about = {"households.case": {case.pk: ""}, "households.risk": risks, "screening.nationalitem": items}
    steps = []
    for model, names in about.items():
        records = StatusRecord.objects.filter(model=model, object_id__in=names).select_related("by")
        steps += [_step(record, names[record.object_id]) for record in records]
    steps.sort(key=lambda step: step.at, reverse=True)
    return steps


def _step(record: StatusRecord, name: str) -> Step:
    if record.model == "screening.nationalitem":
        states = dict(NationalItem._meta.get_field("state").choices)
        sentence = f"全国系统{name}：{states.get(record.to_state, '')}"
    else:
        states = dict(CaseState.choices) | dict(RiskState.choices)
        act = _ACTS.get((record.model, record.transition)) or states.get(record.to_state, "")
        sentence = f"{act}：{name}" if name else act
    return Step(record.at, sentence, record.by.name if record.by else "", record.opinion)
