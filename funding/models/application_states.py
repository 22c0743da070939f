"""How an application goes its way: submitted, approved by two, filed, paid (Art. 10, 11)."""

from django.db import models
from django_fsm import FSMModelMixin, transition

from fangpin.common.fields import StateField


class ApplicationState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审定"
    OFFICE_APPROVED = "office_approved", "扶贫部门已审定，待财政"
    FINANCE_APPROVED = "finance_approved", "财政部门已审定，待扶贫"
    APPROVED = "approved", "两部门已审定，待备案"
    FILED = "filed", "已备案，待发放"
    PAID = "paid", "已发放"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"
    DISCARDED = "discarded", "已作废"


_OFFICE, _FINANCE = ("office_by",), ("finance_by",)
IN_APPROVAL = (
    ApplicationState.SUBMITTED,
    ApplicationState.OFFICE_APPROVED,
    ApplicationState.FINANCE_APPROVED,
    ApplicationState.APPROVED,
)


class ApplicationTransitions(FSMModelMixin, models.Model):
    """The state of an application, and what officials do with it."""

    state = StateField("状态", default=ApplicationState.DRAFT, choices=ApplicationState)

    class Meta:
        abstract = True

    @transition(
        state,
        [ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN],
        ApplicationState.SUBMITTED,
        permission="fund.apply",
        custom={"stamps": ["submitted_at"], "stamp_by": ["submitted_by"]},
    )
    def submit(self) -> None:
        """提出申请: its money is committed."""

    @transition(
        state,
        ApplicationState.SUBMITTED,
        ApplicationState.OFFICE_APPROVED,
        permission="fund.approve_office",
        custom={"stamps": ["office_at"], "stamp_by": _OFFICE},
    )
    @transition(
        state,
        ApplicationState.FINANCE_APPROVED,
        ApplicationState.APPROVED,
        permission="fund.approve_office",
        custom={"stamps": ["office_at"], "stamp_by": _OFFICE},
    )
    def approve_office(self) -> None:
        """县扶贫部门审定, before or after the finance bureau."""

    @transition(
        state,
        ApplicationState.SUBMITTED,
        ApplicationState.FINANCE_APPROVED,
        permission="fund.approve_finance",
        custom={"stamps": ["finance_at"], "stamp_by": _FINANCE},
    )
    @transition(
        state,
        ApplicationState.OFFICE_APPROVED,
        ApplicationState.APPROVED,
        permission="fund.approve_finance",
        custom={"stamps": ["finance_at"], "stamp_by": _FINANCE},
    )
    def approve_finance(self) -> None:
        """县财政部门审定, before or after the poverty office."""

    @transition(
        state,
        ApplicationState.APPROVED,
        ApplicationState.FILED,
        permission="fund.file",
        custom={"stamps": ["filed_at"], "stamp_by": ["filed_by"]},
    )
    def file(self) -> None:
        """县领导小组备案: from now on it may be paid."""

    @transition(state, ApplicationState.APPROVED, ApplicationState.FILED, permission="payment.make")
    def release_without_filing(self) -> None:
        """R2 of a county whose own steps know no filing: approved by both, it may be paid."""

    @transition(state, IN_APPROVAL, ApplicationState.RETURNED, permission="fund.decide")
    def give_back(self) -> None:
        """退回补正 by whoever it waits for; the money is free again."""

    @transition(state, IN_APPROVAL, ApplicationState.REJECTED, permission="fund.decide")
    def reject(self) -> None:
        """不同意; the money is free again."""

    @transition(state, IN_APPROVAL, ApplicationState.WITHDRAWN, permission="fund.apply")
    def withdraw(self) -> None:
        """撤回 by the department, to change it or for good; the money is free again."""

    @transition(
        state,
        [ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN],
        ApplicationState.DISCARDED,
        permission="fund.apply",
    )
    def discard(self) -> None:
        """作废 of one that holds no money."""

    @transition(
        state,
        ApplicationState.FILED,
        ApplicationState.PAID,
        permission="payment.make",
        custom={"system": True},
    )
    def finish(self) -> None:
        """Nothing of it waits any more."""

    @transition(
        state,
        ApplicationState.PAID,
        ApplicationState.FILED,
        permission="payment.make",
        custom={"system": True},
    )
    def reopen(self) -> None:
        """A payment came back afterwards."""
