"""To-do lines of households whose lamp is lit."""

from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.actor import Actor
from households.models import Household, Lamp

AT_THE_DOOR = {
    Role.VILLAGE_CADRE: "在本村",
    Role.WORK_TEAM: "在本村",
    Role.HELPER: "是您联系的户",
    Role.TOWNSHIP: "在本乡镇",
}


@shell.todo
def lamp_lines(user: Actor) -> list[TodoLine]:
    """At the door: households whose lamp is red."""
    where = AT_THE_DOOR.get(user.acting.role) if user.acting else None
    if where is None:
        return []
    red = Household.objects.for_user(user).filter(lamp=Lamp.RED).count()
    if not red:
        return []
    address = reverse("screening:lead-list") + "?round="  # of all quarters
    return [TodoLine("亮灯预警", f"{red} 户亮灯预警{where}，请看看是什么情况", address, "看名单", "数据比对")]
