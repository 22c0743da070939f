"""What triage puts into the shell: navigation, the office's line, the export of the open rows."""

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common import exports
from fangpin.common.actor import Actor
from screening import criteria
from screening.feeds import row_texts
from screening.feeds.triage import rows, settling
from screening.feeds.triage.forms import TriageFilter
from screening.models import FeedRow, Round

shell.navigation(
    shell.NavigationItem("排查", 25, "未比中人员", "screening:triage-list", "search", "triage.settle")
)


@shell.todo
def triage_lines(user: Actor) -> list[TodoLine]:
    """未比中人员：教育局 4 行，医保局 12 行; and what was settled but not compared yet."""
    if not user.may("triage.settle"):
        return []
    lines = []
    counted = rows.open_rows(user).order_by("feed__department__code").values_list("feed__department__name")
    if waiting := list(counted.annotate(n=Count("pk"))):
        about = "，".join(f"{department} {n} 行" for department, n in waiting)
        lines.append(TodoLine("未比中人员", about, reverse("screening:triage-list"), "去核对", "数据检查"))
    for round in Round.objects.for_user(user).filter(state__in=Round.SWEEPABLE, swept_at__isnull=False):
        if n := settling.count_settled_since_sweep(round):
            address = reverse("screening:round-detail", args=[round.uuid]) + "#sweep"
            lines.append(
                TodoLine("数据比对", f"已核对 {n} 行，还没有比对", address, "再次比对", round.period.label)
            )
    return lines


def _queryset(user: Actor, params: QueryDict):
    rows = TriageFilter(params, user=user).narrow(user)
    return rows.select_related("feed__department", "feed__round").order_by("feed_id", "row_no")


def _row(row: FeedRow) -> tuple:
    cells = row_texts.cells_of(row.feed.headings, row.data)
    return (
        row.feed.department.name,
        criteria.feed_kinds()[row.feed.kind].label,
        row.row_no,
        row_texts.code_label(row.code),
        row_texts.masked_text(row.message),
        "；".join(f"{heading}：{words}" for heading, words in cells),
    )


exports.register(
    exports.Export(
        name="triage",
        title="未比中人员",
        permission="triage.settle",
        headings=("部门", "数据", "行号", "原因", "说明", "原来的内容"),
        queryset=_queryset,
        row=_row,
    )
)
