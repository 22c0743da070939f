"""Who may sign a 审定会: nobody who prepared it, who verified a household on it, or who put right what the
village said of one (Art. 7(2)3)."""

from collections.abc import Callable

from django.db.models import Q

from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.common.transitions import history
from screening.comparison import proposal
from screening.models import Candidate, Meeting, Verification

_PREPARING = ("plan", "hold", "correct")
# Stages after this one say who took part in what a meeting decides: (meeting, user) → why he may not sign, or
# "".
BARRED: list[Callable[[Meeting, Actor], str]] = []


def is_signer(by: Actor) -> bool:
    """Whether this duty signs in person: the leading group's alone."""
    return by.duty.role == Role.LEADING_GROUP


def why_not(meeting: Meeting, by: Actor) -> str:
    """Why this person may neither sign, register nor confirm this meeting; "" where he may."""
    prepared = history(meeting).filter(by=by.pk, transition__in=_PREPARING)
    if meeting.prepared_by_id == by.pk or prepared.exists():
        return "您筹备了这次审定会，不能签发、登记或确认，请由他人办理。"
    own = Q(answered_by=by.pk) | Q(corrected_by=by.pk) | Q(settled_by=by.pk)
    households = Candidate.objects.filter(agenda_items__meeting=meeting)
    verified = Verification.objects.filter(own, candidate__in=households).count()
    decided = Q(confirmed_by=by.pk) | Q(proposal.entry_corrected_by(by))
    verified = verified or households.filter(decided).count()
    if verified:
        return (
            f"议程上有 {verified} 户是您核实或确认的，或由您改正过入户记录、核实回复，不能由您签发、"
            f"登记或确认，"
            "请由他人办理。"
        )
    return next((words for barred in BARRED if (words := barred(meeting, by))), "")
