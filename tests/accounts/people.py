"""What the tests of users and duties share."""

import datetime
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fangpin.accounts import codes
from fangpin.accounts.models import Division, User, UserList
from fangpin.accounts.people import services
from fangpin.accounts.roles import Role
from fangpin.common.workbooks.writing import write_rows
from tests import factories

HEADINGS = ["用户名", "姓名", "手机号", "角色", "乡(镇)", "行政村", "部门", "起", "止", "依据文号"]
BEGINS = datetime.date(2020, 1, 1)


def newcomer(by, username: str = "lanxiu", name: str = "蓝秀英", **duty) -> tuple[User, str]:
    """A village cadre who has not signed in yet, and his code."""
    duty = {"role": Role.VILLAGE_CADRE, "place": factories.VILLAGE, "begins_on": BEGINS} | duty
    division = Division.objects.get(pk=duty.pop("place"))
    code = codes.new_code()
    user = services.create_user(username=username, name=name, code=code, division=division, by=by, **duty)
    return user, code.text


def give(user, by, role=Role.TOWNSHIP, place=factories.TOWNSHIP, begins_on=BEGINS, **more):
    division = Division.objects.get(pk=place)
    return services.give_duty(user, role=role, division=division, begins_on=begins_on, by=by, **more)


def form(**changes) -> dict:
    """What the page of a new user sends."""
    return {
        "username": "lanxiu",
        "name": "蓝秀英",
        "phone": "13900001234",
        "role": "village_cadre",
        "place": factories.VILLAGE,
        "department": "",
        "begins_on": "2020-01-01",
        "ends_on": "",
        "document": "",
    } | changes


def address(user, page: str = "detail", *more) -> str:
    name = page if page.startswith("duty") else f"user-{page}"
    return reverse(f"accounts:{name}", args=[user.uuid, *more])


def row(
    username="lanxiu", name="蓝秀英", role="村“两委”干部", township="安阳镇", village="镇南社区", **cells
) -> tuple:
    more_cells = {"手机号": "13900001234", "部门": "", "起": "2020-01-01", "止": "", "依据文号": ""} | cells
    return (
        username,
        name,
        more_cells["手机号"],
        role,
        township,
        village,
        more_cells["部门"],
        more_cells["起"],
        more_cells["止"],
        more_cells["依据文号"],
    )


def workbook(*rows, headings=HEADINGS) -> bytes:
    stream = io.BytesIO()
    write_rows(stream, headings, rows)
    return stream.getvalue()


def upload(client, capture, content: bytes, kind: str = "users") -> UserList:
    """Hands a workbook in and lets the worker check it."""
    with capture(execute=True):
        client.post(
            reverse("accounts:list-upload"), {"kind": kind, "file": SimpleUploadedFile("名单.xlsx", content)}
        )
    return UserList.objects.order_by("-pk").first()


def confirm(client, capture, sent: UserList) -> UserList:
    with capture(execute=True):
        client.post(reverse("accounts:list-confirm", args=[sent.uuid]))
    sent.refresh_from_db()
    return sent


def outcomes(sent: UserList) -> list[tuple[int, str]]:
    return list(sent.rows.order_by("number").values_list("number", "outcome"))
