"""Choices of a place within one's own area."""

from django.db.models import QuerySet

from fangpin.accounts.models import code_range


def within(divisions: QuerySet, code: str) -> QuerySet:
    if not code:
        return divisions.none()
    low, high = code_range(code)
    return divisions.filter(code__gte=low, code__lte=high)


def places(divisions: QuerySet) -> list[tuple[str, str]]:
    return [("", "全部"), *((division.code, division.short_name) for division in divisions)]
