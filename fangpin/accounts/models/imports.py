"""Workbooks of the administrator: users to take on, people who have left."""

from django.db import models
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models.divisions import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import EncryptedJSONField, StateField
from fangpin.common.handing_in.models import CheckedWorkbook

PERMISSION = "user.manage"


class ListKind(models.TextChoices):
    USERS = "users", "新增用户"
    LEAVERS = "leavers", "调离停用"


class ListState(models.TextChoices):
    RECEIVED = "received", "已收到，待检查"
    CHECKED = "checked", "已检查，待确认"
    APPLIED = "applied", "已办理"
    REFUSED = "refused", "整份退回"


class UserListQuerySet(ScopedQuerySet):
    scope_permission = PERMISSION
    scope_path = "division_id"


class UserList(FSMModelMixin, CheckedWorkbook):
    """人员名单: one workbook of the administrator, checked first and shown, then carried out."""

    OPEN = (ListState.RECEIVED, ListState.CHECKED)

    kind = models.CharField("内容", max_length=10, choices=ListKind)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="范围")
    state = StateField("状态", default=ListState.RECEIVED, choices=ListState)
    result = models.JSONField("结果", default=dict)
    # Sealed file of the new users' one-time codes, until they are printed.
    codes_name = models.CharField("密码单存放名", max_length=40, blank=True)
    codes_until = models.DateTimeField("密码单保留至", null=True)

    objects = UserListQuerySet.as_manager()

    class Meta:
        verbose_name = "人员名单"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"

    @property
    def has_codes(self) -> bool:
        until = self.codes_until
        return bool(self.codes_name) and until is not None and until > timezone.now()

    @transition(state, [ListState.RECEIVED, ListState.CHECKED], ListState.CHECKED, permission=PERMISSION)
    def check_file(self) -> None:
        """Read, checked and shown; no user has changed yet."""

    @transition(state, [ListState.RECEIVED, ListState.CHECKED], ListState.APPLIED, permission=PERMISSION)
    def carry_out(self) -> None:
        """Users made, given duties or disabled."""

    @transition(state, [ListState.RECEIVED, ListState.CHECKED], ListState.REFUSED, permission=PERMISSION)
    def refuse(self) -> None:
        """Given back as a whole: unreadable, or a required heading missing."""


class RowOutcome(models.TextChoices):
    CREATED = "created", "新增用户"
    CHANGED = "changed", "更新"
    DISABLED = "disabled", "停用"
    UNCHANGED = "unchanged", "没有变化"
    SET_ASIDE = "set_aside", "待核对"
    REFUSED = "refused", "退回"


class UserListRow(models.Model):
    """What a row comes to; rows that go back keep their cells."""

    RETURNED = (RowOutcome.SET_ASIDE, RowOutcome.REFUSED)

    list = models.ForeignKey(UserList, models.CASCADE, related_name="rows", verbose_name="名单")
    number = models.PositiveIntegerField("行号")
    outcome = models.CharField("处理", max_length=10, choices=RowOutcome)
    code = models.CharField("代码", max_length=20, blank=True)
    who = models.CharField("姓名", max_length=60, blank=True)
    username = models.CharField("用户名", max_length=60, blank=True)
    message = models.CharField("说明", max_length=300, blank=True)
    data = EncryptedJSONField("原始内容", null=True)

    class Meta:
        verbose_name = "名单的行"
        indexes = [models.Index(fields=["list", "number"], name="user_list_row")]

    def __str__(self) -> str:
        return f"第 {self.number} 行"
