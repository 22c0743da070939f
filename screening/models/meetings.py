import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import code_range
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.fields import StateField
from households.models import Case
from screening.models.candidates import Candidate
from screening.models.rounds import Round


class MeetingState(models.TextChoices):
    PLANNED = "planned", "筹备中"
    HELD = "held", "已召开，待签发"
    SIGNED = "signed", "已签发"
    CANCELLED = "cancelled", "已取消"


class MeetingQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "round__county_id"

    def in_scope(self, duty):
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


class Decision(models.TextChoices):
    APPROVED = "approved", "同意纳入"
    DECLINED = "declined", "不予纳入"
    DEFERRED = "deferred", "暂缓"


class AgendaQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "meeting__round__county_id"

    def in_scope(self, duty):
        return self.filter(meeting__round__county_id=duty.county_code)

    def in_place(self, code: str):
        """Households of a township or village."""
        low, high = code_range(code)
        return self.filter(
            candidate__household__village_id__gte=low, candidate__household__village_id__lte=high
        )


class AgendaItem(models.Model):
    """One household on a meeting's agenda, with the decision of the meeting."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name="审定会")
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, related_name="agenda_items", verbose_name="拟认定户"
    )
    decision = models.CharField("审定意见", max_length=10, choices=Decision, blank=True, db_default="")
    reason = models.CharField("理由", max_length=300, blank=True, db_default="")
    contested = models.BooleanField("有争议", default=False, db_default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人"
    )
    decided_at = models.DateTimeField("记录时间", null=True)
    revision = models.PositiveIntegerField("第几次改动", default=0, db_default=0)
    # The case that an approval opened: each case is traceable to its meeting.
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, related_name="agenda_item", verbose_name="防贫对象"
    )

    objects = AgendaQuerySet.as_manager()

    class Meta:
        verbose_name = "议程"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "candidate"], name="agenda_item_once"),
            models.CheckConstraint(
                condition=Q(decision__in=["", "approved"]) | ~Q(reason=""),
                name="agenda_reason_unless_approved",
                violation_error_message="不予纳入和暂缓须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(case=None) | Q(decision="approved"), name="agenda_case_only_if_approved"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="agenda_decided_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.candidate_id} {self.decision}"


class ReleaseDecision(models.TextChoices):
    RELEASED = "released", "同意取消重点关注"
    CONTINUED = "continued", "继续重点关注"


class ReleaseQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "meeting__round__county_id"

    def in_scope(self, duty):
        return self.filter(meeting__round__county_id=duty.county_code)


class ReleaseItem(models.Model):
    """拟取消重点关注 (Art. 9): one case that the township has reviewed, on a meeting's agenda beside those
    taken in."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="releases", verbose_name="审定会")
    case = models.ForeignKey(Case, models.PROTECT, related_name="release_items", verbose_name="防贫对象")
    decision = models.CharField("审定意见", max_length=10, choices=ReleaseDecision, blank=True, db_default="")
    reason = models.CharField("理由", max_length=300, blank=True, db_default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人"
    )
    decided_at = models.DateTimeField("记录时间", null=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "取消重点关注议程"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "case"], name="release_item_once"),
            models.CheckConstraint(
                condition=~Q(decision="continued") | ~Q(reason=""),
                name="release_continued_with_reason",
                violation_error_message="继续重点关注须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="release_decided_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.case_id} {self.decision}"


class RecusalQuerySet(ScopedQuerySet):
    scope_permission = "meeting.view"
    scope_path = "item__meeting__round__county_id"

    def in_scope(self, duty):
        return self.filter(item__meeting__round__county_id=duty.county_code)


class Recusal(models.Model):
    """回避: a member does not take part in the decision about a household. Proposed by name, settled by a
    person."""

    class Outcome(models.TextChoices):
        PROPOSED = "proposed", "待核对"
        CONFIRMED = "confirmed", "回避"
        NOT_KIN = "not_kin", "同名，不需回避"

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="recusals", verbose_name="议程")
    attendance = models.ForeignKey(
        Attendance, models.CASCADE, related_name="recusals", verbose_name="参加人员"
    )
    reason = models.CharField("原因", max_length=120)
    outcome = models.CharField("核对结果", max_length=10, choices=Outcome, default=Outcome.PROPOSED)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = "回避"
        constraints = [models.UniqueConstraint(fields=["item", "attendance"], name="recusal_once")]

    def __str__(self) -> str:
        return f"{self.attendance} {self.item_id}"
