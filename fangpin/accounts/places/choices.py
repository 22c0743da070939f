"""Choices of a place within one's own area."""

from django.db.models import QuerySet

from fangpin.accounts.models import Division, code_range


def within(divisions: QuerySet[Division], code: str) -> QuerySet[Division]:
    if not code:
        return divisions.none()
    low, high = code_range(code)
    return divisions.filter(code__gte=low, code__lte=high)


def places(divisions: QuerySet[Division]) -> list[tuple[str, str]]:
    return [("", "全部"), *((division.code, division.short_name) for division in divisions)]
