"""手机入户: the phone that carries a village's pack, and what comes back from it."""

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.actor import Actor
from fangpin.common.fields import EncryptedJSONField, EncryptedTextField, StateField
from households.models import Household
from measures.models import Visit
from screening.models import FieldEntry, HamletSignOff, Verification


class PhoneQuerySet(ScopedQuerySet):
    """One's own, whatever duty one has or has no more; an administrator's are those of the duties of his
    area, too."""

    scope_permission = "user.manage"
    scope_path = "duty__division_id"

    def for_user(self, user: Actor) -> Self:
        own = self.own(user)
        return own | super().for_user(user) if user.may(self.scope_permission) else own

    def own(self, user: Actor) -> Self:
        return self.filter(user=user.pk)

    def open(self) -> Self:
        """Whose token still sends, unless the password has changed since."""
        return self.filter(left_at=None, opened_at__gt=timezone.now() - Phone.SENDS_FOR)


class Phone(models.Model):
    """A person's store on one phone, for one duty. The key seals what the phone keeps and is given out
    against the password alone; the token, of which only the digest is kept, lets the phone send and fetch."""

    # After so long without the password a phone may send no more; what it holds is opened by signing in
    # again.
    SENDS_FOR = datetime.timedelta(days=120)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="phones", verbose_name="用户"
    )
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="phones", verbose_name="岗位")
    key = EncryptedTextField("密钥")
    token_digest = models.CharField("令牌校验码", max_length=64, unique=True)
    # Of the password with which it was opened: a changed or reset one ends the token, as it ends sessions.
    password_mark = models.CharField("密码校验码", max_length=64)
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    opened_at = models.DateTimeField("最近输密码", default=timezone.now)
    seen_at = models.DateTimeField("最近联系", default=timezone.now)
    left_at = models.DateTimeField("退出时间", null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="停用人"
    )

    objects = PhoneQuerySet.as_manager()

    class Meta:
        verbose_name = "手机"
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_by=None) | Q(left_at__isnull=False),
                name="phone_stopped_sends_no_more",
                violation_error_message="停用的手机须有停用时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return (
            self.left_at is None and timezone.now() - self.opened_at < self.SENDS_FOR and self.knows_password
        )

    @property
    def knows_password(self) -> bool:
        """Whether the password is still the one with which it was opened."""
        return constant_time_compare(self.password_mark, self.user.get_session_auth_hash())


class Kind(models.TextChoices):
    ENTRY = "entry", "入户排查"
    SIGN_OFF = "signoff", "本屯排查确认"
    VERIFICATION = "verification", "核实"
    VISIT = "visit", "走访"


class PhoneEntryState(models.TextChoices):
    TAKEN = "taken", "已收到"
    ATTENTION = "attention", "待人工处理"
    SETTLED = "settled", "已处理"


class PhoneEntryQuerySet(ScopedQuerySet):
    scope_permission = "field.view"
    scope_path = "village_id"


class PhoneEntry(FSMModelMixin, models.Model):
    """手机来件: one thing that a phone sent, once in effect or kept for a person, never dropped.

    `uuid` is made on the phone and `digest` is of the content's bytes: sent again it changes nothing, and the
    same uuid with another content is refused. `content` stays only as long as a person needs it.
    """

    uuid = models.UUIDField(unique=True)
    digest = models.CharField("内容校验码", max_length=64)
    kind = models.CharField("内容", max_length=12, choices=Kind)
    phone = models.ForeignKey(Phone, models.PROTECT, related_name="entries", verbose_name="手机")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填报人")
    village = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="行政村")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="phone_entries", verbose_name="农户"
    )
    state = StateField("状态", default=PhoneEntryState.TAKEN, choices=PhoneEntryState)
    reason = models.CharField("待处理原因", max_length=500, blank=True, db_default="")
    reply = models.CharField("答复", max_length=400, blank=True, db_default="")
    content = EncryptedJSONField("原始内容", null=True)
    made_at = models.DateTimeField("手机上的时间", null=True)
    clock_off = models.IntegerField("手机时钟快了几秒", default=0)
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    # What it has become.
    entry = models.OneToOneField(FieldEntry, models.PROTECT, null=True, related_name="phone_entry")
    sign_off = models.OneToOneField(HamletSignOff, models.PROTECT, null=True, related_name="phone_entry")
    verification = models.ForeignKey(Verification, models.PROTECT, null=True, related_name="phone_entries")
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, related_name="phone_entry")

    objects = PhoneEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "手机来件"
        indexes = [
            models.Index(fields=["village", "state", "id"], name="phone_entry_village_state"),
            models.Index(fields=["phone", "id"], name="phone_entry_phone"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="attention") | Q(content__isnull=False),
                name="phone_entry_attention_has_content",
                violation_error_message="待处理的来件须留着原始内容。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.received_at:%Y-%m-%d}"

    @transition(state, PhoneEntryState.ATTENTION, PhoneEntryState.SETTLED, permission="field.settle")
    def work_off(self):
        """A person has put it in effect or laid it aside."""

    @transition(state, PhoneEntryState.ATTENTION, PhoneEntryState.SETTLED, permission="field.settle")
    def put_right(self):
        """A person has put it in effect with corrected fields."""


class PhoneCorrection(models.Model):
    """改正: with which fields a waiting entry took effect. What the phone sent stays in its `content` as it
    came."""

    entry = models.OneToOneField(
        PhoneEntry, models.PROTECT, related_name="correction", verbose_name="手机来件"
    )
    fields = EncryptedJSONField("改正后的内容")
    changes = EncryptedJSONField("改了什么")  # label, as sent, as put right
    words = models.CharField("改正说明", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="改正人")
    acting_as = models.ForeignKey(Duty, models.PROTECT, related_name="+", verbose_name="岗位")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "来件改正"

    def __str__(self) -> str:
        return f"{self.entry_id} {self.at:%Y-%m-%d}"

    @property
    def state_sentence(self) -> str:
        """The state as its writer's phone shows it."""
        return f"已由{'乡镇' if self.acting_as.role == Role.TOWNSHIP else '县办公室'}改正后采用"


class PhonePhotoQuerySet(ScopedQuerySet):
    scope_permission = "field.view"
    scope_path = "entry__village_id"


class PhonePhoto(models.Model):
    """照片 of an entry on its way: it comes in pieces and goes on where it stopped. When it is whole it is
    written anew without EXIF and joins what the entry has become."""

    MOST = 6  # of one entry
    MOST_BYTES = 6 * 1024 * 1024
    PIECE = 48 * 1024  # what a phone sends at once

    uuid = models.UUIDField(unique=True)
    entry = models.ForeignKey(PhoneEntry, models.PROTECT, related_name="photos", verbose_name="手机来件")
    digest = models.CharField("校验码", max_length=64)
    size = models.PositiveIntegerField("字节")
    have = models.PositiveIntegerField("已收字节", default=0)
    pieces = models.JSONField("已收的段", default=list)
    stored_name = models.CharField("存放名", max_length=40, blank=True, db_default="")
    stored_digest = models.CharField("存放内容的校验码", max_length=64, blank=True, db_default="")
    refusal = models.CharField("没有收下的原因", max_length=200, blank=True, db_default="")
    at = models.DateTimeField("时间", default=timezone.now)
    done_at = models.DateTimeField("收齐时间", null=True)

    objects = PhonePhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "手机照片"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(have__lte=models.F("size")),
                name="phone_photo_not_more_than_whole",
                violation_error_message="照片收到的比它本身多。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.have}/{self.size}"
