"""What the list of entries exports: the rows of its filter, with what was said; no number of a person."""

from django.utils import timezone

from fangpin.common import exports
from fangpin.common.actor import Actor
from screening.field import entry_rows
from screening.models import FieldEntry

HEADINGS = (
    "户主",
    "人口",
    "乡（镇）",
    "行政村",
    "自然屯",
    "季度",
    "排查日期",
    "方式",
    "入户人",
    "屯（组）长",
    "录入人",
    "代录",
    "来源",
    "情况",
    "说明",
    "状态",
    "待处理原因",
    "收到时间",
)


def _queryset(user: Actor, params):
    entries = entry_rows.EntryChoice(params, user).narrow(FieldEntry.objects.for_user(user))
    return entry_rows.of_reader(entry_rows.shown(entries), user).order_by("-id")


def _row(entry: FieldEntry) -> tuple:
    row = entry_rows.entry_row(entry, is_own=entry.in_area)
    home = entry.household if entry.in_area else None
    return (
        row.name,
        home.size if home else None,
        entry.village.parent.short_name,
        entry.village.short_name,
        home.hamlet.name if home and home.hamlet else "",
        entry.round.period.label,
        entry.visited_on,
        entry.get_way_display(),
        entry.visitors,
        entry.hamlet_head,
        entry.by.name,
        "是" if entry.typed_for_others else "否",
        entry.get_source_display(),
        row.sentence,
        entry.words,
        entry.get_state_display(),
        entry.attention,
        timezone.localdate(entry.received_at),
    )


exports.register(
    exports.Export(
        name="entries",
        title="入户排查记录",
        permission="lead.export",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
    )
)
