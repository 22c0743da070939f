"""交办单 (Art. 8): a sheet a department with its households, and the lines on it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_fsm import FSMModelMixin, transition

from fangpin.accounts.models import Department, Division, Duty
from fangpin.accounts.roles import Role
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.fields import StateField
from households.models import Case, Household, Risk
from measures.models.line_states import LineState, LineTransitions


class SheetState(models.TextChoices):
    DRAFT = "draft", "待签发"
    ISSUED = "issued", "已签发"
    CLOSED = "closed", "已办结"
    DISCARDED = "discarded", "已作废"


class OrderSheetQuerySet(ScopedQuerySet):
    scope_permission = "order.view"
    scope_path = "county_id"

    def in_scope(self, duty: Duty) -> Self:
        """A department sees the sheets issued to it; whoever acts below the county none."""
        mine = self.filter(county_id=duty.county_code)
        if duty.role == Role.DEPARTMENT:
            return mine.filter(department=duty.department_id, state__in=OrderSheet.SENT)
        return mine


class OrderSheet(FSMModelMixin, models.Model):
    """交办单 to one department: prepared by the office, signed by its director."""

    SENT = (SheetState.ISSUED, SheetState.CLOSED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="县")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承办部门")
    state = StateField("状态", default=SheetState.DRAFT, choices=SheetState)
    number = models.CharField("文号", max_length=60, blank=True, db_default="")
    basis = models.CharField("依据", max_length=120, blank=True, db_default="")
    words = models.CharField("要求", max_length=300, blank=True, db_default="")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="开单人"
    )
    prepared_at = models.DateTimeField("开单时间", default=timezone.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="签发人"
    )
    issued_at = models.DateTimeField("签发时间", null=True)
    # Due dates in working days from the day of issue, by policy; open where the calendar's year is not
    # confirmed.
    accept_due = models.DateField("接收期限", null=True)
    plan_due = models.DateField("拟定举措报备案期限", null=True)
    deliver_due = models.DateField("落实期限", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    objects = OrderSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "交办单"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "number"],
                condition=~Q(number="") & ~Q(state="discarded"),
                name="order_sheet_number_once",
                violation_error_message="本县已有这个文号的交办单。",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["draft", "discarded"]) & Q(issued_by=None, issued_at=None))
                | (Q(state__in=["issued", "closed"]) & Q(issued_by__isnull=False, issued_at__isnull=False)),
                name="order_sheet_issued_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"]) | ~Q(number=""),
                name="order_sheet_numbered",
                violation_error_message="签发的交办单须有文号。",
            ),
            models.CheckConstraint(
                condition=Q(issued_by=None) | ~Q(issued_by=F("prepared_by")),
                name="order_sheet_not_issued_by_preparer",
                violation_error_message="开单的人不能签发交办单，请由主任签发。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or '未编号'} {self.department}"

    @transition(
        state,
        SheetState.DRAFT,
        SheetState.ISSUED,
        permission="order.sign",
        custom={"stamps": ["issued_at"], "stamp_by": ["issued_by"]},
    )
    def issue(self) -> None:
        """签发: goes to the department; its days begin to run."""

    @transition(state, SheetState.DRAFT, SheetState.DISCARDED, permission="order.prepare")
    def discard(self) -> None:
        """Never sent."""

    @transition(
        state,
        SheetState.ISSUED,
        SheetState.CLOSED,
        permission="order.prepare",
        custom={"stamps": ["closed_at"], "system": True},
    )
    def complete(self) -> None:
        """Every line of it is closed or was returned."""


class ReturnReason(models.TextChoices):
    NOT_OURS = "not_ours", "不属本部门"
    NOT_ELIGIBLE = "not_eligible", "不符合政策条件"
    ALREADY_HELPED = "already_helped", "已享受"
    SOLVED = "solved", "已解决"


class OrderLineQuerySet(ScopedQuerySet):
    scope_permission = "order.view"
    scope_path = "household__village_id"

    def in_scope(self, duty: Duty) -> Self:
        if duty.role == Role.DEPARTMENT:
            return self.filter(sheet__in=OrderSheet.objects.all().in_scope(duty))
        return self.filter(household__in=Household.objects.all().in_scope(duty))

    def open(self) -> Self:
        """Sent and neither returned nor closed."""
        return self.filter(state__in=OrderLine.OPEN)


class OrderLine(LineTransitions):
    """交办事项: one risk of one household, for one department. Its state follows its measures once they are
    planned."""

    OPEN = (
        LineState.ISSUED,
        LineState.ACCEPTED,
        LineState.PLANNED,
        LineState.FILED,
        LineState.IN_PROGRESS,
        LineState.DONE,
    )

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sheet = models.ForeignKey(OrderSheet, models.CASCADE, related_name="lines", verbose_name="交办单")
    household = models.ForeignKey(Household, models.PROTECT, related_name="order_lines", verbose_name="农户")
    case = models.ForeignKey(Case, models.PROTECT, related_name="order_lines", verbose_name="防贫对象")
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="order_lines", verbose_name="风险")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承办部门")
    difficulty = models.CharField("具体困难", max_length=300, blank=True, db_default="")
    suggested = models.JSONField("建议举措", default=list, help_text="codes of measure types, in order")
    return_reason = models.CharField(
        "退回事项", max_length=16, choices=ReturnReason, blank=True, db_default=""
    )
    return_words = models.CharField("退回理由", max_length=300, blank=True, db_default="")
    # The office's word on a line that came back: no other department is needed.
    left_out_words = models.CharField("不再交办的理由", max_length=300, blank=True, db_default="")
    plan_words = models.CharField(
        "列入计划",
        max_length=80,
        blank=True,
        db_default="",
        help_text="a year's plan that it has been put into",
    )
    due_on = models.DateField("约定落实日期", null=True, help_text="by the plan; else the sheet's")

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = "交办事项"
        constraints = [
            models.UniqueConstraint(
                fields=["risk", "department"],
                condition=~Q(state="returned"),
                name="order_line_once_a_risk",
                violation_error_message="这项风险已经交办给这个部门。",
            ),
            models.CheckConstraint(
                condition=(Q(state="returned") & ~Q(return_reason="") & ~Q(return_words=""))
                | (~Q(state="returned") & Q(return_reason="")),
                name="order_line_returned_with_reason",
                violation_error_message="退回须选择事项并写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.household_id}"


class Reminder(models.Model):
    """催办 of a sheet: the text, by whom and when."""

    sheet = models.ForeignKey(OrderSheet, models.CASCADE, related_name="reminders", verbose_name="交办单")
    words = models.CharField("内容", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="催办人")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "催办"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.at:%Y-%m-%d}"
