"""办理记录 of an application or a batch, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from fangpin.common.models import StatusRecord


@dataclass(frozen=True)
class HistoryRow:
    """One act: the record (by, at, opinion) and what was done."""

    record: StatusRecord
    words: str


def rows_of_history(records: QuerySet[StatusRecord], acts: Mapping[str, str]) -> list[HistoryRow]:
    """`acts` says what each transition does; one statement."""
    return [HistoryRow(record, acts.get(record.transition, "")) for record in records.select_related("by")]
