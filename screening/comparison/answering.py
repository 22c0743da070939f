"""核实 by the village (Art. 7(2)2): each situation answered in one of four, with words and photos, and
income where none is on record. Only "true, and can't bear it" will confirm; "true but copes" dismisses."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.files import pictures, private_files
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from screening import criteria
from screening.models import (
    Answer,
    Candidate,
    FieldEntry,
    IncomeEstimate,
    Lead,
    Verification,
    VerificationAnswer,
    VerificationPhoto,
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


def situations(verification: Verification) -> list[str]:
    """Codes that the village is asked about: those of the round's leads that were not withdrawn, else of
    the earlier round."""
    return situations_of([verification])[verification.pk]


def situations_of(tasks: Sequence[Verification]) -> dict[int, list[str]]:
    """Task → its situations, in two statements for any number of tasks; needs `candidate__previous`."""
    own = _situations_in({(task.round_id, task.household_id) for task in tasks})
    earlier: dict[int, tuple[int, int]] = {}
    for task in tasks:
        if (task.round_id, task.household_id) not in own and task.candidate and task.candidate.previous:
            earlier[task.pk] = (task.candidate.previous.round_id, task.household_id)
    before = _situations_in(set(earlier.values()))
    codes_of = {
        task.pk: before.get(earlier[task.pk], set())
        if task.pk in earlier
        else own.get((task.round_id, task.household_id), set())
        for task in tasks
    }
    return {pk: [code for code in criteria.subcriteria() if code in codes] for pk, codes in codes_of.items()}


def _situations_in(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
    """(round, household) → situations of its leads that were not withdrawn."""
    situations: dict[tuple[int, int], set[str]] = {}
    if pairs:
        leads = Lead.objects.filter(
            round__in={round for round, _ in pairs}, household__in={household for _, household in pairs}
        ).current()
        for round, household, code in leads.values_list("round", "household", "subcriterion"):
            situations.setdefault((round, household), set()).add(code)
    return situations


def answer_task(
    verification: Verification,
    answers: Mapping[str, tuple[str, str]],
    *,
    by: Actor,
    words: str = "",
    visited_on: datetime.date | None = None,
    above_line_words: str = "",
    estimate: Estimate | None = None,
    photos: Sequence[bytes] = (),
    corrected_by: Actor | None = None,
) -> Verification:
    """The village's word on every situation: code → (answer, words). May be corrected until the township
    settles.

    `photos` are files as they came. `corrected_by`: who put right what `by` had sent. Raises Refused where a
    situation lacks its answer, the day lies ahead, the household is kin or a photo can't be taken; or what
    the door raises.
    """
    cleaned = _cleaned(photos)
    with transaction.atomic():
        task = Verification.objects.select_for_update(of=("self",)).get(pk=verification.pk)
        _check_answers(task, answers, by=by, words=words, visited_on=visited_on)
        move(
            Verification.objects.filter(pk=task.pk),
            "answer",
            by=by,
            opinion=words.strip(),
            stamps={
                "words": words.strip(),
                "visited_on": visited_on or timezone.localdate(),
                "corrected_by": corrected_by,
            },
        )
        VerificationAnswer.objects.filter(verification=task).exclude(subcriterion__in=answers).delete()
        VerificationAnswer.objects.bulk_create(
            [
                VerificationAnswer(
                    verification=task, subcriterion=code, answer=given, words=note.strip()[:300]
                )
                for code, (given, note) in answers.items()
            ],
            update_conflicts=True,
            unique_fields=["verification", "subcriterion"],
            update_fields=["answer", "words"],
        )
        _keep_extras(task, by=by, above_line_words=above_line_words, estimate=estimate)
        _keep_photos(task, cleaned, by=by)
        mark_acted(Verification.objects.filter(pk=task.pk))
        settle_what_needs_no_township(Verification.objects.filter(pk=task.pk))
    verification.refresh_from_db()
    return verification


def _check_answers(
    task: Verification,
    answers: Mapping[str, tuple[str, str]],
    *,
    by: Actor,
    words: str,
    visited_on: datetime.date | None,
) -> None:
    wanted = situations(task)
    if missing := [criteria.subcriteria()[code].tag for code in wanted if code not in answers]:
        raise Refused(f"还有没回答的情形：{'、'.join(missing)}。每一项都请选一个。")
    if unknown := set(answers) - set(wanted):
        raise Refused(f"有 {len(unknown)} 项不是这次要核实的情形，请刷新后再填。")
    if any(given not in Answer.values for given, _ in answers.values()):
        raise Refused("请在四个答案中选一个：扛不住、自己能解决、不属实、一时查不清。")
    if any(given in (Answer.UNTRUE, Answer.UNCLEAR) for given, _ in answers.values()):
        explained = words.strip() or all(
            note.strip() for given, note in answers.values() if given in (Answer.UNTRUE, Answer.UNCLEAR)
        )
        if not explained:
            raise Refused("不属实的、查不清的，请用一句话写明看到了什么。")
    if visited_on and visited_on > timezone.localdate():
        raise Refused("核实日期不能晚于今天。")
    kin = FieldEntry.objects.filter(round=task.round_id, household=task.household_id, is_kin=True, by=by.pk)
    if kin.exists():
        raise Refused("您填过与这户有亲属关系，请由村里其他人核实。")


def _keep_extras(task: Verification, *, by: Actor, above_line_words: str, estimate: Estimate | None) -> None:
    if task.candidate_id and above_line_words.strip():
        Candidate.objects.filter(pk=task.candidate_id).update(above_line_words=above_line_words.strip()[:300])
    if estimate is not None:
        IncomeEstimate.objects.create(
            round_id=task.round_id, household_id=task.household_id, by=by, **vars(estimate)
        )


def _cleaned(photos: Sequence[bytes]) -> list[bytes]:
    try:
        return [pictures.clean(content) for content in photos]
    except pictures.PictureRefused as error:
        raise Refused(error.message) from error


def _keep_photos(task: Verification, cleaned: list[bytes], *, by: Actor) -> None:
    """At most six of a household; the same one again is known by its digest."""
    known = set(task.photos.values_list("digest", flat=True))
    new = {private_files.digest(content): content for content in cleaned}
    new = {digest: content for digest, content in new.items() if digest not in known}
    if len(known) + len(new) > VerificationPhoto.MOST:
        raise Refused(f"一户最多 {VerificationPhoto.MOST} 张照片，已有 {len(known)} 张。")
    for digest, content in new.items():
        with private_files.stored(content) as name:
            VerificationPhoto.objects.create(verification=task, stored_name=name, digest=digest, by=by)


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
    answered = (
        tasks.exclude(candidate=None)
        .filter(Exists(bearing), corrected_by=None)
        .values_list("pk", "kind", "candidate_id")
    )
    done = []
    again = []
    for pk, kind, candidate in answered:
        if kind == Verification.Kind.RECHECK:
            again.append(candidate)
        if kind != Verification.Kind.COMPARISON:
            done.append(pk)
    if again:
        words = "上季度暂缓，情况没有变化"
        move(Candidate.objects.filter(pk__in=again), "confirm", by=None, opinion=words)
    if done:
        move(Verification.objects.filter(pk__in=done), "conclude", by=None)
