"""建议名单 and 提请审定 (Art. 7(2)2 and 3): what each candidate must have before the meeting, who is on the
list, and the director's submission of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from households import rules
from households.models import AnnualIncome
from screening.comparison.verification import due_from_today
from screening.feeds import deliveries
from screening.models import (
    AgendaItem,
    Answer,
    Candidate,
    CandidateState,
    EntryRisk,
    EntryState,
    FieldEntry,
    IncomeEstimate,
    Lead,
    MeetingState,
    Round,
    RoundState,
    Verification,
    VerificationAnswer,
    VerificationState,
)

NAMED = 3  # households named in a refusal


@dataclass
class Income:
    """What a candidate's household lives on: of the registry, else the estimate made in this round
    (收入测算)."""

    per_head: int | None = None
    source: str = ""  # "2019 年台账" or "收入测算"
    above_line: bool = False


@dataclass
class Check:
    """What stands between the list and its submission. `lacking`: candidate → what it lacks, in words."""

    open_tasks: int = 0
    unlisted: int = 0
    listed: int = 0
    lacking: dict[Candidate, list[str]] = field(default_factory=dict)
    not_delivered: list[str] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        """Lists that are not delivered are told, but stop nothing: each household then carries that line."""
        return not (self.open_tasks or self.unlisted or self.lacking)


def with_income(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """With what `income_of` reads: registry income of the latest year not after the round's, and the
    estimate."""
    registry = AnnualIncome.objects.filter(
        household=OuterRef("household"), year__lte=OuterRef("round__year")
    ).order_by("-year")
    estimate = IncomeEstimate.objects.filter(
        household=OuterRef("household"), round=OuterRef("round")
    ).order_by("-id")
    columns = ("wages", "business", "costs", "property_income", "transfers", "heads")
    return candidates.annotate(
        registry_net=Subquery(registry.values("net")[:1]),
        registry_year=Subquery(registry.values("year")[:1]),
        **{f"estimated_{name}": Subquery(estimate.values(name)[:1]) for name in columns},
    )


def income_of(candidate: Candidate, line: int) -> Income:
    """Of a candidate fetched `with_income` and its household; `line` in fen (Art. 2)."""
    if candidate.registry_net is not None and candidate.household.size:
        head = rules.per_head(candidate.registry_net, candidate.household.size)
        return Income(head, f"{candidate.registry_year} 年台账", head > line)
    if candidate.estimated_heads:
        net = rules.net_income(
            wages=candidate.estimated_wages,
            business=candidate.estimated_business,
            property_income=candidate.estimated_property_income,
            transfers=candidate.estimated_transfers,
            costs=candidate.estimated_costs,
        )
        head = rules.per_head(net, candidate.estimated_heads)
        return Income(head, "收入测算", head > line)
    return Income()


def check(round: Round) -> Check:
    """What is lacking before submission, in a constant number of statements."""
    eligible = Candidate.objects.filter(round=round).eligible()
    found = Check(
        open_tasks=Verification.objects.filter(round=round).open().count(),
        unlisted=eligible.filter(listed_at=None).count(),
        listed=eligible.exclude(listed_at=None).count(),
        not_delivered=[
            f"{line['department'].name}（{line['kind'].label}）"
            for line in deliveries.owed_lists(round)
            if line["feed"] is None
        ],
    )
    line = round.parameters["income.line"]
    for candidate in with_answers(with_income(eligible)).select_related("household__village__parent"):
        if lacks := lacks_of(candidate, line):
            found.lacking[candidate] = lacks
    return found


def with_answers(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """With whether somebody at the door, or the village at verification, said that the household can't bear
    it."""
    at_the_door = EntryRisk.objects.filter(
        entry__round=OuterRef("round"), entry__household=OuterRef("household"), answer=Answer.CANNOT_BEAR
    ).exclude(entry__state=EntryState.ATTENTION)
    verified = VerificationAnswer.objects.filter(
        verification__candidate=OuterRef("pk"), answer=Answer.CANNOT_BEAR
    )
    return candidates.annotate(has_answer=Exists(at_the_door) | Exists(verified))


def lacks_of(candidate: Candidate, line: int) -> list[str]:
    income = income_of(candidate, line)
    lacks = []
    if income.per_head is None:
        lacks.append("没有收入（台账或测算）")
    elif income.above_line and not candidate.above_line_words:
        lacks.append("高于收入参考线，没有说明")
    if not candidate.has_answer:
        lacks.append("没有“扛不扛得住”的回答")
    return lacks


def ask_for_what_lacks(candidates: Iterable[Candidate], round: Round, *, by) -> int:
    """A task for the village of each of them, with what is lacking; returns how many were asked."""
    if not (by.may("candidate.list") and by.acting.county_code == round.county_id):
        raise Refused("您当前的岗位不能交办这项核实。")
    line = round.parameters["income.line"]
    with transaction.atomic():
        wanted = {candidate.pk: lacks_of(candidate, line) for candidate in candidates}
        wanted = {pk: lacks for pk, lacks in wanted.items() if lacks}
        having = Verification.objects.filter(candidate__in=wanted, state=VerificationState.SETTLED)
        again = {task.candidate_id: task for task in having.select_for_update()}
        due = due_from_today(round)
        for lacks in {tuple(words) for words in wanted.values()}:
            words = f"请补充：{'；'.join(lacks)}"
            keys = [again[pk].pk for pk, told in wanted.items() if tuple(told) == lacks and pk in again]
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


# ---- The list ----
def entry_corrected_by(person) -> Exists:
    """Of a candidate: whether `person` put right an entry of its household in its round. He does not decide
    on it."""
    return Exists(
        FieldEntry.objects.filter(
            round=OuterRef("round"), household=OuterRef("household"), corrected_by=person.pk
        )
    )


def corrected_words(candidates: QuerySet[Candidate], *, by) -> str:
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


def put_on_list(candidates: QuerySet[Candidate], *, by) -> int:
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


def take_off_list(candidates: QuerySet[Candidate], *, by, reason: str) -> int:
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


def carry_over(candidates: QuerySet[Candidate], *, by, reason: str) -> int:
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


# ---- Submission ----
def submit_round(round: Round, *, by) -> Round:
    """提请审定 by the director. A round without anybody on its list is determined at once.

    Raises Refused with what is still lacking, or what the door raises.
    """
    with transaction.atomic():
        standing = Round.objects.select_for_update().get(pk=round.pk)
        found = check(standing)
        if not found.passes:
            raise Refused(f"还不能提请审定：{_words(found)}。")
        move(Round.objects.filter(pk=round.pk), "submit", by=by)
        audit.record(by, "round_submit", standing, households=found.listed)
        if not found.listed:
            move(
                Round.objects.filter(pk=round.pk), "determine", by=None, opinion="本季度没有列入建议名单的户"
            )
    round.refresh_from_db()
    return round


def _words(found: Check) -> str:
    parts = (
        f"{found.open_tasks} 户核实没有办完" * bool(found.open_tasks),
        f"{found.unlisted} 户一致或核实属实的没有列入建议名单" * bool(found.unlisted),
        f"{len(found.lacking)} 户资料不全" * bool(found.lacking),
    )
    return "，".join(part for part in parts if part)


def take_back(round: Round, *, by, reason: str) -> Round:
    """Takes the submission back, as long as no meeting has taken it up."""
    if not (reason := reason.strip()):
        raise Refused("请写明撤回提请的原因。")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=round.pk)
        taken = AgendaItem.objects.filter(meeting__round=round).exclude(meeting__state=MeetingState.CANCELLED)
        if taken.exists():
            raise Refused("名单已列入审定会议程，不能撤回；请先取消会议。")
        move(
            Round.objects.filter(pk=round.pk, state=RoundState.SUBMITTED), "take_back", by=by, opinion=reason
        )
        audit.record(by, "round_take_back", round, reason=reason)
    round.refresh_from_db()
    return round


def waiting_for_decision(round: Round) -> QuerySet[Candidate]:
    """Listed candidates that no signed meeting has decided yet."""
    return Candidate.objects.filter(round=round).filter(
        Q(state__in=[CandidateState.CONSISTENT, CandidateState.CONFIRMED]), listed_at__isnull=False
    )
