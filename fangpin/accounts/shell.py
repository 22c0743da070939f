"""What the shell of every page is made of: each app registers its places in the navigation, its panels on
the household page and its lines on the to-do page. The shell knows no app by name."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NavigationItem:
    group: str
    order: int
    label: str
    url_name: str
    icon: str
    permission: str | None = None
    badge: Callable[..., Any] | None = None  # (user) → int or None
    alarm: Callable[..., Any] | None = None  # (user) → whether the badge is red: something is over time


@dataclass(frozen=True)
class TodoLine:
    """One line of the to-do page: what waits, for whom or how many, until when, and the one next step."""

    what: str
    about: str
    url: str
    action: str
    source: str = ""
    due: object = None  # date or None
    copy: str = ""  # a text to send on; never with a household in it


_items: list[NavigationItem] = []
_todo: list[Callable[..., Any]] = []
_headlines: list[Callable[..., Any]] = []
_home_panels: list[tuple[str, Callable[..., Any]]] = []

GROUPS = ("", "排查", "帮扶", "资金", "数据", "管理")


def navigation(item: NavigationItem) -> None:
    _items.append(item)


def todo(provider: Callable[..., Any]) -> Callable:
    """Registers `provider(user) -> list[TodoLine]`; it asks for rights itself and returns [] without them."""
    _todo.append(provider)
    return provider


def headline(provider: Callable[..., Any]) -> Callable:
    """Registers `provider(user) -> str`: one quiet line beside the heading of the to-do page, or ""."""
    _headlines.append(provider)
    return provider


def home_panel(template: str) -> Callable[..., Any]:
    """Registers `provider(user) -> dict or None`, shown by `template` below the lines of the to-do page. Its
    key `figure` (number, unit, label, url, tone) stands among the figures at the top."""

    def registered(provider: Callable[..., Any]) -> Callable:
        _home_panels.append((template, provider))
        return provider

    return registered


def home_panels_for(user) -> list[dict[str, Any]]:
    return [
        {"template": template, "data": data}
        for template, provider in _home_panels
        if (data := provider(user)) is not None
    ]


def headline_for(user) -> str:
    return " · ".join(words for provider in _headlines if (words := provider(user)))


def navigation_for(user) -> list[NavigationItem]:
    visible = [item for item in _items if item.permission is None or user.may(item.permission)]
    return sorted(visible, key=lambda item: (GROUPS.index(item.group), item.order))


def todo_for(user) -> list[TodoLine]:
    """Overdue first, then by due date; lines without one last."""
    lines = [line for provider in _todo for line in provider(user)]
    return sorted(lines, key=lambda line: (line.due is None, line.due or 0))


def by_due(lines: list[TodoLine], today: datetime.date) -> list[dict[str, Any]]:
    """The parts of the to-do page: over time, due within three days, the rest."""
    soon = today + datetime.timedelta(days=3)
    late = [line for line in lines if line.due and line.due < today]
    near = [line for line in lines if line.due and today <= line.due <= soon]
    rest = [line for line in lines if line not in late and line not in near]
    return [
        {"id": "late", "label": "已超期", "lines": late},
        {"id": "soon", "label": "三日内到期", "lines": near},
        {"id": "rest", "label": "其余", "lines": rest},
    ]
