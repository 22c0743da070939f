"""What policy puts into the shell (navigation, lines of the to-do page), and the panels that later apps add
to the page of a revision: this module knows none of them by name."""

import datetime
from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.models import Level
from fangpin.accounts.shell import TodoLine
from fangpin.common import working_days
from fangpin.policy import effects
from fangpin.policy.models import Acknowledgement, Revision
from fangpin.policy.parameters import PARAMETERS

ASKED_FROM = 10  # month: the holidays of the next year are announced in October or November
SHOWN_DAYS = 90  # how long a county is told of a release that it has not seen

shell.navigation(
    shell.NavigationItem("管理", 25, "政策参数", "policy:parameter-list", "sliders", "policy.view")
)
shell.navigation(
    shell.NavigationItem("管理", 30, "工作日历", "policy:calendar-now", "calendar", "calendar.confirm")
)

_panels: list[tuple[str, Callable]] = []


def revision_panel(template: str) -> Callable:
    """Registers `provider(revision, user) -> dict or None`, shown by `template` on the page of a revision."""

    def registered(provider: Callable) -> Callable:
        _panels.append((template, provider))
        return provider

    return registered


def panels_for(revision: Revision, user) -> list[dict]:
    return [
        {"template": template, "data": data}
        for template, provider in _panels
        if (data := provider(revision, user)) is not None
    ]


@shell.todo
def lines(user) -> list[TodoLine]:
    if not user.may("calendar.confirm"):
        return []
    today = timezone.localdate()
    years = [today.year] + ([today.year + 1] if today.month >= ASKED_FROM else [])
    return [
        TodoLine(
            "工作日历",
            f"{year} 年工作日历未确认，跨到该年的期限还算不出来",
            reverse("policy:calendar-year", args=[year]),
            "去确认",
            due=datetime.date(year - 1, 12, 20),
        )
        for year in years
        if not working_days.is_confirmed(year)
    ]


@shell.todo
def drafts(user) -> list[TodoLine]:
    """Whoever releases: the drafts of his own place."""
    if not user.may("policy.release"):
        return []
    waiting = Revision.objects.for_user(user).drafts().filter(division=user.acting.division_id)
    return [
        TodoLine(
            "政策参数草稿待发布",
            f"{revision.document}：{_named(effects.revision_keys(revision))}，"
            f"拟从 {revision.holds_from:%Y-%m-%d} 起施行",
            reverse("policy:revision-detail", args=[revision.uuid]),
            "查看并发布",
            revision.drafted_by.name,
        )
        for revision in waiting.select_related("drafted_by").prefetch_related("values").order_by("holds_from")
    ]


@shell.todo
def releases_of_the_region(user) -> list[TodoLine]:
    """A county: what a release has replaced for it, until it has been seen."""
    if not user.may("policy.acknowledge") or user.acting.division.level != Level.COUNTY:
        return []
    seen = Acknowledgement.objects.filter(county=user.acting.county_code).values("revision")
    since = timezone.now() - datetime.timedelta(days=SHOWN_DAYS)
    released = Revision.objects.for_user(user).released().filter(released_at__gte=since)
    unseen = released.exclude(pk__in=seen).filter(division__level=Level.REGION).order_by("holds_from")
    waiting = list(unseen.prefetch_related("values"))
    replaced = effects.replaced_for(user.acting.division, waiting) if waiting else {}
    return [
        TodoLine(
            "政策参数调整",
            f"{revision.document} 从 {revision.holds_from:%Y-%m-%d} 起调整：{_named(keys)}",
            reverse("policy:revision-detail", args=[revision.uuid]),
            "查看",
            "自治区",
        )
        for revision in waiting
        if (keys := replaced[revision.pk])
    ]


def _named(keys: list[str]) -> str:
    names = [PARAMETERS[key].name for key in keys]
    more = f"等 {len(names)} 项" if len(names) > 2 else ""
    return "、".join(names[:2]) + more
