"""To-do lines of the office: lists to chase and to confirm, and the sweep that waits for them."""

from fangpin.accounts import shell
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from fangpin.common.models import JobState
from screening.feeds import deliveries
from screening.feeds import todo as feeds_todo
from screening.models import Round
from screening.sweep import progress


@shell.todo
def office_lines(user: Actor) -> list[TodoLine]:
    if not user.may("round.sweep"):
        return []
    lines = []
    for round in Round.objects.for_user(user).under_way():
        shown = deliveries.deliveries(round, user)  # once for both: every page counts these lines
        lines += feeds_todo.office_lines(round, shown) + _sweep_lines(round, shown)
    return lines


def _sweep_lines(round: Round, delivered: list) -> list[TodoLine]:
    """To begin, to do again since lists came later, or one that did not end well."""
    running, last = progress.sweep_runs(round)
    source, address = round.period.label, f"{round.get_absolute_url()}#sweep"
    if running is not None:
        return []
    if last is not None and last.state == JobState.FAILED:
        sentence = last.error or "请重新开始"
        if last.by is None:
            sentence = f"系统自动比对没有完成：{sentence}"
        return [TodoLine("数据比对没有完成", sentence, address, "重新比对", source)]
    there = [d.accepted for d in delivered if d.accepted]
    if round.swept_at is None:
        about = f"可以开始：{len(delivered)} 类数据已到 {len(there)} 类"
        return [TodoLine("数据比对", about, address, "开始比对", source)] if there else []
    later = [feed for feed in there if feed.matched_at > round.swept_at]
    if not later:
        return []
    names = "、".join(dict.fromkeys(feed.department.name for feed in later))
    return [TodoLine("数据比对", f"{names}有 {len(later)} 份新数据还没有比对", address, "再次比对", source)]
