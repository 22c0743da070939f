import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common import database
from fangpin.common.fields import StateField
from households.codelists import Category
from households.models import Household
from screening.models.round_states import RoundState
from screening.models.rounds import Round


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


# The proposed list is made between the comparison and the submission.
_TAKE = {"holds": Q(round__state=RoundState.COMPARED), "unmet": "已提请审定，不能再改建议名单。"}
_PUT = _TAKE | {
    "stamps": ["listed_at"],
    "stamp_by": ["listed_by"],
    "unmet": "本季度还没有对比，或已提请审定，不能再改建议名单。",
}


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

    uuid = models.UUIDField(default=uuid.uuid4, db_default=database.GenUUID(), unique=True, editable=False)
    round = models.ForeignKey(Round, models.PROTECT, related_name="candidates", verbose_name="季度排查")
    household = models.ForeignKey(Household, models.PROTECT, related_name="candidates", verbose_name="农户")
    state = StateField("状态", default=CandidateState.TO_VERIFY, choices=CandidateState)
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
        state, CandidateState.CONSISTENT, CandidateState.CONSISTENT, permission="candidate.list", custom=_PUT
    )
    @transition(
        state, CandidateState.CONFIRMED, CandidateState.CONFIRMED, permission="candidate.list", custom=_PUT
    )
    def put_on_list(self):
        """列入建议名单."""

    @transition(
        state, CandidateState.CONSISTENT, CandidateState.CONSISTENT, permission="candidate.list", custom=_TAKE
    )
    @transition(
        state, CandidateState.CONFIRMED, CandidateState.CONFIRMED, permission="candidate.list", custom=_TAKE
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
