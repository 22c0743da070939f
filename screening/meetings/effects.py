"""What a signed meeting brings about, once and set-based (Art. 7(2)3): candidates decided, cases with their
risks and followers opened, items for the national system made, the round closed. The statements are as many
for one household as for two thousand."""

import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common.actor import Actor
from fangpin.common.transitions import move, write_first_records
from fangpin.common.values.dates import months_after
from households.codelists import CATEGORY_OF_STATUS, Category
from households.models import Case, Follower, HelperAssignment, Household, Risk
from screening import criteria
from screening.comparison.submission import waiting_for_decision
from screening.lamps import colours as lamps
from screening.meetings import decisions, releases
from screening.models import (
    AgendaItem,
    Answer,
    Candidate,
    Decision,
    EntryRisk,
    Lead,
    Meeting,
    Round,
    RoundState,
    VerificationAnswer,
)
from screening.national import items as national

_MOVES = {Decision.APPROVED: "approve", Decision.DECLINED: "decline", Decision.DEFERRED: "defer"}
_CHUNK = 5000
Situations = dict[str, tuple[str, datetime.date]]  # code → words, since


def carry_out(meeting: Meeting, *, by: Actor, on: datetime.date) -> dict[str, int]:
    """Inside the transaction that signs; `on` is the day of the determination. Returns counts for the
    audit."""
    revoked = _revoke(meeting, by=by)
    counts = dict.fromkeys(_MOVES.values(), 0)
    opening: list[int] = []
    for decision, name in _MOVES.items():
        items = AgendaItem.objects.filter(meeting=meeting, decision=decision)
        changed = items.exclude(candidate__state=decision).order_by("candidate")
        keys = list(changed.values_list("candidate", flat=True))
        if decision == Decision.APPROVED:
            opening = keys
        if keys:
            words = "" if decision == Decision.APPROVED else f"{meeting}：{Decision(decision).label}"
            counts[name] = move(Candidate.objects.filter(pk__in=keys), name, by=by, opinion=words)
    cases = _open_cases(meeting, opening, by=by, on=on)
    national.create_items([case.pk for case in cases], by=by)
    if revoked:
        national.withdraw(revoked, by=by, reason=f"{meeting}改为不纳入")
    ended = releases.carry_out_releases(meeting, by=by, on=on)
    _determine(meeting.round)
    lamps.recompute_lamps(meeting.round.county_id)
    return counts | ended | {"cases": len(cases), "revoked": len(revoked)}


# ---- Cases ----
def _open_cases(meeting: Meeting, candidates: list[int], *, by: Actor, on: datetime.date) -> list[Case]:
    if not candidates:
        return []
    households = list(Household.objects.filter(candidates__in=candidates).order_by("pk"))
    situations = _situations(candidates)
    until = months_after(on, meeting.round.parameters["followup.months"])
    last = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cases = Case.objects.bulk_create(
        [
            Case(
                household=home,
                category=CATEGORY_OF_STATUS[home.status],
                origin=Case.Origin.MEETING,
                identified_on=on,
                follow_until=until,
                evaluation_due=until,
                risk_words="、".join(criteria.subcriteria()[code].tag for code in situations[home.pk])[:120],
            )
            for home in households
        ],
        batch_size=_CHUNK,
    )
    write_first_records(cases, by=by, name="determine")
    _add_risks(cases, situations, by=by)
    propose_followers(cases, on=on)
    new = Case.objects.filter(
        household__candidates=OuterRef("candidate"), pk__gt=last, origin=Case.Origin.MEETING
    )
    approved = AgendaItem.objects.filter(Exists(new), meeting=meeting, decision=Decision.APPROVED)
    approved.update(case=Subquery(new.values("pk")[:1]))
    return cases


def _situations(candidates: list[int]) -> dict[int, Situations]:
    """Household → situation → (words, since): of leads that were not withdrawn, without those that the
    village found untrue or bearable. A household that came from an earlier round without new leads keeps
    those of that round."""
    current = dict(Candidate.objects.filter(pk__in=candidates).values_list("household", "pk"))
    situations: dict[int, Situations] = {household: {} for household in current}
    while current:
        situations |= _situations_of(current.values())
        without = [pk for household, pk in current.items() if not situations[household]]
        earlier = Candidate.objects.filter(pk__in=without, previous__isnull=False)
        current = dict(earlier.values_list("household", "previous"))
    return situations


def _situations_of(candidates: Iterable[int]) -> dict[int, Situations]:
    """The same for candidates of any rounds, each of its own round alone; in four statements."""
    keys = {
        (round, household): pk
        for pk, round, household in Candidate.objects.filter(pk__in=list(candidates)).values_list(
            "pk", "round", "household"
        )
    }
    rounds, households = {round for round, _ in keys}, {household for _, household in keys}
    at_the_door = _words_at_the_door(rounds, households)
    verified = {
        (round, household, code): (answer, words)
        for round, household, code, answer, words in VerificationAnswer.objects.filter(
            verification__candidate__in=list(keys.values())
        ).values_list("verification__round", "verification__household", "subcriterion", "answer", "words")
    }
    result: dict[int, Situations] = {}
    leads = Lead.objects.current().filter(round__in=rounds, household__in=households)
    for round, household, code, raised_at in leads.order_by("subcriterion", "raised_at").values_list(
        "round", "household", "subcriterion", "raised_at"
    ):
        answer, words = verified.get((round, household, code), ("", ""))
        if (round, household) not in keys or answer in (Answer.UNTRUE, Answer.COPES):
            continue
        words = words or at_the_door.get((round, household, code), "")
        result.setdefault(household, {}).setdefault(code, (words, timezone.localdate(raised_at)))
    return result


def _words_at_the_door(rounds: set[int], households: set[int]) -> dict[tuple[int, int, str], str]:
    risks = EntryRisk.objects.filter(entry__round__in=rounds, entry__household__in=households)
    risks = risks.exclude(words="")
    rows = risks.order_by("pk").values_list("entry__round", "entry__household", "subcriterion", "words")
    return {(round, household, code): words for round, household, code, words in rows}


def _add_risks(cases: list[Case], situations: dict[int, Situations], *, by: Actor) -> None:
    risks = Risk.objects.bulk_create(
        [
            Risk(case=case, subcriterion=code, words=words, found_on=since)
            for case in cases
            for code, (words, since) in situations[case.household_id].items()
        ],
        batch_size=_CHUNK,
    )
    write_first_records(risks, by=by, name="determine")


# ---- Followers (Art. 9) ----
def propose_followers(cases: Iterable[Case], *, on: datetime.date) -> int:
    """The helper of a monitored household, the work-team member of a marginal one's village, where there is
    exactly one; the township sees which cases have none. Returns how many got one."""
    cases = list(cases)
    helpers = _only_one(
        HelperAssignment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=on),
            begins_on__lte=on,
            household__in=[case.household_id for case in cases],
            user__is_active=True,
        ).values_list("household", "user")
    )
    team = _only_one(Duty.objects.in_force(on).filter(role=Role.WORK_TEAM).values_list("division", "user"))
    villages = dict(
        Household.objects.filter(pk__in=[case.household_id for case in cases]).values_list("pk", "village")
    )
    proposed = {
        case.pk: helpers.get(case.household_id)
        if case.category == Category.MONITORED
        else team.get(villages[case.household_id])
        for case in cases
    }
    made = [Follower(case_id=pk, user_id=user, begins_on=on) for pk, user in proposed.items() if user]
    Follower.objects.bulk_create(made, batch_size=_CHUNK)
    return len(made)


def _only_one(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """Key → user, where there is no other."""
    different = set(pairs)
    counts = Counter(key for key, _ in different)
    return {key: user for key, user in different if counts[key] == 1}


# ---- What a later meeting takes back ----
def _revoke(meeting: Meeting, *, by: Actor) -> list[int]:
    """Closes the cases of households that an earlier meeting took in and this one declines."""
    revoked = list(decisions.revoked_cases(meeting).values_list("pk", flat=True))
    if not revoked:
        return []
    words = f"{meeting}：不予纳入"
    move(Case.objects.filter(pk__in=revoked), "revoke", by=by, opinion=words)
    risks = list(Risk.objects.current().filter(case__in=revoked).values_list("pk", flat=True))
    if risks:
        stamps = {"closed_on": timezone.localdate()}
        move(Risk.objects.filter(pk__in=risks), "void", by=by, opinion=words, stamps=stamps)
    Follower.objects.filter(case__in=revoked, ends_on=None).update(
        ends_on=timezone.localdate(), reason="认定已作废"
    )
    return revoked


def _determine(round: Round) -> None:
    """The last listed candidate has been decided: the round is determined."""
    current = Round.objects.get(pk=round.pk)
    if current.state == RoundState.SUBMITTED and not waiting_for_decision(current).exists():
        move(Round.objects.filter(pk=round.pk), "determine", by=None, opinion="名单已全部审定")
