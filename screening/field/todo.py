"""Lines of the to-do page that the field work brings: to the village, the township and the office (Art.
7(2)1)."""

from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.models import Level
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from screening.field import progress
from screening.models import EntryState, FieldEntry, Round

NAMED = 3


def _under_way(user: Actor):
    return Round.objects.for_user(user).filter(state__in=Round.SWEEPABLE).order_by("year", "quarter")


@shell.todo
def hamlet_lines(user: Actor) -> list[TodoLine]:
    """At the village: hamlets that nobody has gone through yet with their head."""
    if not user.may("field.enter"):
        return []
    lines = []
    for round in _under_way(user):
        if not (left := progress.open_hamlets(round, user.acting.division_id)):
            continue
        names = "、".join(hamlet.name for hamlet in left[:NAMED])
        more = f"等 {len(left)} 个屯" if len(left) > NAMED else ""
        about = f"{names}{more}还没有确认（和屯长一起过一遍）"
        address = reverse("screening:field-village", args=[round.uuid, user.acting.division_id])
        lines.append(TodoLine("本屯排查确认", about, address, "去确认", round.period.label, round.field_due))
    return lines


@shell.todo
def progress_lines(user: Actor) -> list[TodoLine]:
    """At the township: how many villages are not through, with a text to send on."""
    if not user.may("field.settle") or user.acting.division.level != Level.TOWNSHIP:
        return []
    lines = []
    for round in _under_way(user):
        places = progress.by_place(round, user, area=user.acting.division)
        if not (late := [line for line in places if line.open]):
            continue
        about = f"{len(places)} 个村，还有 {len(late)} 个村没有完成"
        address = reverse("screening:field-progress", args=[round.uuid])
        text = progress.reminder(late, round)
        lines.append(
            TodoLine("排查确认进度", about, address, "查看", round.period.label, round.field_due, copy=text)
        )
    return lines


@shell.todo
def attention_lines(user: Actor) -> list[TodoLine]:
    """Entries that could not take effect by themselves: the township's first, the office's too."""
    if not user.may("field.settle"):
        return []
    waiting = FieldEntry.objects.for_user(user).filter(state=EntryState.ATTENTION).count()
    if not waiting:
        return []
    about = f"{waiting} 条村里报来的记录不能直接列入，请处理"
    address = reverse("screening:entry-list") + f"?state={EntryState.ATTENTION}"
    return [TodoLine("入户排查记录", about, address, "处理", "村级上报")]
