"""Rows ticked on a list: a foreign one among them refuses the whole request."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from fangpin.common.refusals import Refused


def selected(request: HttpRequest, scope: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of `scope` whose `pick` values were sent. Raises Refused where one is not in scope."""
    try:
        wanted = {uuid.UUID(text) for text in request.POST.getlist("pick")}
    except ValueError as error:
        raise Refused("选中的内容已不存在，请刷新后再选。") from error
    rows = scope.filter(uuid__in=wanted)
    if rows.count() != len(wanted):
        raise Refused("选中的内容中有不属于您管辖范围的，或已不存在，整批没有办理。请刷新后再选。")
    return rows
