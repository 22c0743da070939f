"""What the administrator has in the navigation and on the to-do page. No household, no list of a
department."""

import datetime

from django.urls import reverse
from django.utils import timezone

from fangpin.accounts import shell
from fangpin.accounts.models import Duty, ListState, User, UserList
from fangpin.accounts.people.filters import in_state
from fangpin.accounts.shell import TodoLine

RETURNED_DAYS = 14  # how long rows that went back are asked for

shell.navigation(
    shell.NavigationItem("管理", 10, "用户与岗位", "accounts:user-list", "person-gear", "user.manage")
)
shell.navigation(
    shell.NavigationItem("管理", 20, "名单导入", "accounts:list-list", "file-earmark-arrow-up", "user.manage")
)
shell.navigation(
    shell.NavigationItem("管理", 40, "登录页联系方式", "accounts:help-line", "telephone", "user.manage")
)


@shell.todo
def lines(user) -> list[TodoLine]:
    if not user.may("user.manage"):
        return []
    todo_lines = [*_ending(user), *_people(user), *_lists(user)]
    return [line for line in todo_lines if line]


def _ending(user):
    today = timezone.localdate()
    here = Duty.objects.in_force(today).in_area(user.acting.division_id)
    ending = here.filter(ends_on=today).count()
    if ending:
        yield TodoLine(
            "今日到期岗位",
            f"{ending} 个岗位今天到期，明天起不能再用；要延长的请改止期",
            _users("ending"),
            "查看",
            due=today,
        )


def _people(user):
    users = User.objects.for_user(user)
    idle = in_state(users, "idle", user).exclude(pk=user.pk).count()
    if idle:
        yield TodoLine(
            "调离未停用", f"{idle} 人已没有在用的岗位，账号还没有停用", _users("idle"), "查看", "人员变动"
        )
    late = users.filter(
        last_login=None, is_active=True, must_change_password=True, code_expires_at__lte=timezone.now()
    ).count()
    if late:
        yield TodoLine(
            "一次性密码过期",
            f"{late} 人还没有登录过，一次性密码已经过期，须重置",
            _users("never"),
            "查看",
            "新增用户",
        )


def _lists(user):
    for sent in UserList.objects.for_user(user).filter(state=ListState.CHECKED).order_by("pk")[:5]:
        yield TodoLine(
            "名单待确认",
            f"{sent.get_kind_display()}：{sent.file_name}，{sent.result['read']} 行已检查，等您确认",
            _list(sent),
            "确认",
            sent.get_kind_display(),
        )
    lately = timezone.now() - datetime.timedelta(days=RETURNED_DAYS)
    done = UserList.objects.for_user(user).filter(state=ListState.APPLIED, created_at__gte=lately)
    for sent in done.order_by("-pk")[:1]:
        if returned := sent.result["refused"] + sent.result["set_aside"]:
            yield TodoLine(
                "名单有退回的行",
                f"{sent.get_kind_display()}：{sent.file_name}有 {returned} 行没有办理，改好后再导入",
                _list(sent),
                "查看",
                sent.get_kind_display(),
            )
        if sent.has_codes:
            yield TodoLine(
                "打印密码单",
                f"{sent.file_name}：新用户的一次性密码单，打印后请销毁",
                reverse("accounts:list-slips", args=[sent.uuid]),
                "打印",
                sent.get_kind_display(),
                due=timezone.localdate(sent.codes_until),
            )


def _users(state: str) -> str:
    return f"{reverse('accounts:user-list')}?state={state}"


def _list(sent: UserList) -> str:
    return reverse("accounts:list-detail", args=[sent.uuid])
