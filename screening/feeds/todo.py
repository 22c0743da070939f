"""To-do lines of the departments' lists: what a department still owes, what the office has to chase and to
confirm."""

from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from screening.feeds import deliveries
from screening.models import FeedState, Round


@shell.todo
def department_lines(user: Actor) -> list[TodoLine]:
    """An officer's own lists: to deliver, to confirm, and rows that came back."""
    if not (user.may("feed.deliver") and user.acting.department_id):
        return []
    return [
        line
        for round in Round.objects.for_user(user).under_way()
        for delivery in deliveries.deliveries(round, user)
        for line in _delivery_lines(round, delivery)
    ]


def _delivery_lines(round: Round, delivery: deliveries.Delivery) -> list[TodoLine]:
    about, source = f"{round.period.label} · {delivery.kind.label}", "县扶贫开发领导小组办公室"
    lines = []
    if delivery.pending is not None and delivery.pending.state == FeedState.CHECKED:
        sentence = f"{about}：已检查，{delivery.pending.rows_matched} 行已比中"
        lines.append(TodoLine("确认报送", sentence, _url(delivery.pending), "确认", source, round.feeds_due))
    elif delivery.pending is not None and delivery.pending.state == FeedState.ASKED:
        sentence = f"{about}：有列名认不出，选一下就能检查"
        lines.append(
            TodoLine("对应列名", sentence, _url(delivery.pending), "去对应", source, round.feeds_due)
        )
    elif delivery.accepted is None:
        address = reverse("screening:feed-upload", args=[round.uuid, delivery.kind.code])
        lines.append(TodoLine("报送数据", about, address, "上传", source, round.feeds_due))
    if delivery.accepted is not None and (left_over := _left_over(delivery.accepted)):
        about = f"{about}：{left_over}；改好后只补这几行"
        lines.append(TodoLine("退回和待核对的行", about, _url(delivery.accepted), "查看", "数据检查"))
    return lines


def _left_over(feed) -> str:
    parts = (
        f"{feed.rows_refused} 行退回" * bool(feed.rows_refused),
        f"{feed.rows_set_aside} 行待核对" * bool(feed.rows_set_aside),
    )
    return "，".join(part for part in parts if part)


def _url(feed) -> str:
    return reverse("screening:feed-detail", args=[feed.uuid])


def office_lines(round: Round, shown: list[deliveries.Delivery]) -> list[TodoLine]:
    """The office chases what is missing and confirms what departments left unconfirmed."""
    return [
        *_chase(round, [d for d in shown if d.accepted is None]),
        *_confirm(round, [d.pending for d in shown if d.pending]),
    ]


def _chase(round: Round, missing: list) -> list[TodoLine]:
    if not missing:
        return []
    text = deliveries.reminder(missing, round)
    about = f"{deliveries.by_department(missing)}还没有报送"
    return [
        TodoLine(
            "催报",
            about,
            f"{round.get_absolute_url()}#feeds",
            "催报",
            round.period.label,
            round.feeds_due,
            copy=text,
        )
    ]


def _confirm(round: Round, pending: list) -> list[TodoLine]:
    waiting = [feed for feed in pending if feed.state == FeedState.CHECKED]
    if not waiting:
        return []
    names = "、".join(dict.fromkeys(feed.department.name for feed in waiting))
    address = (
        _url(waiting[0]) if len(waiting) == 1 else reverse("screening:feed-list") + f"?round={round.uuid}"
    )
    about = f"{names}：{len(waiting)} 份数据已检查，等确认后才参加比对"
    return [TodoLine("确认报送", about, address, "确认", round.period.label, round.feeds_due)]


@shell.todo
def director_lines(user: Actor) -> list[TodoLine]:
    """The director sees what is late by department."""
    if user.acting is None or user.acting.role != Role.DIRECTOR:
        return []
    lines = []
    for round in Round.objects.for_user(user).under_way():
        missing = [d for d in deliveries.deliveries(round, user) if d.accepted is None]
        if missing:
            about = deliveries.by_department(missing)
            lines.append(
                TodoLine(
                    "部门未报送",
                    about,
                    f"{round.get_absolute_url()}#feeds",
                    "查看",
                    round.period.label,
                    round.feeds_due,
                )
            )
    return lines
