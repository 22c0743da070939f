import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.actor import Actor
from fangpin.policy.services import PolicySet
from screening import quarters
from screening.models.round_states import RoundState, RoundTransitions

# Times the quiet of `SWEEP_QUIET_SECONDS`: lists that keep coming hold a sweep up no longer than that.
LONGEST_WAIT = 5


class RoundQuerySet(ScopedQuerySet):
    scope_permission = "round.view"
    scope_path = "county_id"

    def for_user(self, user: Actor) -> Self:
        """Rounds that have begun. One that only takes early lists is not shown to those who work on rounds;
        `feeds.early.rounds_for_lists` gives it to those who deliver."""
        return super().for_user(user).begun()

    def begun(self) -> Self:
        return self.exclude(state=RoundState.ANNOUNCED)

    def under_way(self) -> Self:
        """Not submitted yet, the earliest first."""
        return self.filter(state__in=Round.SWEEPABLE).order_by("year", "quarter")

    def call_for_sweep(self, *, at_once: bool = False) -> None:
        """They are to be swept once they have been quiet for a while; with `at_once` when the schedule runs
        next. Inside the transaction of what has changed, before its other locks: it locks the rounds'
        rows."""
        now = timezone.now()
        since = (
            now - LONGEST_WAIT * quiet_time()
            if at_once
            else Case(When(sweep_called_from=None, then=now), default=F("sweep_called_from"))
        )
        self.update(sweep_calls=F("sweep_calls") + 1, sweep_called_at=now, sweep_called_from=since)

    def answer_sweep(self, calls: int) -> None:
        """A sweep that began when there were `calls` has ended; a later call stays open."""
        self.update(
            sweep_answered=calls,
            sweep_called_from=Case(When(sweep_calls__gt=calls, then=F("sweep_called_at")), default=None),
        )

    def in_scope(self, duty: Duty) -> Self:
        """Below the county one sees the county's round; above, those of every county in the area."""
        if duty.role in (Role.CITY, Role.REGION):
            return self.in_area(duty.division_id)
        return self.filter(county_id=duty.county_code)


def quiet_time() -> datetime.timedelta:
    """How long nothing may have come before lists are compared without being asked."""
    return datetime.timedelta(seconds=settings.SWEEP_QUIET_SECONDS)


class Round(RoundTransitions):
    """季度排查: a county's screening of one quarter (Art. 7). It keeps the policy that it runs under.

    While it is only announced it takes lists that come early; policy and deadlines are settled when it
    begins.
    """

    SWEEPABLE = (RoundState.OPEN, RoundState.COMPARED)
    ACCEPTS_LISTS = (RoundState.ANNOUNCED, *SWEEPABLE)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    year = models.PositiveSmallIntegerField("年")
    quarter = models.PositiveSmallIntegerField("季度")
    policy = models.JSONField("所依政策参数")
    opened_at = models.DateTimeField("开启时间", default=timezone.now, null=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="开启人"
    )
    # Worked out once when the round is opened and frozen; empty where the calendar of the year is not
    # confirmed.
    feeds_due = models.DateField("部门数据期限", null=True)
    field_due = models.DateField("线下排查期限", null=True)
    # When the last complete sweep began: what was delivered by then has been read.
    swept_at = models.DateTimeField("最近数据比对", null=True)
    # What calls for a sweep counts up; a sweep answers as many as it saw when it began
    # (`screening/sweep/schedule.py`).
    sweep_calls = models.PositiveIntegerField("要求比对次数", default=0)
    sweep_answered = models.PositiveIntegerField("已答复次数", default=0)
    sweep_called_from = models.DateTimeField("最早未答复的要求", null=True)
    sweep_called_at = models.DateTimeField("最近的要求", null=True)
    deadline_seen_at = models.DateTimeField("报送期满已处理", null=True)
    verification_due = models.DateField("乡村核实期限", null=True)
    compared_at = models.DateTimeField("对比时间", null=True)
    submitted_at = models.DateTimeField("提请审定时间", null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="提请人"
    )
    determined_at = models.DateTimeField("审定完成时间", null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = "季度排查"
        ordering = ["-year", "-quarter", "county_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "quarter"],
                name="round_once_a_quarter",
                violation_error_message="本县这个季度的排查已经开启。",
            ),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="round_quarter_1_to_4"),
            models.CheckConstraint(
                condition=Q(state="announced") | Q(opened_at__isnull=False), name="round_begun_has_its_day"
            ),
            models.CheckConstraint(
                condition=Q(sweep_answered__lte=models.F("sweep_calls")), name="round_answers_within_calls"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period.label}排查"

    def get_absolute_url(self) -> str:
        return reverse("screening:round-detail", args=[self.uuid])

    @property
    def period(self) -> quarters.Quarter:
        return quarters.Quarter(self.year, self.quarter)

    @property
    def last_day(self) -> datetime.date:
        return self.period.last_day

    @property
    def parameters(self) -> PolicySet:
        return PolicySet.restore(self.policy)

    @property
    def is_sweepable(self) -> bool:
        return self.state in self.SWEEPABLE

    @property
    def accepts_lists(self) -> bool:
        return self.state in self.ACCEPTS_LISTS

    @property
    def is_announced(self) -> bool:
        return self.state == RoundState.ANNOUNCED
