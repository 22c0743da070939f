import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMField, FSMModelMixin, transition

from fangpin.accounts.models import Department
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import databases
from households.codelists import Category
from households.models import Case, Household
from screening.models.field import Answer
from screening.models.rounds import Round, RoundState


class Side(models.TextChoices):
    """Result of the comparison of both lists, household AND situation (Art. 7(2)2)."""

    CONSISTENT = "consistent", "线上线下一致"
    MISMATCH = "mismatch", "户一致、风险不一致"
    ONLINE_ONLY = "online_only", "仅线上"
    OFFLINE_ONLY = "offline_only", "仅线下"


class CandidateState(models.TextChoices):
    CONSISTENT = "consistent", "一致"
    TO_VERIFY = "to_verify", "待核实"
    CONFIRMED = "confirmed", "核实属实"
    DISMISSED = "dismissed", "核实后不列入"
    CARRIED = "carried", "转下季度核实"
    WITHDRAWN = "withdrawn", "依据已消失"
    APPROVED = "approved", "同意纳入"
    DECLINED = "declined", "不予纳入"
    DEFERRED = "deferred", "暂缓"


class CandidateQuerySet(ScopedQuerySet):
    scope_permission = "candidate.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def eligible(self):
        """Consistent or confirmed: only these may stand on a list (Art. 7(2)2)."""
        return self.filter(state__in=Candidate.ELIGIBLE)

    def listed(self):
        return self.eligible().exclude(listed_at=None)


class Candidate(FSMModelMixin, models.Model):
    """拟认定户: a household of a round on its way to the meeting. Its situations are those of its leads."""

    ELIGIBLE = (CandidateState.CONSISTENT, CandidateState.CONFIRMED)
    DECIDED = (CandidateState.APPROVED, CandidateState.DECLINED, CandidateState.DEFERRED)
    UNSETTLED = (CandidateState.CONSISTENT, CandidateState.TO_VERIFY, CandidateState.CONFIRMED)

    uuid = models.UUIDField(default=uuid.uuid4, db_default=databases.GenUUID(), unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="candidates", verbose_name="季度排查")
    household = models.ForeignKey(Household, models.PROTECT, related_name="candidates", verbose_name="农户")
    state = FSMField("状态", default=CandidateState.TO_VERIFY, choices=CandidateState, protected=True)
    side = models.CharField("对比结果", max_length=12, choices=Side)
    category = models.CharField("拟认定类别", max_length=12, choices=Category)
    # Words that Art. 2's "mainly" asks for where income is above the line.
    above_line_words = models.CharField("高于参考线的说明", max_length=300, blank=True, db_default="")
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="上季度暂缓或转来"
    )
    joined_at = models.DateTimeField("列入对比时间", default=timezone.now, db_default=models.functions.Now())
    is_late = models.BooleanField("对比后加入", default=False, db_default=False)
    listed_at = models.DateTimeField("列入建议名单时间", null=True)
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="列入人"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实确认人"
    )
    self_coping = models.BooleanField("属实但自己能解决", default=False, db_default=False)
    carry_reason = models.CharField("转下季度的原因", max_length=200, blank=True, db_default="")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "拟认定户"
        constraints = [
            models.UniqueConstraint(fields=["round", "household"], name="candidate_once_a_round"),
            models.CheckConstraint(
                condition=Q(listed_at=None)
                | ~Q(state__in=["to_verify", "dismissed", "carried", "withdrawn"]),
                name="candidate_listed_only_if_eligible",
                violation_error_message="只有一致的或核实属实的户才能列入建议名单。",
            ),
        ]
        indexes = [models.Index(fields=["round", "state"], name="candidate_round_state")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.round_id}"

    @transition(
        state,
        [CandidateState.TO_VERIFY, CandidateState.WITHDRAWN],
        CandidateState.CONSISTENT,
        permission="round.compare",
        custom={"system": True},
    )
    def find_consistent(self):
        """Both sides now say the same criterion."""

    @transition(
        state,
        [CandidateState.CONSISTENT, CandidateState.WITHDRAWN],
        CandidateState.TO_VERIFY,
        permission="round.compare",
        custom={"system": True, "holds": Q(listed_at=None)},
    )
    def find_inconsistent(self):
        """One side has gone: verification decides."""

    @transition(
        state,
        [CandidateState.CONSISTENT, CandidateState.TO_VERIFY],
        CandidateState.WITHDRAWN,
        permission="round.compare",
        custom={"system": True, "holds": Q(listed_at=None)},
    )
    def withdraw(self):
        """No lead stands any more, and nobody has acted."""

    @transition(
        state,
        CandidateState.TO_VERIFY,
        CandidateState.CONFIRMED,
        permission="verification.confirm",
        custom={"system": True, "stamp_by": ["confirmed_by"]},
    )
    def confirm(self):
        """The township confirms what the village answered: true, and the household can't bear it."""

    @transition(
        state,
        [CandidateState.TO_VERIFY, CandidateState.CONSISTENT],
        CandidateState.DISMISSED,
        permission="verification.confirm",
        custom={
            "holds": Q(listed_at=None),
            "unmet": "已列入建议名单的户不能在核实中退出，请先移出建议名单。",
            "stamp_by": ["confirmed_by"],
        },
    )
    def dismiss(self):
        """Not true, or the household manages."""

    @transition(
        state,
        [CandidateState.CONFIRMED, CandidateState.DISMISSED],
        CandidateState.TO_VERIFY,
        permission="verification.confirm",
        custom={
            "holds": Q(listed_at=None, round__state__in=Round.SWEEPABLE),
            "unmet": "已列入建议名单或已提请审定的户不能重新核实，请先移出建议名单。",
        },
    )
    def verify_again(self):
        """The township takes its word back."""

    @transition(
        state,
        CandidateState.TO_VERIFY,
        CandidateState.CARRIED,
        permission="candidate.carry",
        custom={
            "holds": Q(round__state=RoundState.COMPARED),
            "unmet": "只有对比之后、提请审定之前才能转下季度。",
        },
    )
    def carry_over(self):
        """Unanswered: the office carries it over to the next round, with a reason."""

    @transition(
        state,
        CandidateState.CONSISTENT,
        CandidateState.CONSISTENT,
        permission="candidate.list",
        custom={
            "stamps": ["listed_at"],
            "stamp_by": ["listed_by"],
            "holds": Q(round__state=RoundState.COMPARED),
        },
    )
    @transition(
        state,
        CandidateState.CONFIRMED,
        CandidateState.CONFIRMED,
        permission="candidate.list",
        custom={
            "stamps": ["listed_at"],
            "stamp_by": ["listed_by"],
            "holds": Q(round__state=RoundState.COMPARED),
            "unmet": "本季度还没有对比，或已提请审定，不能再改建议名单。",
        },
    )
    def put_on_list(self):
        """列入建议名单."""

    @transition(
        state,
        CandidateState.CONSISTENT,
        CandidateState.CONSISTENT,
        permission="candidate.list",
        custom={"holds": Q(round__state=RoundState.COMPARED)},
    )
    @transition(
        state,
        CandidateState.CONFIRMED,
        CandidateState.CONFIRMED,
        permission="candidate.list",
        custom={
            "holds": Q(round__state=RoundState.COMPARED),
            "unmet": "已提请审定，不能再改建议名单。",
        },
    )
    def take_off_list(self):
        """移出建议名单 (the service clears the stamps)."""

    @transition(
        state,
        [*ELIGIBLE, CandidateState.DECLINED, CandidateState.DEFERRED],
        CandidateState.APPROVED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def approve(self):
        """同意纳入, an effect of the signed meeting."""

    @transition(
        state,
        [*ELIGIBLE, CandidateState.APPROVED, CandidateState.DEFERRED],
        CandidateState.DECLINED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def decline(self):
        """不予纳入; of an approved one only a later meeting can."""

    @transition(
        state,
        [*ELIGIBLE, CandidateState.DECLINED],
        CandidateState.DEFERRED,
        permission="meeting.sign",
        custom={"scope_permission": "meeting.view"},
    )
    def defer(self):
        """暂缓: goes into the next round as confirmed, once the village has said whether anything changed."""


class VerificationState(models.TextChoices):
    ASKED = "asked", "待村核实"
    ANSWERED = "answered", "待乡镇确认"
    SETTLED = "settled", "已确认"


class VerificationQuerySet(ScopedQuerySet):
    scope_permission = "candidate.view"
    scope_path = "household__village_id"

    def in_scope(self, duty):
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def open(self):
        return self.exclude(state=VerificationState.SETTLED)


class Verification(FSMModelMixin, models.Model):
    """核实: one task for the village about one household of a round, then the township's word (Art. 7(2)2).

    It is about a candidate, or about new leads on an open case (`case`): exactly one of both.
    """

    class Kind(models.TextChoices):
        COMPARISON = "comparison", "线上线下不一致，请核实"
        SUPPLEMENT = "supplement", "资料不全，请补充"
        RECHECK = "recheck", "上季度暂缓，情况有变化吗"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=databases.GenUUID(), unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="verifications", verbose_name="季度排查")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="verifications", verbose_name="农户"
    )
    candidate = models.OneToOneField(
        Candidate, models.PROTECT, null=True, related_name="verification", verbose_name="拟认定户"
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", verbose_name="防贫对象")
    kind = models.CharField("内容", max_length=12, choices=Kind, default=Kind.COMPARISON)
    state = FSMField("状态", default=VerificationState.ASKED, choices=VerificationState, protected=True)
    asked_at = models.DateTimeField("交办时间", default=timezone.now, db_default=models.functions.Now())
    due_on = models.DateField("期限", null=True)
    ask_words = models.CharField("要求", max_length=300, blank=True, db_default="")
    answered_at = models.DateTimeField("回复时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )
    visited_on = models.DateField("核实日期", null=True)
    words = models.TextField("核实情况", blank=True, db_default="")
    settled_at = models.DateTimeField("确认时间", null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = "核实"
        constraints = [
            models.UniqueConstraint(fields=["round", "household"], name="verification_once_a_round"),
            models.CheckConstraint(
                condition=Q(candidate__isnull=False, case=None) | Q(candidate=None, case__isnull=False),
                name="verification_of_candidate_or_case",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="verification_answered_by_and_at",
            ),
        ]
        indexes = [models.Index(fields=["round", "state", "due_on"], name="verification_round_state")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.state}"

    @transition(
        state,
        [VerificationState.ASKED, VerificationState.ANSWERED],
        VerificationState.ANSWERED,
        permission="verification.answer",
        custom={
            "stamps": ["answered_at"],
            "stamp_by": ["answered_by"],
            "holds": Q(round__state__in=Round.SWEEPABLE),
            "unmet": "本季度已提请审定，核实不能再回复；新情况请留到下一季度。",
        },
    )
    def answer(self):
        """The village answers each situation in one of four, with words."""

    @transition(
        state,
        [VerificationState.ANSWERED, VerificationState.SETTLED],
        VerificationState.ASKED,
        permission="verification.confirm",
        custom={"system": True, "holds": Q(round__state__in=Round.SWEEPABLE)},
    )
    def ask_again(self):
        """退回村里, with what is missing."""

    @transition(
        state,
        [VerificationState.ASKED, VerificationState.ANSWERED],
        VerificationState.SETTLED,
        permission="verification.confirm",
        custom={"system": True, "stamps": ["settled_at"], "stamp_by": ["settled_by"]},
    )
    def conclude(self):
        """The township has decided; or nothing is left to verify."""


class VerificationAnswer(models.Model):
    """The village's latest answer to one situation."""

    verification = models.ForeignKey(
        Verification, models.CASCADE, related_name="answers", verbose_name="核实"
    )
    subcriterion = models.CharField("风险情形", max_length=40)
    answer = models.CharField("回答", max_length=12, choices=Answer)
    words = models.CharField("情况", max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = "核实回答"
        constraints = [
            models.UniqueConstraint(fields=["verification", "subcriterion"], name="verification_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.subcriterion} {self.answer}"


class InquiryQuerySet(ScopedQuerySet):
    scope_permission = "inquiry.view"
    scope_path = "candidate__round__county_id"

    def in_scope(self, duty):
        found = self.filter(candidate__round__county_id=duty.county_code)
        return found.filter(department_id=duty.department_id) if duty.department_id else found


class DepartmentInquiry(models.Model):
    """Asks a department about a household that only the village reported: has it a record?"""

    class Reply(models.TextChoices):
        RECORD = "record", "有记录"
        NONE = "none", "没有记录"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=databases.GenUUID(), unique=True, editable=False)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, related_name="inquiries", verbose_name="拟认定户"
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="部门")
    subcriterion = models.CharField("风险情形", max_length=40)
    asked_at = models.DateTimeField("询问时间", default=timezone.now, db_default=models.functions.Now())
    due_on = models.DateField("期限", null=True)
    reply = models.CharField("答复", max_length=8, choices=Reply, blank=True, db_default="")
    words = models.CharField("说明", max_length=300, blank=True, db_default="")
    replied_at = models.DateTimeField("答复时间", null=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="答复人"
    )

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "部门查询"
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "department", "subcriterion"], name="inquiry_once_a_situation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.candidate_id}"
