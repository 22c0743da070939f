import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMField, FSMModelMixin, transition

from fangpin.accounts.models import Division
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import databases
from fangpin.common.fields import EncryptedJSONField
from households.models import Case


class ItemKind(models.TextChoices):
    MARK = "mark", "标注"
    ENTRY = "entry", "录入"
    CORRECTION = "correction", "更正"
    WITHDRAWAL = "withdrawal", "撤回"


class ItemState(models.TextChoices):
    PENDING = "pending", "待标注录入"
    OFFERED = "offered", "已取走，待回执"
    ACKNOWLEDGED = "acknowledged", "系统已接收"
    REFUSED = "refused", "系统退回"


class NationalItemQuerySet(ScopedQuerySet):
    scope_permission = "national.view"
    scope_path = "case__household__village_id"


class NationalItem(FSMModelMixin, models.Model):
    """全国系统标注录入: one change of one case that the national system must hear of (Art. 7(2)3).

    `cursor` is given when an item is first offered, under one lock, never by the transaction that wrote it:
    a reader that asks for what came after a cursor misses nothing.
    """

    uuid = models.UUIDField(default=uuid.uuid4, db_default=databases.GenUUID(), unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    case = models.ForeignKey(Case, models.PROTECT, related_name="national_items", verbose_name="防贫对象")
    kind = models.CharField("内容", max_length=12, choices=ItemKind)
    state = FSMField("状态", default=ItemState.PENDING, choices=ItemState, protected=True)
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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

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
        [ItemState.PENDING, ItemState.OFFERED, ItemState.REFUSED],
        ItemState.ACKNOWLEDGED,
        permission="national.answer",
        custom={"stamps": ["answered_at"], "stamp_by": ["answered_by"]},
    )
    def acknowledge(self):
        """系统回执: the national system has it, with its number."""

    @transition(
        state,
        [ItemState.PENDING, ItemState.OFFERED],
        ItemState.REFUSED,
        permission="national.answer",
        custom={"stamps": ["answered_at"], "stamp_by": ["answered_by"]},
    )
    def refuse(self):
        """The national system refused it, with the reason."""

    @transition(state, ItemState.REFUSED, ItemState.PENDING, permission="national.correct")
    def correct(self):
        """Mended: offered again."""
