import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.fields import EncryptedJSONField, StateField
from fangpin.common.handing_in.models import HandedInWorkbook
from households.models import Case


class ItemKind(models.TextChoices):
    MARK = "mark", "标注"
    ENTRY = "entry", "录入"
    CORRECTION = "correction", "更正"
    WITHDRAWAL = "withdrawal", "撤回"
    RELEASE = "release", "取消关注"


class ItemState(models.TextChoices):
    PENDING = "pending", "待标注录入"
    OFFERED = "offered", "已取走，待回执"
    ACKNOWLEDGED = "acknowledged", "系统已接收"
    REFUSED = "refused", "系统退回"
    LAPSED = "lapsed", "不必再办"


class NationalItemQuerySet(ScopedQuerySet):
    scope_permission = "national.view"
    scope_path = "case__household__village_id"

    def open(self) -> Self:
        return self.filter(state__in=NationalItem.OPEN)


class CursorCounter(models.Model):
    """The last cursor that was given: one row an installation. Who gives cursors holds its lock until he
    commits, so a cursor is never seen before a smaller one."""

    last = models.BigIntegerField("最后的序号", default=0)

    class Meta:
        verbose_name = "标注录入序号"

    def __str__(self) -> str:
        return str(self.last)


class NationalItem(FSMModelMixin, models.Model):
    """全国系统标注录入: one change of one case that the national system must hear of (Art. 7(2)3).

    `cursor` and `payload` are given when the item is offered, under one lock, never by the transaction that
    wrote it: a reader that asks for what came after a cursor misses nothing. An item that was refused and
    mended is offered again, under a new cursor and with the content of that day.
    """

    OPEN = (ItemState.PENDING, ItemState.OFFERED, ItemState.REFUSED)

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    case = models.ForeignKey(Case, models.PROTECT, related_name="national_items", verbose_name="防贫对象")
    kind = models.CharField("内容", max_length=12, choices=ItemKind)
    reason = models.CharField("撤回原因", max_length=300, blank=True, db_default="")
    state = StateField("状态", default=ItemState.PENDING, choices=ItemState)
    cursor = models.BigIntegerField("序号", null=True, unique=True)
    payload = EncryptedJSONField("内容", null=True, help_text="what was offered, as it was then")
    national_number = models.CharField("国家系统户编号", max_length=40, blank=True, db_default="")
    refused_reason = models.CharField("退回原因", max_length=300, blank=True, db_default="")
    created_at = models.DateTimeField("生成时间", default=timezone.now, db_default=models.functions.Now())
    offered_at = models.DateTimeField("取走时间", null=True)
    answered_at = models.DateTimeField("回执时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )

    objects = NationalItemQuerySet.as_manager()

    class Meta:
        verbose_name = "全国系统标注录入"
        indexes = [models.Index(fields=["county", "state", "id"], name="national_county_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(state__in=["pending", "offered", "refused"]),
                name="national_one_open_a_kind",
                violation_error_message="这户的这项标注录入还没有办完。",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refused_reason=""),
                name="national_refused_with_reason",
                violation_error_message="系统退回须写明原因。",
            ),
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | ~Q(national_number=""),
                name="national_acknowledged_with_number",
                violation_error_message="系统已接收的须登记国家系统户编号。",
            ),
            models.CheckConstraint(
                condition=~Q(kind="withdrawal") | ~Q(reason=""),
                name="national_withdrawn_with_reason",
                violation_error_message="撤回须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @transition(
        state,
        ItemState.PENDING,
        ItemState.OFFERED,
        permission="national.pull",
        custom={"stamps": ["offered_at"]},
    )
    def offer(self):
        """Taken by the client, in a workbook or on the entry-aid page; from now on it has its cursor."""

    @transition(
        state,
        ItemState.OFFERED,
        ItemState.ACKNOWLEDGED,
        permission="national.answer",
        custom={"stamps": ["answered_at"], "stamp_by": ["answered_by"]},
    )
    def acknowledge(self):
        """系统回执: the national system has it, with its number."""

    @transition(
        state,
        ItemState.OFFERED,
        ItemState.REFUSED,
        permission="national.answer",
        custom={"stamps": ["answered_at"], "stamp_by": ["answered_by"]},
    )
    def refuse(self):
        """The national system refused it, with the reason."""

    @transition(state, ItemState.REFUSED, ItemState.PENDING, permission="national.correct")
    def correct(self):
        """Mended: offered again."""

    @transition(
        state,
        [ItemState.PENDING, ItemState.REFUSED],
        ItemState.LAPSED,
        permission="national.correct",
        custom={"system": True},
    )
    def lapse(self):
        """Not needed any more: the registry went back to what the system holds, or the case was withdrawn
        before the system ever had it."""


class AnswerSheetQuerySet(ScopedQuerySet):
    scope_permission = "national.answer"
    scope_path = "division_id"


class AnswerSheet(HandedInWorkbook):
    """回执表: a workbook of answers that came back, and what became of its rows."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="范围")
    file_digest = models.CharField("文件校验码", max_length=64)
    headings = models.JSONField("表头", default=list)
    result = models.JSONField("结果", default=dict)
    faults = EncryptedJSONField("没有采用的行", null=True, help_text="row, code, message, cells as they came")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("上传时间", default=timezone.now)

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "回执表"
