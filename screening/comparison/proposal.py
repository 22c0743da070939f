"""建议名单 (Art. 7(2)2): who is on the list, who is carried over, and what villages are asked to supply."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from screening.comparison import readiness
from screening.comparison.due_dates import verification_due
from screening.models import (
    Candidate,
    FieldEntry,
    Lead,
    Round,
    Verification,
    VerificationState,
)

NAMED = 3  # households named in a refusal


def ask_for_what_lacks(candidates: Iterable[Candidate], round: Round, *, by: Actor) -> int:
    """A task for the village of each of them, with what is lacking; returns how many were asked."""
    if not (by.may("candidate.list") and by.duty.county_code == round.county_id):
        raise Refused("您当前的岗位不能交办这项核实。")
    line = round.parameters["income.line"]
    with transaction.atomic():
        wanted = {candidate.pk: readiness.lacks_of(candidate, line) for candidate in candidates}
        wanted = {pk: lacks for pk, lacks in wanted.items() if lacks}
        having = Verification.objects.filter(candidate__in=wanted, state=VerificationState.SETTLED)
        again = {task.candidate_id: task for task in having.select_for_update()}
        due = verification_due(round)
        for lacks in {tuple(words) for words in wanted.values()}:
            words = f"请补充：{'；'.join(lacks)}"
            keys = [again[pk].pk for pk, lacking in wanted.items() if tuple(lacking) == lacks and pk in again]
            if keys:
                stamps = {"kind": Verification.Kind.SUPPLEMENT, "ask_words": words, "due_on": due}
                move(
                    Verification.objects.filter(pk__in=keys),
                    "ask_again",
                    by=None,
                    opinion=words,
                    stamps=stamps,
                )
        known = set(Verification.objects.filter(candidate__in=wanted).values_list("candidate", flat=True))
        households = dict(Candidate.objects.filter(pk__in=wanted).values_list("pk", "household"))
        new = Verification.objects.bulk_create(
            [
                Verification(
                    round=round,
                    household_id=households[pk],
                    candidate_id=pk,
                    due_on=due,
                    kind=Verification.Kind.SUPPLEMENT,
                    ask_words=f"请补充：{'；'.join(lacks)}",
                )
                for pk, lacks in wanted.items()
                if pk not in known
            ]
        )
        write_first_records(new, by=by, name="ask")
        audit.record(by, "supplement_ask", round, households=len(wanted))
    return len(again) + len(new)


def entry_corrected_by(person: Actor) -> Exists:
    """Of a candidate: whether `person` put right an entry of its household in its round. He does not decide
    on it."""
    return Exists(
        FieldEntry.objects.filter(
            round=OuterRef("round"), household=OuterRef("household"), corrected_by=person.pk
        )
    )


def corrected_words(candidates: QuerySet[Candidate], *, by: Actor) -> str:
    """Which of them somebody else has to put on the list, since `by` put right an entry of theirs; "" for
    none."""
    own = candidates.filter(entry_corrected_by(by)).order_by("pk")
    names = list(own.values_list("household__head_name", flat=True))
    if not names:
        return ""
    named = "、".join(names[:NAMED]) + "等" * (len(names) > NAMED)
    return (
        f"有 {len(names)} 户（{named}）的入户排查记录由您改正过，不能由您列入建议名单，请由办公室其他人列入。"
    )


def put_on_list(candidates: QuerySet[Candidate], *, by: Actor) -> int:
    """列入建议名单: consistent or confirmed ones whose entries `by` has not put right; all or none."""
    with transaction.atomic():
        keys = list(candidates.values_list("pk", flat=True))
        if not keys:
            raise Refused("没有选中要列入的户。请先勾选。")
        moved = move(Candidate.objects.filter(pk__in=keys), "put_on_list", by=by)
        listed = Candidate.objects.filter(pk__in=keys)
        if words := corrected_words(listed, by=by):
            raise Refused(f"{words}整批没有办理，去掉这几户再列入其余的。")
        Lead.objects.filter(
            round__in=listed.values("round"), household__in=listed.values("household"), acted_at=None
        ).update(acted_at=timezone.now())
        audit.record(by, "candidate_list", households=moved)
    return moved


def remove_from_list(candidates: QuerySet[Candidate], *, by: Actor, reason: str) -> int:
    """移出建议名单, with a reason: verification may then be asked for again."""
    if not (reason := reason.strip()):
        raise Refused("请写明移出建议名单的原因。")
    keys = list(candidates.values_list("pk", flat=True))
    if not keys:
        raise Refused("没有选中要移出的户。请先勾选。")
    with transaction.atomic():
        moved = move(
            Candidate.objects.filter(pk__in=keys),
            "take_off_list",
            by=by,
            opinion=reason,
            stamps={"listed_at": None, "listed_by": None},
        )
        audit.record(by, "candidate_unlist", households=moved, reason=reason)
    return moved


def carry_over(candidates: QuerySet[Candidate], *, by: Actor, reason: str) -> int:
    """转下季度: unanswered ones, with a reason; they come back in the next round's comparison."""
    if not (reason := reason.strip()):
        raise Refused("请写明转下季度的原因。")
    with transaction.atomic():
        keys = list(candidates.values_list("pk", flat=True))
        if not keys:
            raise Refused("没有选中要转下季度的户。请先勾选。")
        tasks = Verification.objects.filter(candidate__in=keys)
        if answered := tasks.filter(state=VerificationState.ANSWERED).count():
            raise Refused(f"有 {answered} 户村里已经回复，应由乡镇确认，不能转下季度。")
        moved = move(
            Candidate.objects.filter(pk__in=keys),
            "carry_over",
            by=by,
            opinion=reason,
            stamps={"carry_reason": reason[:200]},
        )
        waiting = list(tasks.open().values_list("pk", flat=True))
        if waiting:
            move(Verification.objects.filter(pk__in=waiting), "conclude", by=None, opinion=reason)
        audit.record(by, "candidate_carry", households=moved, reason=reason)
    return moved
