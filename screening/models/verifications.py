import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Duty
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.fields import StateField
from households.models import Case, Household
from screening.models.candidates import Candidate
from screening.models.field import Answer
from screening.models.rounds import Round


class VerificationState(models.TextChoices):
    ASKED = "asked", "待村核实"
    ANSWERED = "answered", "待乡镇确认"
    SETTLED = "settled", "已确认"


class VerificationQuerySet(ScopedQuerySet):
    scope_permission = "candidate.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def open(self) -> Self:
        return self.exclude(state=VerificationState.SETTLED)


class Verification(FSMModelMixin, models.Model):
    """核实: one task for the village about one household of a round, then the township's word (Art. 7(2)2).

    It is about a candidate, or about new leads on an open case (`case`): exactly one of both.
    """

    class Kind(models.TextChoices):
        COMPARISON = "comparison", "线上线下不一致，请核实"
        SUPPLEMENT = "supplement", "资料不全，请补充"
        RECHECK = "recheck", "上季度暂缓，情况有变化吗"

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="verifications", verbose_name="季度排查")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="verifications", verbose_name="农户"
    )
    candidate = models.OneToOneField(
        Candidate, models.PROTECT, null=True, related_name="verification", verbose_name="拟认定户"
    )
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", verbose_name="防贫对象")
    kind = models.CharField("内容", max_length=12, choices=Kind, default=Kind.COMPARISON)
    state = StateField("状态", default=VerificationState.ASKED, choices=VerificationState)
    asked_at = models.DateTimeField("交办时间", default=timezone.now, db_default=models.functions.Now())
    due_on = models.DateField("期限", null=True)
    ask_words = models.CharField("要求", max_length=300, blank=True, db_default="")
    answered_at = models.DateTimeField("回复时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )
    # Who put the answer right before it was taken, in the name of `answered_by`; he does not confirm it.
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="改正人"
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
