"""The agenda of a 审定会: which households it takes up, and which of them the members will want to talk
about."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from fangpin.common import audit, database
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.models import Case
from screening.meetings.members import propose_recusals
from screening.meetings.planning import OPEN, chosen_items, locked
from screening.models import (
    AgendaItem,
    Answer,
    Candidate,
    CandidateState,
    DepartmentInquiry,
    Meeting,
    MeetingState,
    Round,
    VerificationAnswer,
)
from screening.models.candidates import CandidateQuerySet


def available(meeting: Meeting) -> QuerySet[Candidate]:
    """Listed candidates of the round that no meeting has decided and no other open meeting has taken up."""
    return _free(meeting).listed()


def available_again(meeting: Meeting) -> QuerySet[Candidate]:
    """Those that a signed meeting has decided and this one may decide anew: not where the household has gone
    on into a later round."""
    later = Candidate.objects.filter(household=OuterRef("household"), pk__gt=OuterRef("pk")).exclude(
        state=CandidateState.WITHDRAWN
    )
    own_case = Case.objects.filter(agenda_item__candidate=OuterRef("pk")).open()
    return (
        _free(meeting)
        .filter(state__in=Candidate.DECIDED)
        .filter(~Exists(later), ~Q(state=CandidateState.APPROVED) | Exists(own_case))
    )


def _free(meeting: Meeting) -> CandidateQuerySet:
    taken = AgendaItem.objects.filter(meeting__round=meeting.round_id, meeting__state__in=OPEN)
    return Candidate.objects.filter(round=meeting.round_id).exclude(pk__in=taken.values("candidate"))


def fill_agenda(meeting: Meeting, *, by: Actor, candidates: QuerySet[Candidate] | None = None) -> int:
    """Takes the whole proposed list up, or the chosen `candidates`, also ones decided before; in one
    statement. Returns how many. Raises Refused where a chosen one is not to be had."""
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(meetings=meeting.pk)  # two meetings fill one by one
        current = locked(meeting.pk, by=by)
        chosen = available(current)
        if candidates is not None:
            wanted = list(candidates.values_list("pk", flat=True))
            either = Q(pk__in=available(current).values("pk")) | Q(
                pk__in=available_again(current).values("pk")
            )
            chosen = Candidate.objects.filter(either, pk__in=wanted)
            if missing := len(wanted) - chosen.count():
                raise Refused(f"有 {missing} 户不在建议名单上，或已在别的审定会议程上，整批没有列入。")
        sql, params = chosen.order_by("household__village_id", "pk").values("id").query.sql_with_params()
        added = database.run(
            f"INSERT INTO screening_agendaitem (meeting_id, candidate_id) SELECT %s, c.id FROM ({sql}) c",
            [current.pk, *params],
        )
        mark_contested(current)
        propose_recusals(current)
        audit.record(by, "meeting_agenda", current, households=added)
    return added


def remove_from_agenda(items: QuerySet[AgendaItem], *, by: Actor) -> int:
    """Leaves households for another meeting."""
    with transaction.atomic():
        current, chosen = chosen_items(items, by=by)
        households = chosen.count()
        chosen.delete()
        audit.record(by, "meeting_agenda", current, taken_off=households)
    return households


# ---- Contested ----
# Why the members will want to talk about a household: flag → sentence. `with_contest` sets the flags.
CONTEST = {
    "is_above": "收入高于参考线",
    "is_mixed": "村里对部分情形答“能解决”“不属实”或“查不清”",
    "is_unknown_to_department": "部门答没有记录",
    "was_decided": "以前的审定会审定过或暂缓",
}


def with_contest(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    answers = VerificationAnswer.objects.filter(
        verification__candidate=OuterRef("candidate"),
        answer__in=[Answer.COPES, Answer.UNTRUE, Answer.UNCLEAR],
    )
    unknown = DepartmentInquiry.objects.filter(
        candidate=OuterRef("candidate"), reply=DepartmentInquiry.Reply.NONE
    )
    earlier = AgendaItem.objects.filter(
        candidate__household=OuterRef("candidate__household"), meeting__state=MeetingState.SIGNED
    ).exclude(meeting=OuterRef("meeting"))
    return items.annotate(
        is_above=~Q(candidate__above_line_words=""),
        is_mixed=Exists(answers),
        is_unknown_to_department=Exists(unknown),
        was_decided=Exists(earlier),
    )


def contest_sentences(item: AgendaItem) -> list[str]:
    """Of an item fetched `with_contest`; none of another one."""
    return [words for flag, words in CONTEST.items() if getattr(item, flag, False)]


def mark_contested(meeting: Meeting) -> None:
    """Flags what the members will want to talk about; a flag set by hand stays."""
    any_flag = Q(is_above=True) | Q(is_mixed=True) | Q(is_unknown_to_department=True) | Q(was_decided=True)
    contested = with_contest(AgendaItem.objects.filter(meeting=meeting, decision="")).filter(any_flag)
    AgendaItem.objects.filter(pk__in=list(contested.values_list("pk", flat=True))).update(contested=True)


def set_contested(items: QuerySet[AgendaItem], contested: bool, *, by: Actor) -> int:
    with transaction.atomic():
        current, chosen = chosen_items(items, by=by)
        marked = chosen.update(contested=contested)
        audit.record(by, "meeting_contested", current, households=marked, contested=contested)
    return marked
