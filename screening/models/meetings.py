import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import StateField
from screening.models.rounds import Round


class MeetingState(models.TextChoices):
    PLANNED = "planned", "筹备中"
    HELD = "held", "已召开，待签发"
    SIGNED = "signed", "已签发"
    CANCELLED = "cancelled", "已取消"


class MeetingQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "round__county_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(round__county_id=duty.county_code)


class Meeting(FSMModelMixin, models.Model):
    """审定会: the county leading group's meeting that determines a list (Art. 7(2)3).

    Signed in person by a leading-group member, or registered from the signed paper minutes by one person and
    confirmed by a second. Effects happen at signing, once.
    """

    class Way(models.TextChoices):
        IN_PERSON = "in_person", "本人签发"
        REGISTERED = "registered", "凭签发的会议纪要登记"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="meetings", verbose_name="季度排查")
    state = StateField("状态", default=MeetingState.PLANNED, choices=MeetingState)
    planned_for = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=80)
    chair = models.CharField("主持人", max_length=40)
    recorder = models.CharField("记录人", max_length=40, blank=True, db_default="")
    document = models.CharField("纪要文号", max_length=60, blank=True, db_default="")
    requirements = models.TextField("工作要求", blank=True, db_default="")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="筹备人"
    )
    held_at = models.DateTimeField("召开登记时间", null=True)
    # Counts the acts that changed a decision: who decides says which count his page showed.
    revision = models.PositiveIntegerField("审定意见改动次数", default=0, db_default=0)
    way = models.CharField("签发方式", max_length=12, choices=Way, blank=True, db_default="")
    # Registered from the paper: who, the signer's name, the scan, and the households per township typed back.
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    registered_at = models.DateTimeField("登记时间", null=True)
    signer_name = models.CharField("签发人", max_length=40, blank=True, db_default="")
    signed_on = models.DateField("签发日期", null=True)
    scan_name = models.CharField("纪要扫描件", max_length=40, blank=True, db_default="")
    scan_kind = models.CharField("扫描件格式", max_length=4, blank=True, db_default="")
    scan_digest = models.CharField("扫描件校验码", max_length=64, blank=True, db_default="")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="签发（确认）人"
    )
    signed_at = models.DateTimeField("生效时间", null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "审定会"
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("prepared_by")),
                name="meeting_not_signed_by_preparer",
                violation_error_message="筹备会议的人不能签发会议。",
            ),
            models.CheckConstraint(
                condition=Q(registered_by=None) | ~Q(registered_by=F("prepared_by")),
                name="meeting_not_registered_by_preparer",
                violation_error_message="筹备会议的人不能登记签发的纪要。",
            ),
            models.CheckConstraint(
                condition=Q(registered_by=None) | Q(signed_by=None) | ~Q(signed_by=F("registered_by")),
                name="meeting_confirmed_by_second",
                violation_error_message="登记和确认须由两个人办理。",
            ),
            models.CheckConstraint(
                condition=(Q(state="signed") & Q(signed_by__isnull=False, signed_at__isnull=False))
                | (~Q(state="signed") & Q(signed_by=None, signed_at=None)),
                name="meeting_signed_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}审定会 {timezone.localtime(self.planned_for):%Y-%m-%d}"

    @transition(
        state,
        MeetingState.PLANNED,
        MeetingState.HELD,
        permission="meeting.prepare",
        custom={"stamps": ["held_at"]},
    )
    def hold(self):
        """Held: every item of the agenda has its decision."""

    @transition(state, MeetingState.HELD, MeetingState.PLANNED, permission="meeting.prepare")
    def correct(self):
        """Back to the agenda before anything is signed."""

    @transition(state, MeetingState.PLANNED, MeetingState.CANCELLED, permission="meeting.prepare")
    def cancel(self):
        """Not held; its households stay on the list for another meeting."""

    @transition(
        state,
        MeetingState.HELD,
        MeetingState.SIGNED,
        permission="meeting.sign",
        custom={"stamps": ["signed_at"], "stamp_by": ["signed_by"]},
    )
    def sign(self):
        """Signed in person, or the registration confirmed by the second person: the decisions take effect."""


class Attendance(models.Model):
    """参加人员 of a meeting."""

    class Part(models.TextChoices):
        MEMBER = "member", "参加"
        GUEST = "guest", "列席"
        ABSENT = "absent", "缺席"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name="审定会")
    name = models.CharField("姓名", max_length=40)
    body = models.CharField("单位", max_length=60, blank=True, db_default="")
    post = models.CharField("职务", max_length=60, blank=True, db_default="")
    part = models.CharField("身份", max_length=8, choices=Part, default=Part.MEMBER)

    class Meta:
        verbose_name = "参加人员"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "name", "body"], name="attendance_once")]

    def __str__(self) -> str:
        return self.name
