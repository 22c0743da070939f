"""The list of changes by hand: filter, export, and the panel on the household's page."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import QueryDict
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.common import exports
from fangpin.common.actor import Actor
from households.models import ChangedValue, Household, RegistryChange
from households.panels import Panel, register
from households.upkeep.forms import ChangeFilter
from households.upkeep.words import change_rows, line_of

SHOWN = 20
_RELATED = (
    "household__village__parent",
    "household__hamlet",
    "other",
    "by",
    "acting_as__division",
    "acting_as__department",
)


def filtered(form: ChangeFilter, user: Actor) -> QuerySet[RegistryChange]:
    changes = RegistryChange.objects.for_user(user).select_related(*_RELATED)
    if not form.is_valid():
        return changes.none()
    chosen = form.cleaned_data
    if area := form.area():
        changes = changes.in_area(area)
    if chosen["kind"]:
        changes = changes.filter(kind=chosen["kind"])
    return changes.filter(at__date__gte=chosen["since"]) if chosen["since"] else changes


def panel(household: Household, user: Actor) -> dict[str, Any] | None:
    """What was changed by hand, the latest first; the way to change something."""
    changes = household.changes.select_related(*_RELATED).order_by("-id")[:SHOWN]
    rows = change_rows(list(changes), user)
    may_change = user.may("registry.upkeep")
    if not rows and not may_change:
        return None
    shown: dict[str, Any] = {"rows": rows}
    if may_change:
        shown |= {
            "more": reverse("households:upkeep-menu", args=[household.uuid]),
            "more_label": "办理户册变动",
        }
    return shown


def _queryset(user: Actor, params: QueryDict) -> QuerySet[RegistryChange]:
    values = Prefetch("values", ChangedValue.objects.select_related("member").order_by("id"))
    return filtered(ChangeFilter(params, user=user), user).prefetch_related(values).order_by("-id")


HEADINGS = (
    "办理时间",
    "变动",
    "变动日期",
    "乡（镇）",
    "行政村",
    "自然屯",
    "户主",
    "户编号",
    "内容",
    "原因或依据",
    "办理人",
)


def _row(change: RegistryChange) -> tuple[Any, ...]:
    lines = [words for value in change.values.all() if (words := line_of(value))]
    home = change.household
    return (
        change.at,
        change.get_kind_display(),
        change.happened_on,
        home.village.parent.short_name,
        home.village.short_name,
        home.hamlet.name if home.hamlet else "",
        home.head_name,
        home.number,
        "；".join(lines),
        change.reason,
        change.by.name,
    )


register(Panel("户册变动", 82, "household.view", "households/panels/_changes.html", panel))
shell.navigation(
    shell.NavigationItem(
        "数据", 34, "户册变动", "households:upkeep-list", "clock-history", "registry.quality"
    )
)
exports.register(
    exports.Export(
        name="registry-changes",
        title="户册变动",
        permission="registry.quality",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
        text_columns=("户编号",),
    )
)
