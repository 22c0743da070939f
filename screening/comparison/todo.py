"""Lines of the to-do page that comparison and verification bring, for each role (Art. 7(2))."""

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from screening.comparison import board, readiness
from screening.models import Candidate, DepartmentInquiry, Round, RoundState, Verification, VerificationState

NAMED = 5  # households named one by one; more become one line


def _open_tasks(user: Actor):
    return Verification.objects.for_user(user).filter(round__state__in=Round.SWEEPABLE)


@shell.todo
def village_lines(user: Actor) -> list[TodoLine]:
    """The village: each household to verify and why; of one that was sent back, what is missing."""
    if not user.may("verification.answer"):
        return []
    asked = _open_tasks(user).filter(state=VerificationState.ASKED)
    count = asked.count()
    shown = list(
        asked.select_related("household", "round", "candidate__previous").order_by("due_on", "id")[:NAMED]
    )
    leads = board.leads_by_household(shown)
    lines = []
    for task in shown:
        own = leads.get((task.round_id, task.household_id), [])
        why = next((words for row in own for words in row.sentences), task.get_kind_display())
        about = task.ask_words or why.split(" · 第七条")[0]
        lines.append(
            TodoLine(
                "退回补充" if task.ask_words else "核实",
                f"{task.household}：{about}",
                reverse("screening:verification-detail", args=[task.uuid]),
                "去核实",
                task.round.period.label,
                task.due_on,
            )
        )
    if count > NAMED:
        rest = f"还有 {count - NAMED} 户要核实"
        lines.append(
            TodoLine("核实", rest, reverse("screening:verification-list"), "看全部", "", shown[-1].due_on)
        )
    return lines


@shell.todo
def township_lines(user: Actor) -> list[TodoLine]:
    """The township: what villages answered, and which are late, with a text to send on."""
    if not user.may("verification.confirm"):
        return []
    tasks, address, today = _open_tasks(user), reverse("screening:verification-list"), timezone.localdate()
    lines = []
    answered = tasks.filter(state=VerificationState.ANSWERED).aggregate(n=Count("pk"), due=Min("due_on"))
    if answered["n"]:
        about = f"村里已回复 {answered['n']} 户（可批量）"
        lines.append(
            TodoLine("确认核实结果", about, f"{address}?state=answered", "确认", "村级核实", answered["due"])
        )
    late = list(
        tasks.filter(state=VerificationState.ASKED, due_on__lt=today)
        .values_list("household__village__name")
        .annotate(n=Count("pk"), due=Min("due_on"))
        .order_by("household__village")
    )
    if late:
        lines.append(_late_line(late, f"{address}?state=asked&late=on"))
    return lines


def _late_line(late: list[tuple], address: str) -> TodoLine:
    named = "、".join(f"{village} {count} 户" for village, count, _ in late)
    text = "\n".join(
        f"@{village}：还有 {count} 户核实没有回复，已过期限，请尽快回复。" for village, count, _ in late
    )
    return TodoLine("村级未回复", named, address, "查看", "核实", min(due for *_, due in late), copy=text)


@shell.todo
def office_lines(user: Actor) -> list[TodoLine]:
    """The office: compare, put on the list, what is lacking before the submission."""
    if not user.may("candidate.list"):
        return []
    lines = []
    for round in Round.objects.for_user(user).filter(state=RoundState.COMPARED):
        check = readiness.check_round(round)
        address, source = reverse("screening:candidate-list", args=[round.uuid]), round.period.label
        if check.unlisted:
            about = f"一致和核实属实的 {check.unlisted} 户待列入"
            lines.append(TodoLine("列入建议名单", about, f"{address}?state=unlisted", "列入", source))
        if check.lacking:
            about = f"{len(check.lacking)} 户资料不全，提请审定前要补"
            lines.append(TodoLine("提请审定前检查", about, f"{address}#check", "查看", source))
    return lines


@shell.todo
def director_lines(user: Actor) -> list[TodoLine]:
    """The director: submit what is ready; what is late by township, with a text to send on."""
    if not user.may("round.submit"):
        return []
    lines, today = [], timezone.localdate()
    for round in Round.objects.for_user(user).filter(state=RoundState.COMPARED):
        check = readiness.check_round(round)
        if check.passes:
            listed = Candidate.objects.filter(round=round).listed()
            monitored = listed.filter(category="monitored").count()
            about = f"建议名单 {check.listed} 户（脱贫监测户 {monitored}、边缘户 {check.listed - monitored}）"
            address = reverse("screening:candidate-list", args=[round.uuid])
            lines.append(TodoLine("提请审定", about, address, "提请", round.period.label))
    late = list(
        _open_tasks(user)
        .open()
        .filter(due_on__lt=today)
        .values_list("household__village__parent__name")
        .annotate(n=Count("pk"), due=Min("due_on"))
        .order_by("household__village__parent")
    )
    if late:
        about = "、".join(f"{township} {count} 户" for township, count, _ in late)
        text = "\n".join(f"@{township}：还有 {count} 户核实超期，请督促办结。" for township, count, _ in late)
        address = reverse("screening:verification-list") + "?late=on"
        lines.append(
            TodoLine("核实超期", about, address, "督办", "乡镇", min(d for *_, d in late), copy=text)
        )
    return lines


@shell.todo
def department_lines(user: Actor) -> list[TodoLine]:
    """A department: whether it has a record of what only the village reported."""
    if not user.may("inquiry.reply") or user.acting.role != Role.DEPARTMENT:
        return []
    asked = DepartmentInquiry.objects.for_user(user).filter(
        Q(reply=""), candidate__round__state__in=Round.SWEEPABLE
    )
    figures = asked.aggregate(n=Count("pk"), due=Min("due_on"))
    if not figures["n"]:
        return []
    about = f"仅线下的 {figures['n']} 户：请查一查本部门有没有记录"
    address = reverse("screening:inquiry-list")
    return [TodoLine("部门查询", about, address, "答复", "县扶贫开发领导小组办公室", figures["due"])]
