"""已核实无误: somebody has looked, and the doubtful value is right."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households import quality
from households.models import Household, KnownDoubt
from households.quality import Check
from households.quality.reports import refresh


class NotMarked(Refused):
    """Nothing was changed. `message` is Chinese and says what to do."""


def mark_known(check: Check, keys: Iterable[int], *, words: str, by: Actor) -> int:
    """Marks rows of `check` as looked at and right, each with the value it has now. All of them or none;
    raises NotMarked. Returns how many."""
    if not by.may("registry.upkeep"):
        raise NotMarked("您当前的岗位不能注明“已核实无误”。")
    if not (words := words.strip()):
        raise NotMarked("请写明怎么核实的，例如“看过户口本，确是继子”。")
    if not (wanted := set(keys)):
        raise NotMarked("没有选中要注明的行。请先勾选。")
    with transaction.atomic():
        rows = quality.base(check, Household.objects.for_user(by)).filter(pk__in=wanted)
        in_doubt = list(quality.doubts(check, rows, timezone.localdate()))
        if len(in_doubt) != len(wanted):
            raise NotMarked("选中的行里有已经更正、或不属于您管辖范围的，整批没有注明。请刷新后再选。")
        marks = [_mark(check, row, words=words, by=by) for row in in_doubt]
        subject = "member" if check.is_of_member else "household"
        old = KnownDoubt.objects.filter(check_code=check.code, **{f"{subject}__in": wanted})
        (old if check.is_of_member else old.filter(member=None)).delete()  # of an earlier value
        KnownDoubt.objects.bulk_create(marks, batch_size=2000, ignore_conflicts=True)  # another officer
        changed = {row.pk: {"check": check.code, "found": row.value, "words": words} for row in in_doubt}
        audit.record_each(by, "doubt_known", check.subject, changed)
    refresh(check, by.duty.division_id)
    return len(in_doubt)


def _mark(check: Check, row: Any, *, words: str, by: Actor) -> KnownDoubt:
    return KnownDoubt(
        check_code=check.code,
        household_id=row.household_id if check.is_of_member else row.pk,
        member=row if check.is_of_member else None,
        found=row.value,
        words=words[:100],
        by=by,
    )


def withdraw_marks(check: Check, keys: Iterable[int], *, by: Actor) -> int:
    """The marks of rows are taken away: they count as doubts again."""
    if not by.may("registry.upkeep"):
        raise NotMarked("您当前的岗位不能撤回“已核实无误”。")
    with transaction.atomic():
        marks = KnownDoubt.objects.filter(
            check_code=check.code, household__in=Household.objects.for_user(by).values("pk")
        )
        subject = "member" if check.is_of_member else "household"
        marks = marks.filter(**{f"{subject}__in": list(keys)})
        gone = list(marks.values_list(f"{subject}_id", flat=True))
        marks.delete()
        audit.record_each(by, "doubt_unknown", check.subject, {pk: {"check": check.code} for pk in gone})
    refresh(check, by.duty.division_id)
    return len(gone)
