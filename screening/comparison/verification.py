"""核实 (Art. 7(2)2): the village answers each situation in one of four, the township confirms, dismisses or
asks again, one or many. Only "true, and can't bear it" confirms; "true but copes" dismisses as
self-coping."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from fangpin.common import audit, working_days
from fangpin.common.files import pictures, private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from households.models import Household, Risk, RiskState
from screening import criteria
from screening.cases import attention
from screening.lamps import colours as lamps
from screening.models import (
    Answer,
    Candidate,
    CandidateState,
    FieldEntry,
    IncomeEstimate,
    Lead,
    Round,
    Verification,
    VerificationAnswer,
    VerificationPhoto,
    VerificationState,
)


@dataclass(frozen=True)
class Estimate:
    """收入测算 of a year, fen; `heads` people live together."""

    wages: int
    business: int
    costs: int
    property_income: int
    transfers: int
    heads: int


@dataclass(frozen=True)
class Settled:
    """What a bulk confirmation did."""

    confirmed: int
    dismissed: int


def situations(verification: Verification) -> list[str]:
    """Codes that the village is asked about: those of the round's leads that stand, else of the earlier
    round."""
    return situations_of([verification])[verification.pk]


def situations_of(tasks: Sequence[Verification]) -> dict[int, list[str]]:
    """Task → its situations, in two statements for any number of tasks; needs `candidate__previous`."""
    own = _standing({(task.round_id, task.household_id) for task in tasks})
    earlier = {
        task.pk: (task.candidate.previous.round_id, task.household_id)
        for task in tasks
        if task.candidate_id and (task.round_id, task.household_id) not in own and task.candidate.previous_id
    }
    before = _standing(set(earlier.values()))
    found = {
        task.pk: own.get((task.round_id, task.household_id)) or before.get(earlier.get(task.pk), set())
        for task in tasks
    }
    return {pk: [code for code in criteria.subcriteria() if code in codes] for pk, codes in found.items()}


def _standing(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
    """(round, household) → situations of its leads that stand."""
    found: dict[tuple[int, int], set[str]] = {}
    if pairs:
        leads = Lead.objects.filter(
            round__in={round for round, _ in pairs}, household__in={household for _, household in pairs}
        ).standing()
        for round, household, code in leads.values_list("round", "household", "subcriterion"):
            found.setdefault((round, household), set()).add(code)
    return found


def answer(
    verification: Verification,
    answers: Mapping[str, tuple[str, str]],
    *,
    by,
    words: str = "",
    visited_on: datetime.date | None = None,
    above_line_words: str = "",
    estimate: Estimate | None = None,
    photos: Sequence[bytes] = (),
    corrected_by=None,
) -> Verification:
    """The village's word on every situation: code → (answer, words). May be corrected until the township
    settles.

    `photos` are files as they came. `corrected_by`: who put right what `by` had sent. Raises Refused where a
    situation lacks its answer, the day lies ahead, the household is kin or a photo can't be taken; or what
    the door raises.
    """
    cleaned = _cleaned(photos)
    with transaction.atomic():
        standing = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
        _check_answers(standing, answers, by=by, words=words, visited_on=visited_on)
        move(
            Verification.objects.filter(pk=standing.pk),
            "answer",
            by=by,
            opinion=words.strip(),
            stamps={
                "words": words.strip(),
                "visited_on": visited_on or timezone.localdate(),
                "corrected_by": corrected_by,
            },
        )
        VerificationAnswer.objects.filter(verification=standing).exclude(subcriterion__in=answers).delete()
        VerificationAnswer.objects.bulk_create(
            [
                VerificationAnswer(
                    verification=standing, subcriterion=code, answer=given, words=told.strip()[:300]
                )
                for code, (given, told) in answers.items()
            ],
            update_conflicts=True,
            unique_fields=["verification", "subcriterion"],
            update_fields=["answer", "words"],
        )
        _keep_extras(standing, by=by, above_line_words=above_line_words, estimate=estimate)
        _keep_photos(standing, cleaned, by=by)
        mark_acted(Verification.objects.filter(pk=standing.pk))
        settle_what_needs_no_township(Verification.objects.filter(pk=standing.pk))
    verification.refresh_from_db()
    return verification


def _check_answers(standing: Verification, answers, *, by, words: str, visited_on) -> None:
    wanted = situations(standing)
    if missing := [criteria.subcriteria()[code].tag for code in wanted if code not in answers]:
        raise Refused(f"还有没回答的情形：{'、'.join(missing)}。每一项都请选一个。")
    if unknown := set(answers) - set(wanted):
        raise Refused(f"有 {len(unknown)} 项不是这次要核实的情形，请刷新后再填。")
    if any(given not in Answer.values for given, _ in answers.values()):
        raise Refused("请在四个答案中选一个：扛不住、自己能解决、不属实、一时查不清。")
    if any(given in (Answer.UNTRUE, Answer.UNCLEAR) for given, _ in answers.values()):
        told = words.strip() or all(
            note.strip() for given, note in answers.values() if given in (Answer.UNTRUE, Answer.UNCLEAR)
        )
        if not told:
            raise Refused("不属实的、查不清的，请用一句话写明看到了什么。")
    if visited_on and visited_on > timezone.localdate():
        raise Refused("核实日期不能晚于今天。")
    kin = FieldEntry.objects.filter(
        round=standing.round_id, household=standing.household_id, is_kin=True, by=by.pk
    )
    if kin.exists():
        raise Refused("您填过与这户有亲属关系，请由村里其他人核实。")


def _keep_extras(standing: Verification, *, by, above_line_words: str, estimate: Estimate | None) -> None:
    if standing.candidate_id and above_line_words.strip():
        Candidate.objects.filter(pk=standing.candidate_id).update(
            above_line_words=above_line_words.strip()[:300]
        )
    if estimate is not None:
        IncomeEstimate.objects.create(
            round_id=standing.round_id, household_id=standing.household_id, by=by, **vars(estimate)
        )


def _cleaned(photos: Sequence[bytes]) -> list[bytes]:
    try:
        return [pictures.clean(content) for content in photos]
    except pictures.PictureRefused as error:
        raise Refused(error.message) from error


def _keep_photos(standing: Verification, cleaned: list[bytes], *, by) -> None:
    """At most six of a household; the same one again is known by its digest."""
    known = set(standing.photos.values_list("digest", flat=True))
    new = {private_files.digest(content): content for content in cleaned}
    new = {digest: content for digest, content in new.items() if digest not in known}
    if len(known) + len(new) > VerificationPhoto.MOST:
        raise Refused(f"一户最多 {VerificationPhoto.MOST} 张照片，已有 {len(known)} 张。")
    for digest, content in new.items():
        with private_files.stored(content) as name:
            VerificationPhoto.objects.create(verification=standing, stored_name=name, digest=digest, by=by)


def mark_acted(verifications: QuerySet[Verification]) -> None:
    """From now on a sweep flags these leads instead of withdrawing them behind somebody's back."""
    for round_id in set(verifications.values_list("round", flat=True)):
        Lead.objects.filter(
            round=round_id,
            acted_at=None,
            household__in=verifications.filter(round=round_id).values("household"),
        ).update(acted_at=timezone.now())


def settle_what_needs_no_township(tasks: QuerySet[Verification]) -> None:
    """Only what was missing has come, or a deferred household says that nothing changed: no second word is
    asked, unless somebody has put the answer right, who would decide alone."""
    bearing = VerificationAnswer.objects.filter(verification=OuterRef("pk"), answer=Answer.CANNOT_BEAR)
    told = (
        tasks.exclude(candidate=None)
        .filter(Exists(bearing), corrected_by=None)
        .values_list("pk", "kind", "candidate_id")
    )
    done = []
    again = []
    for pk, kind, candidate in told:
        if kind == Verification.Kind.RECHECK:
            again.append(candidate)
        if kind != Verification.Kind.COMPARISON:
            done.append(pk)
    if again:
        words = "上季度暂缓，情况没有变化"
        move(Candidate.objects.filter(pk__in=again), "confirm", by=None, opinion=words)
    if done:
        move(Verification.objects.filter(pk__in=done), "conclude", by=None)


# ---- The township ----
def settle(verifications: QuerySet[Verification], *, by, opinion: str = "") -> Settled:
    """Confirms what the villages answered, in bulk: candidates are confirmed or dismissed by their answers,
    risks of a case one by one. All or nothing; constant in the number of statements.

    Raises Refused where a household's answers are only "can't tell yet", or what the door raises.
    """
    with transaction.atomic():
        tasks, _ = _locked(verifications)
        _check_settling(tasks, by)
        told = tasks.annotate(
            bearing=Count("answers", filter=Q(answers__answer=Answer.CANNOT_BEAR)),
            coping=Count("answers", filter=Q(answers__answer=Answer.COPES)),
        ).values_list("candidate_id", "candidate__state", "bearing", "coping")
        about = [row for row in told if row[0] is not None]
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
        _relight(tasks)
    return Settled(len(confirm) + risks[0], len(dismiss) + risks[1])


def _locked(verifications: QuerySet[Verification]) -> tuple[QuerySet[Verification], list[int]]:
    """The chosen ones, held until the end of the transaction."""
    chosen = list(verifications.values_list("pk", flat=True))
    if not chosen:
        raise Refused("没有选中要办理的户。请先勾选。")
    tasks = Verification.objects.filter(pk__in=chosen)
    return tasks, list(tasks.select_for_update().order_by("pk").values_list("pk", flat=True))


def _check_settling(tasks: QuerySet[Verification], by) -> None:
    unanswered = tasks.exclude(state=VerificationState.ANSWERED).count()
    if unanswered:
        raise Refused(f"有 {unanswered} 户村里还没有回复，或刚刚已办理，整批没有确认。请刷新后再选。")
    clear = VerificationAnswer.objects.exclude(answer=Answer.UNCLEAR).values("verification")
    if unclear := tasks.exclude(pk__in=clear).count():
        raise Refused(f"有 {unclear} 户村里答“一时查不清”，不能确认；请发回村里再查，或由县里转下季度。")
    own = tasks.filter(Q(answered_by=by.pk) | Q(corrected_by=by.pk)).count()
    if own:
        raise Refused(f"有 {own} 户是您自己核实的，或回复由您改正过，请由他人确认。")


def _move_candidates(keys: list[int], name: str, *, by, opinion: str) -> None:
    if keys:
        move(Candidate.objects.filter(pk__in=keys), name, by=by, opinion=opinion)


def _settle_risks(tasks: QuerySet[Verification], *, by) -> tuple[int, int]:
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


def dismiss(verifications: QuerySet[Verification], *, by, reason: str) -> int:
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
        _relight(tasks)
    return len(keys)


def ask_again(verifications: QuerySet[Verification], *, by, reason: str) -> int:
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
        stamps = {"due_on": due_from_today(tasks.first().round), "ask_words": reason[:300]}
        move(tasks, "ask_again", by=by, opinion=reason, stamps=stamps)
        _relight(tasks)
    return len(keys)


def due_from_today(round: Round) -> datetime.date | None:
    """Frozen once computed; open where the year's calendar is not confirmed."""
    try:
        return working_days.add(timezone.localdate(), round.parameters["round.verification_due"])
    except working_days.YearNotConfirmed:
        return None


def _relight(tasks: QuerySet[Verification]) -> None:
    households = Household.objects.filter(verifications__in=tasks)
    for county in set(households.values_list("county", flat=True)):
        lamps.recompute_lamps(county)
