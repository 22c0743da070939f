"""Keyset paging: a page knows where it ends, so page 1,000 costs what page 1 costs."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.http import HttpRequest


@dataclass
class Page:
    """One page of a list; `next_url` and `previous_url` keep the filters of the request."""

    rows: list[Any]
    next_url: str = ""
    previous_url: str = ""
    count: int | None = None

    @property
    def count_text(self) -> str:
        return f"共 {self.count:,} 条" if self.count is not None else ""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    order: tuple[str, ...],
    *,
    size: int = 50,
    counted: QuerySet[Any] | None = None,
) -> Page:
    """The page of `queryset` that the request's `after` or `before` names.

    `order` names columns (a leading "-" turns one round) whose last is unique. `counted`: the same rows
    without annotations; its count is cached for a minute under the SQL and its values. A list that fits on
    one page is counted by what it shows, and no count says less than the page.
    """
    backwards = "before" in request.GET
    mark = _decode(request.GET.get("before" if backwards else "after", ""), len(order))
    directed = tuple(_flip(name) for name in order) if backwards else order
    ordered = queryset.order_by(*directed)
    if mark is not None:
        ordered = ordered.filter(_beyond(directed, mark))
    rows = list(ordered[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if mark is None and not more:
        return Page(rows=rows, count=len(rows))
    result = Page(rows=rows, count=_count(counted if counted is not None else queryset, len(rows) + more))
    if rows and (more or backwards):
        result.next_url = _url(request, "after", rows[-1], order)
    if rows and mark is not None and (more or not backwards):
        result.previous_url = _url(request, "before", rows[0], order)
    return result


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: tuple[str, ...], mark: list[Any]) -> Q:
    """Rows after `mark` in `order`. The leading condition alone lets the index start at the right place."""
    condition = Q()
    for position, name in enumerate(order):
        equal = Q(**{order[i].lstrip("-"): mark[i] for i in range(position)})
        comparison = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name.lstrip('-')}__{comparison}": mark[position]})
    first = order[0]
    return Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": mark[0]}) & condition


def _value(row: Any, name: str) -> Any:
    value = row
    for part in name.lstrip("-").split("__"):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


def _url(request: HttpRequest, direction: str, row: Any, order: tuple[str, ...]) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    mark = json.dumps([_value(row, name) for name in order], default=str, separators=(",", ":"))
    query[direction] = base64.urlsafe_b64encode(mark.encode()).decode().rstrip("=")
    return f"{request.path}?{query.urlencode()}"


def _decode(raw: str, length: int) -> list[Any] | None:
    """A broken mark (an old bookmark, a cut link) shows the first page instead of an error."""
    try:
        mark = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    except ValueError:
        return None
    if not isinstance(mark, list) or len(mark) != length or not all(isinstance(v, str | int) for v in mark):
        return None
    return mark


def _count(queryset: QuerySet[Any], seen: int) -> int:
    try:
        sql, params = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # a filter that can find nothing
        return 0
    key = "count:" + hashlib.sha256(repr((sql, params)).encode()).hexdigest()
    known = cache.get(key)
    if known is None or known < seen:
        known = queryset.order_by().count()
        cache.set(key, known, 60)
    return known
