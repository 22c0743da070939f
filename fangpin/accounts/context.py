from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from fangpin.accounts import shell as registry
from fangpin.common import exports


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html: navigation by role, who acts in which duty."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "acting": None, "duties": []}
    groups = []
    for label, items in groupby(registry.navigation_for(user), key=lambda item: item.group):
        groups.append({"label": label, "items": [_item(item, request) for item in items]})
    _mark_active(groups, request.path)
    return {
        "navigation": groups,
        "acting": user.acting,
        "duties": request.duties,
        "can_search": user.may("household.view"),
        "can_export": exports.any_for(user),
        "can_enter": user.may("field.enter"),
    }


def _item(item: registry.NavigationItem, request: HttpRequest) -> dict[str, Any]:
    return {
        "label": item.label,
        "url": reverse(item.url_name),
        "icon": item.icon,
        "badge": item.badge(request.user) if item.badge else None,
        "overdue": bool(item.alarm and item.alarm(request.user)),
        "active": False,
    }


def _mark_active(groups: list[dict[str, Any]], path: str) -> None:
    """The item whose address is the longest beginning of this page's."""
    items = [item for group in groups for item in group["items"]]
    fitting = [i for i in items if path == i["url"] or (i["url"] != "/" and path.startswith(i["url"]))]
    if fitting:
        max(fitting, key=lambda item: len(item["url"]))["active"] = True
