"""A household in the national register's own columns and wording: what is offered to the national system,
what of it is compared later, and what a household still lacks (Art. 7(2)3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from fangpin.common.values import idnumbers
from households import numbers, rules
from households.codelists import Category, HouseholdStatus, Relation
from households.models import AnnualIncome, Case, Household, Member, Risk
from screening import criteria

# The register's sheet of persons, in its order.
COLUMNS = (
    "序号",
    "数据日期",
    "县(市、区、旗)",
    "乡(镇)",
    "行政村",
    "自然村",
    "户编号",
    "人编号",
    "姓名",
    "证件号码",
    "人数",
    "与户主关系",
    "民族",
    "文化程度",
    "在校生状况",
    "健康状况",
    "劳动技能",
    "务工时间（月）",
    "是否参加大病保险",
    "致贫原因1",
    "危房户",
    "是否解决安全饮用水",
    "人均纯收入",
    "户联系电话",
    "人联系电话",
    "首次识别时间",
    "人员识别时间",
    "户类型",
    "易返贫致贫户(监测对象)类型",
    "风险是否消除",
    "风险识别时间",
    "风险消除时间",
)
# What is shown of a household that is only marked: the system has the rest already.
MARK_COLUMNS = (
    "县(市、区、旗)",
    "乡(镇)",
    "行政村",
    "自然村",
    "户编号",
    "姓名",
    "证件号码",
    "人数",
    "户类型",
    "易返贫致贫户(监测对象)类型",
    "致贫原因1",
    "风险识别时间",
    "户联系电话",
)
# The part of the household on the screen of an entry; what finds it for a correction or withdrawal.
ENTRY_ORDER = (
    "县(市、区、旗)",
    "乡(镇)",
    "行政村",
    "自然村",
    "户类型",
    "易返贫致贫户(监测对象)类型",
    "人数",
    "户联系电话",
    "致贫原因1",
    "风险识别时间",
    "危房户",
    "是否解决安全饮用水",
    "人均纯收入",
)
KEY_COLUMNS = ("乡(镇)", "行政村", "自然村", "户编号", "姓名", "证件号码", "易返贫致贫户(监测对象)类型")
# Compared with what the system acknowledged. Income comes to it once a year by another way.
HELD_OF_HOUSEHOLD = ("乡(镇)", "行政村", "自然村", "户类型", "危房户", "是否解决安全饮用水", "户联系电话")
HELD_OF_MEMBER = (
    "姓名",
    "证件号码",
    "与户主关系",
    "民族",
    "文化程度",
    "在校生状况",
    "健康状况",
    "劳动技能",
    "务工时间（月）",
    "是否参加大病保险",
    "人联系电话",
)
NUMBERS = ("证件号码", "户联系电话", "人联系电话")  # masked where the right to full numbers is missing

_STATUS = {
    HouseholdStatus.ORDINARY: "普通农户",
    HouseholdStatus.LIFTED: "脱贫户",
    HouseholdStatus.REGISTERED: "未脱贫户",
}
_DANGEROUS = ("C", "D")


# --- what is offered ------------------------------------------------------------------------------------


def snapshots(case_ids: Iterable[int]) -> dict[int, dict]:
    """Case → its household as it is now: `household` and `members` (the head first), register's column →
    words. A handful of queries, whatever the number of cases."""
    cases = (
        Case.objects.filter(pk__in=list(case_ids))
        .select_related("household__county", "household__village__parent", "household__hamlet")
        .prefetch_related(
            Prefetch("household__members", Member.objects.current().order_by("id"), to_attr="present"),
            Prefetch("household__incomes", AnnualIncome.objects.order_by("year"), to_attr="by_year"),
            Prefetch("risks", Risk.objects.filter(state="open").order_by("id"), to_attr="open_risks"),
        )
    )
    return {case.pk: _snapshot(case) for case in cases}


def _snapshot(case: Case) -> dict[str, Any]:
    present = sorted(case.household.present, key=lambda member: member.relation != Relation.HEAD)
    return {
        "household": _household(case, case.household),
        "members": [{"key": member.pk, **_member(member)} for member in present],
    }


def _household(case: Case, home: Household) -> dict[str, str]:
    identified = case.identified_on.isoformat()
    return {
        "县(市、区、旗)": home.county.name,
        "乡(镇)": home.village.parent.name,
        "行政村": home.village.name,
        "自然村": home.hamlet.name if home.hamlet else "",
        "户编号": "" if home.own_number else home.number,  # the system gives the number of a new household
        "人数": str(len(home.present)),
        "致贫原因1": _risk(case),
        "危房户": "" if not home.housing_grade else _yes(home.housing_grade[:1] in _DANGEROUS),
        "是否解决安全饮用水": _yes(home.water_secured),
        "人均纯收入": _per_head(home),
        "户联系电话": home.phone or "",
        "首次识别时间": identified,
        "人员识别时间": identified,
        "户类型": _STATUS[home.status],
        "易返贫致贫户(监测对象)类型": Category(case.category).label,
        "风险是否消除": "否",
        "风险识别时间": identified,
        "风险消除时间": "",
    }


def _member(member: Member) -> dict[str, str]:
    return {
        "人编号": member.number,
        "姓名": member.name,
        "证件号码": member.id_number,
        "与户主关系": member.get_relation_display(),
        "民族": member.ethnic_group,
        "文化程度": ""
        if member.student
        else member.get_education_display(),  # exactly one of the two is filled
        "在校生状况": member.get_student_display(),
        "健康状况": member.health,
        "劳动技能": member.get_labour_display(),
        "务工时间（月）": "" if member.work_months is None else str(member.work_months),
        "是否参加大病保险": _yes(member.major_illness_insured),
        "人联系电话": member.phone or "",
    }


def _yes(value: bool | None) -> str:
    return "" if value is None else "是" if value else "否"


def _risk(case: Case) -> str:
    """The first open risk in the register's word; a case of the look-back list has its own words."""
    known = criteria.subcriteria()
    words = [known[risk.subcriterion].register_word for risk in case.open_risks if risk.subcriterion in known]
    return words[0] if words else case.risk_words


def _per_head(home: Household) -> str:
    if not home.by_year:
        return ""
    head = rules.per_head(home.by_year[-1].net, len(home.present))
    return "" if head is None else f"{head / 100:.2f}"


def shown_members(kind: str, payload: dict[str, Any]) -> list[dict[str, str]]:
    """The members that a kind of item tells of: all of an entry, of the others the head, to find the
    household."""
    members = [
        {name: words for name, words in member.items() if name != "key"} for member in payload["members"]
    ]
    return members if kind == "entry" else members[:1]


@dataclass(frozen=True)
class Section:
    """A part of the national screen: its fields in order, column → words."""

    title: str
    fields: dict[str, str]


def sections(kind: str, payload: dict[str, Any]) -> list[Section]:
    """What is typed into the national system for an item, in the order of its screen."""
    household, members = payload["household"], payload["members"]
    head = members[0] if members else {}
    everything = {**household, **head}
    if kind == "entry":
        own = {name: household[name] for name in ENTRY_ORDER}
        persons = [
            Section(member["姓名"], {name: member[name] for name in HELD_OF_MEMBER}) for member in members
        ]
        return [Section("本户", own), *persons]
    columns = MARK_COLUMNS if kind == "mark" else KEY_COLUMNS
    return [Section("本户", {name: everything.get(name, "") for name in columns})]


def masked(name: str, words: str) -> str:
    """A field for who may not see full numbers, or has not said what for."""
    if name == "证件号码" and words:
        return idnumbers.mask(words)
    return numbers.masked_phone(words) if name in NUMBERS else words


def person_rows(payload: dict[str, Any]) -> list[dict[str, str]]:
    """The household's columns and each member's, together: rows of the register's sheet."""
    return [{**payload["household"], **member} for member in payload["members"]]


# --- what has changed -----------------------------------------------------------------------------------


def differences(held: dict[str, Any], now: dict[str, Any]) -> list[dict[str, str]]:
    """Fields of `now` that differ from those the system holds: person with the number by which the system
    knows him ("" for the household), field, old, new."""
    changes = [
        _difference({}, name, held["household"].get(name, ""), now["household"][name])
        for name in HELD_OF_HOUSEHOLD
        if held["household"].get(name, "") != now["household"][name]
    ]
    before = {member["key"]: member for member in held["members"]}
    after = {member["key"]: member for member in now["members"]}
    for key, member in after.items():
        if key not in before:
            changes.append(_difference(member, "家庭成员", "", "增加"))
        else:
            changes += _member_differences(before[key], member)
    changes += [
        _difference(member, "家庭成员", "", "减少") for key, member in before.items() if key not in after
    ]
    return changes


def _member_differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, str]]:
    return [
        _difference(old, name, old.get(name, ""), new[name])
        for name in HELD_OF_MEMBER
        if old.get(name, "") != new[name]
    ]


def _difference(member: dict[str, Any], field: str, old: str, new: str) -> dict[str, str]:
    person, id_number = member.get("姓名", ""), member.get("证件号码", "")
    return {"person": person, "id_number": id_number, "field": field, "old": old, "new": new}
