"""Who looked at a household and what was changed in its registry, for the office and the auditor."""

from django.db import models
from django.db.models import Q

from fangpin.common.models import AuditRow
from fangpin.common.values import money
from households.models import AnnualIncome, Household, Member
from households.numbers import LABELS

ACTS = {
    "household_view": "查看农户页面",
    "number_reveal": "查看完整号码",
    "registry_change": "户册变更",
    "income_change": "收入变更",
    "attachment_add": "上传材料",
    "attachment_view": "打开材料",
    "attachment_withdraw": "作废材料",
}
WITHOUT_WORDS = ("household_view", "attachment_add", "attachment_view", "attachment_withdraw")
SHOWN = 30


def context(household, _user) -> dict:
    members = dict(household.members.values_list("pk", "name"))
    incomes = dict(household.incomes.values_list("pk", "year"))
    about = {
        Household: {household.pk: "本户"},
        Member: members,
        AnnualIncome: {pk: f"{year} 年" for pk, year in incomes.items()},
    }
    of_household = Q()
    for model, names in about.items():
        of_household |= Q(model=model._meta.label_lower, object_id__in=list(names))
    rows = AuditRow.objects.filter(of_household, act__in=ACTS).select_related(
        "by", "acting_as__division", "acting_as__department"
    )
    rows = list(rows.order_by("-id")[: SHOWN + 1])
    by_label = {model._meta.label_lower: (model, names) for model, names in about.items()}
    lines = [_line(row, *by_label[row.model]) for row in rows[:SHOWN]]
    return {"lines": lines, "note": f"最近 {SHOWN} 条" if len(rows) > SHOWN else f"{len(rows)} 条"}


def _line(row: AuditRow, model: type, names: dict) -> dict:
    if row.act == "number_reveal":
        words = f"{LABELS.get(row.details.get('field'), '')}，用途：{row.details.get('purpose', '')}"
    elif row.act in WITHOUT_WORDS:
        words = row.details.get("reason", "")
    else:
        words = "；".join(_change(model, name, row.details[name]) for name in _in_order(model, row.details))
    return {"row": row, "act": ACTS[row.act], "about": names[row.object_id], "words": words}


def _in_order(model: type, details: dict) -> list[str]:
    """The changed columns as the model lists them: a JSON column keeps no order on PostgreSQL."""
    return [field.attname for field in model._meta.concrete_fields if field.attname in details]


def _change(model: type, name: str, pair: list) -> str:
    """One changed column in words; of numbers and places only that they changed."""
    column = name.removesuffix("_index").removesuffix("_id")
    field = model._meta.get_field(column)
    if column != name:
        return f"{field.verbose_name}已变更"
    if model is AnnualIncome:
        before, after = (f"{money.yuan(int(value))} 元" for value in pair)
    else:
        before, after = (word(field, value) for value in pair)
    return f"{field.verbose_name}：{before} → {after}"


def word(field: models.Field, value) -> str:
    if value in (None, ""):
        return "空"
    if isinstance(field, models.BooleanField):
        return "是" if value in (True, 1, "true") else "否"
    return str(dict(field.flatchoices).get(value, value))
