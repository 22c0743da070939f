"""核实 by the township (Art. 7(2)2): it confirms what villages answered, dismisses, or asks again, for one
household or many."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from households.models import Household, Risk, RiskState
from screening.cases import attention
from screening.comparison.due_dates import verification_due
from screening.lamps import colours as lamps
from screening.models import (
    Answer,
    Candidate,
    CandidateState,
    Verification,
    VerificationAnswer,
    VerificationState,
)


@dataclass(frozen=True)
class Settled:
    """What a bulk confirmation did."""

    confirmed: int
    dismissed: int


def settle_tasks(verifications: QuerySet[Verification], *, by: Actor, opinion: str = "") -> Settled:
    """Confirms what the villages answered, in bulk: candidates are confirmed or dismissed by their answers,
    risks of a case one by one. All or nothing; constant in the number of statements.

    Raises Refused where a household's answers are only "can't tell yet", or what the door raises.
    """
    with transaction.atomic():
        tasks, _ = _locked(verifications)
        _check_settling(tasks, by)
        rows = tasks.annotate(
            bearing=Count("answers", filter=Q(answers__answer=Answer.CANNOT_BEAR)),
            coping=Count("answers", filter=Q(answers__answer=Answer.COPES)),
        ).values_list("candidate_id", "candidate__state", "bearing", "coping")
        about = [row for row in rows if row[0] is not None]
        confirm = [pk for pk, state, bearing, _ in about if bearing and state == CandidateState.TO_VERIFY]
        dismiss = [pk for pk, _, bearing, _ in about if not bearing]
        coping = [pk for pk, _, bearing, copes in about if not bearing and copes]
        move(tasks, "conclude", by=by, opinion=opinion)
        _move_candidates(confirm, "confirm", by=by, opinion=opinion)
        _move_candidates(dismiss, "dismiss", by=by, opinion=opinion)
        Candidate.objects.filter(pk__in=coping).update(self_coping=True)
        risks = _settle_risks(tasks, by=by)
        audit.record(
            by, "verification_settle", confirmed=len(confirm) + risks[0], dismissed=len(dismiss) + risks[1]
        )
        _recompute_lamps(tasks)
    return Settled(len(confirm) + risks[0], len(dismiss) + risks[1])


def _locked(verifications: QuerySet[Verification]) -> tuple[QuerySet[Verification], list[int]]:
    """The chosen ones, held until the end of the transaction."""
    chosen = list(verifications.values_list("pk", flat=True))
    if not chosen:
        raise Refused("没有选中要办理的户。请先勾选。")
    tasks = Verification.objects.filter(pk__in=chosen)
    return tasks, list(tasks.select_for_update().order_by("pk").values_list("pk", flat=True))


def _check_settling(tasks: QuerySet[Verification], by: Actor) -> None:
    unanswered = tasks.exclude(state=VerificationState.ANSWERED).count()
    if unanswered:
        raise Refused(f"有 {unanswered} 户村里还没有回复，或刚刚已办理，整批没有确认。请刷新后再选。")
    clear = VerificationAnswer.objects.exclude(answer=Answer.UNCLEAR).values("verification")
    if unclear := tasks.exclude(pk__in=clear).count():
        raise Refused(f"有 {unclear} 户村里答“一时查不清”，不能确认；请发回村里再查，或由县里转下季度。")
    own = tasks.filter(Q(answered_by=by.pk) | Q(corrected_by=by.pk)).count()
    if own:
        raise Refused(f"有 {own} 户是您自己核实的，或回复由您改正过，请由他人确认。")


def _move_candidates(keys: list[int], name: str, *, by: Actor, opinion: str) -> None:
    if keys:
        move(Candidate.objects.filter(pk__in=keys), name, by=by, opinion=opinion)


def _settle_risks(tasks: QuerySet[Verification], *, by: Actor) -> tuple[int, int]:
    """Proposed risks of open cases, each by its own answer."""
    cases = tasks.exclude(case=None)
    proposed = Risk.objects.filter(case__in=cases.values("case"), state=RiskState.PROPOSED)
    bearing = VerificationAnswer.objects.filter(verification__in=cases, answer=Answer.CANNOT_BEAR)
    true_ones = set(bearing.values_list("verification__case", "subcriterion"))
    by_key = {pk: (case, code) for pk, case, code in proposed.values_list("pk", "case", "subcriterion")}
    confirm = [pk for pk, pair in by_key.items() if pair in true_ones]
    dismiss = [pk for pk, pair in by_key.items() if pair not in true_ones]
    if confirm:
        move(Risk.objects.filter(pk__in=confirm), "confirm", by=by)
        attention.resume_attention(
            {by_key[pk][0] for pk in confirm}, words="有新的风险核实属实，继续重点关注"
        )
    if dismiss:
        move(
            Risk.objects.filter(pk__in=dismiss), "dismiss", by=by, stamps={"closed_on": timezone.localdate()}
        )
    return len(confirm), len(dismiss)


def dismiss_tasks(verifications: QuerySet[Verification], *, by: Actor, reason: str) -> int:
    """不列入 against or beside the village's word, with a reason. Returns how many households."""
    if not (reason := reason.strip()):
        raise Refused("请写明不列入的理由。")
    with transaction.atomic():
        tasks, keys = _locked(verifications)
        if unanswered := tasks.exclude(state=VerificationState.ANSWERED).count():
            raise Refused(f"有 {unanswered} 户村里还没有回复，或刚刚已办理，整批没有办理。")
        move(tasks, "conclude", by=by, opinion=reason)
        candidates = [pk for pk in tasks.values_list("candidate", flat=True) if pk]
        _move_candidates(candidates, "dismiss", by=by, opinion=reason)
        proposed = Risk.objects.filter(
            case__in=tasks.exclude(case=None).values("case"), state=RiskState.PROPOSED
        )
        if risks := list(proposed.values_list("pk", flat=True)):
            stamps = {"closed_on": timezone.localdate()}
            move(Risk.objects.filter(pk__in=risks), "dismiss", by=by, opinion=reason, stamps=stamps)
        audit.record(by, "verification_dismiss", households=len(keys), reason=reason)
        _recompute_lamps(tasks)
    return len(keys)


def ask_again(verifications: QuerySet[Verification], *, by: Actor, reason: str) -> int:
    """发回村里 with what is missing, a new deadline; a household settled before is open again."""
    if not (reason := reason.strip()):
        raise Refused("请写明要村里补充什么。")
    with transaction.atomic():
        tasks, keys = _locked(verifications)
        settled = tasks.filter(
            state=VerificationState.SETTLED,
            candidate__state__in=[CandidateState.CONFIRMED, CandidateState.DISMISSED],
        ).exclude(kind=Verification.Kind.SUPPLEMENT)
        if again := list(settled.values_list("candidate", flat=True)):
            move(Candidate.objects.filter(pk__in=again), "verify_again", by=by, opinion=reason)
        stamps = {"due_on": verification_due(tasks[0].round), "ask_words": reason[:300]}
        move(tasks, "ask_again", by=by, opinion=reason, stamps=stamps)
        _recompute_lamps(tasks)
    return len(keys)


def _recompute_lamps(tasks: QuerySet[Verification]) -> None:
    households = Household.objects.filter(verifications__in=tasks)
    for county in set(households.values_list("county", flat=True)):
        lamps.recompute_lamps(county)
