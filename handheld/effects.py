"""What each kind of entry comes to: the forms of the ordinary pages read it, the same services carry it
out."""

import datetime
import uuid as uuids
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import QueryDict
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from handheld.models import Kind
from households.models import Hamlet, Household
from measures.models import Visit
from measures.visits import visits
from measures.visits.forms import VisitForm
from screening.comparison import answering, board
from screening.comparison.answer_form import AnswerForm, answer_form
from screening.field import entries as field
from screening.field import hamlets
from screening.field.forms import SignOffForm, entry_payload, faults_of
from screening.models import Candidate, FieldEntry, HamletSignOff, Round, Verification


@dataclass
class Effect:
    """What an entry has become, or `attention`: why a person has to decide. `sentence` is the answer to
    its writer."""

    LINKS = ("entry", "sign_off", "verification", "visit")

    entry: FieldEntry | None = None
    sign_off: HamletSignOff | None = None
    verification: Verification | None = None
    visit: Visit | None = None
    sentence: str = ""
    attention: str = ""

    def made(self) -> dict[str, Any]:
        return {name: thing for name in self.LINKS if (thing := getattr(self, name)) is not None}


@dataclass(frozen=True)
class Sent:
    """One entry as it is carried out: `content` as the phone made it, `fields` those of its form, `village`
    (code) where it was made, `by` its writer. `is_settling`: a person has seen what the county has already.
    `corrected_by` has put the entry right."""

    key: uuids.UUID
    content: Mapping[str, Any]
    fields: QueryDict
    village: str
    by: Actor
    is_settling: bool
    corrected_by: Actor | None


def carry_out(
    key: uuids.UUID,
    content: Mapping[str, Any],
    *,
    village: str,
    by: Actor,
    off: int = 0,
    is_settling: bool = False,
    corrected_by: Actor | None = None,
) -> Effect:
    """The effect of one entry (see `Sent`). `off`: seconds by which the phone's clock is ahead. Raises
    Refused, or what the door raises."""
    fields = fields_of(content, key, off)
    work = {
        Kind.ENTRY: _entry,
        Kind.SIGN_OFF: _sign_off,
        Kind.VERIFICATION: _verification,
        Kind.VISIT: _visit,
    }[content["kind"]]
    return work(Sent(key, content, fields, village, by, is_settling, corrected_by))


def household(content: Mapping[str, Any], village: str) -> Household | None:
    """The household that an entry is about, in the county of the phone's village."""
    key = uuid_of(content.get("household"))
    return Household.objects.filter(uuid=key, county=village[:6] + "000000").first() if key else None


def uuid_of(raw: Any) -> uuids.UUID | None:
    try:
        return uuids.UUID(str(raw))
    except ValueError:
        return None


DAYS = ("visited_on", "on")
NOBODY = uuids.UUID(int=0)  # of no row


def fields_of(content: Mapping[str, Any], key: uuids.UUID, off: int) -> QueryDict:
    """The fields of the form as a browser would send them. A day that lies ahead only because the phone's
    clock is fast becomes the day that it was."""
    given = content.get("fields")
    if not isinstance(given, Mapping):
        raise Refused("记录里没有填的内容")
    fields = QueryDict(mutable=True)
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        fields.setlist(str(name), [str(each) for each in values if isinstance(each, str | int | float)])
    fields["uuid"] = fields["key"] = str(key)
    today = timezone.localdate()
    for name in DAYS:
        day = _day(fields.get(name))
        if day and off > 0 and day > today >= day - datetime.timedelta(seconds=off + 86_400):
            fields[name] = max(
                day - datetime.timedelta(days=-(-off // 86_400)), datetime.date(2020, 1, 1)
            ).isoformat()
    return fields


def _day(raw: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(raw or "")
    except ValueError:
        return None


def round_of(content: Mapping[str, Any], village: str) -> Round:
    round = Round.objects.filter(
        uuid=uuid_of(content.get("round")) or NOBODY, county=village[:6] + "000000"
    ).first()
    if round is None:
        raise Refused("没有这个季度的排查")
    return round


# ---- 入户排查 ----
def _entry(sent: Sent) -> Effect:
    whose: dict[str, Any] = {"round": sent.content.get("round"), "village": sent.village}
    if sent.content.get("household"):
        whose["household"] = sent.content["household"]
    payload = entry_payload(sent.fields, whose)
    seen = None if sent.is_settling else str(sent.content.get("seen") or "")
    received = field.receive_entry(payload, by=sent.by, seen=seen, corrected_by=sent.corrected_by)
    return Effect(entry=received.entry, sentence=received.reply)


# ---- 本屯排查确认 ----
def _sign_off(sent: Sent) -> Effect:
    round = round_of(sent.content, sent.village)
    hamlet = Hamlet.objects.filter(pk=whole(sent.content.get("hamlet")) or 0, village=sent.village).first()
    if hamlet is None:
        raise Refused("村里没有这个屯（可能已经合并）")
    form = SignOffForm(sent.fields)
    _check(form)
    made = hamlets.sign_off_hamlet(form.payload(round, hamlet), by=sent.by)
    return Effect(sign_off=made, sentence=f"{hamlet}已确认。")


def whole(raw: Any) -> int | None:
    try:
        return int(raw)
    except (TypeError, ValueError):
        return None


def _check(form: Form) -> None:
    if not form.is_valid():
        raise Refused("；".join(faults_of(form)))


# ---- 核实 ----
def _verification(sent: Sent) -> Effect:
    task = task_of(sent.content, sent.village, Verification.objects.select_for_update(of=("self",)))
    if task is None:
        raise Refused("没有这项核实")
    if sent.by.acting is None:
        raise Refused("填报人在这个村的岗位已经结束")
    if task.household.village_id != sent.village:
        raise Refused("这一户已经不在本村")
    is_others = task.answered_by_id not in (None, sent.by.pk)
    if is_others and not sent.is_settling and _stamp(task) != sent.content.get("answered"):
        raise Refused(f"{task.answered_by}已先回复过这项核实，两份都留着")
    form = filled_answer_form(task, sent.fields)
    _check(form)
    if left := _unknown(sent.fields, form, "answer_"):
        raise Refused(f"交办的情形有变化，有 {left} 项回答对不上现在要核实的")
    answering.answer_task(
        task,
        form.answers(),
        by=sent.by,
        words=form.cleaned_data["words"],
        visited_on=form.cleaned_data["visited_on"],
        above_line_words=form.cleaned_data.get("above_line_words", ""),
        estimate=form.estimate(),
        corrected_by=sent.corrected_by,
    )
    return Effect(verification=task, sentence="核实已回复，等乡镇确认。")


def task_of(content: Mapping[str, Any], village: str, tasks: QuerySet[Verification]) -> Verification | None:
    """The one of `tasks` that an entry answers, in the county of its village."""
    own = tasks.filter(uuid=uuid_of(content.get("task")) or NOBODY, round__county=village[:6] + "000000")
    return own.select_related("round", "household", "answered_by").first()


def filled_answer_form(task: Verification, fields: QueryDict) -> AnswerForm:
    """The form of a task as it is asked now, with what the phone sent."""
    income = None
    if task.candidate_id:
        candidates = board.with_what_is_shown(Candidate.objects.filter(pk=task.candidate_id))
        income = board.candidate_rows(candidates)[0].income
    return answer_form(task, income, fields, {}, situations=answering.situations(task))


def _stamp(task: Verification) -> str:
    """When it was answered last, as the pack has it."""
    return task.answered_at.isoformat() if task.answered_at else ""


def _unknown(fields: QueryDict, form: Form, prefix: str) -> int:
    """How many answers are to questions that are no longer asked."""
    return len(
        [name for name in fields if name.startswith(prefix) and fields[name] and name not in form.fields]
    )


# ---- 走访 ----
def _visit(sent: Sent) -> Effect:
    home = household(sent.content, sent.village)
    if home is None:
        raise Refused("户册里没有这一户")
    if sent.by.acting is None:
        raise Refused("填报人在这个村的岗位已经结束")
    if home.village_id != sent.village:
        raise Refused("这一户已经不在本村")
    form = filled_visit_form(home, sent.fields, by=sent.by)
    _check(form)
    if left := _unknown(sent.fields, form, "risk-") + _unknown(sent.fields, form, "measure-"):
        raise Refused(f"这户的风险或举措有变化，有 {left} 项回答对不上现在的")
    return Effect(visit=visits.record_visit(home, by=sent.by, **form.visit_values()), sentence="走访已登记。")


def filled_visit_form(home: Household, fields: QueryDict, *, by: Actor) -> VisitForm:
    """The form of a visit as it is asked now, with what the phone sent."""
    return VisitForm(fields, {}, household=home, case=visits.open_case(home), user=by)
