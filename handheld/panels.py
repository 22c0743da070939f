"""手机入户 in the shell: where a village opens it, and the lines of the to-do page that it brings."""

from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.models import Level
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from handheld.models import PhoneEntry, PhoneEntryState

shell.navigation(shell.NavigationItem("排查", 32, "手机入户", "handheld:handheld", "phone", "field.enter"))
shell.navigation(shell.NavigationItem("管理", 15, "入户手机", "handheld:phone-list", "phone", "user.manage"))


@shell.todo
def waiting_lines(user: Actor) -> list[TodoLine]:
    """What phones sent and could not take effect: the township's and the office's to settle."""
    if not user.may("field.settle"):
        return []
    waiting = PhoneEntry.objects.for_user(user).filter(state=PhoneEntryState.ATTENTION).count()
    if not waiting:
        return []
    about = f"{waiting} 件手机来件没有直接生效，请处理"
    return [TodoLine("手机来件", about, reverse("handheld:received-list"), "处理", "村级上报")]


@shell.todo
def successor_lines(user: Actor) -> list[TodoLine]:
    """In the village: who is there now sees what a predecessor's phone sent after his duty had ended."""
    if not user.may("field.enter") or user.acting.division.level != Level.VILLAGE:
        return []
    entries = PhoneEntry.objects.for_user(user).filter(state=PhoneEntryState.ATTENTION)
    if not (waiting := entries.exclude(by=user.pk).count()):
        return []
    about = f"本村其他人的 {waiting} 件手机来件在等乡镇处理，请看看是否要重新填报"
    return [TodoLine("手机来件", about, reverse("handheld:received-list"), "查看", "村级上报")]
