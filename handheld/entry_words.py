"""A waiting entry in words, beside what was received before it: both values, for the person who settles."""

from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils import timezone

from fangpin.common.actor import Actor
from handheld import effects
from handheld.models import Kind, PhoneEntry
from households.models import Hamlet
from measures.visits import visits
from measures.visits.forms import VisitForm
from screening import criteria
from screening.comparison import answering
from screening.comparison.answer_form import AnswerForm
from screening.field.forms import HeadForm, IncomeForm, NewcomerForm, SignOffForm
from screening.field.sheet import Sheet
from screening.models import Answer, HamletSignOff, Round, Verification

YES = {"on": "是", "True": "是", "true": "是"}
# Words beside an answer: they are named with it.
BESIDE = ("words_", "riskwords-", "measurewords-")

Named = dict[str, tuple[str, str]]  # name of a field → label, value in words


Lines = list[tuple[str, str]]  # label, value in words


@dataclass(frozen=True)
class EntryWords:
    """What was sent (`lines`), and under `heading` what the county has of the same thing already."""

    lines: Lines = field(default_factory=list)
    heading: str = ""
    current: Lines = field(default_factory=list)


def entry_words(row: PhoneEntry, user: Actor) -> EntryWords:
    """What `row` says; nothing where its content is no longer kept."""
    if not row.content:
        return EntryWords()
    try:
        fields = as_sent(row)
    except effects.Refused:
        return EntryWords()
    heading, current = {
        Kind.ENTRY: _beside_entry,
        Kind.SIGN_OFF: _beside_sign_off,
        Kind.VERIFICATION: _beside_answer,
        Kind.VISIT: _beside_visit,
    }[row.kind](row, user)
    lines = [(label, value) for label, value in named(row, fields).values() if value]
    return EntryWords(lines or [("填的内容", "没有")], heading, current)


def as_sent(row: PhoneEntry) -> QueryDict:
    """The fields that the phone sent, days put right by its clock. Raises Refused where there are none."""
    return effects.fields_of(row.content, row.uuid, row.clock_off)


def changes(row: PhoneEntry, corrected: QueryDict) -> list[list[str]]:
    """Label, as sent, as put right, of everything that differs."""
    before, after = named(row, as_sent(row)), named(row, corrected)
    changes = []
    for name in {**before, **after}:
        label = (after.get(name) or before[name])[0]
        old, new = (side.get(name, ("", ""))[1] for side in (before, after))
        if old != new:
            changes.append([label, old or "没有填", new or "没有填"])
    return changes


# ---- What was filled in ----
def named(row: PhoneEntry, fields: QueryDict) -> Named:
    """Each field of the entry's kind in words, as `fields` have it."""
    return {
        Kind.ENTRY: _entry,
        Kind.SIGN_OFF: _sign_off,
        Kind.VERIFICATION: _verification,
        Kind.VISIT: _visit,
    }[row.kind](row, fields)


def _of_form(form, fields, skip: tuple[str, ...] = ("uuid", "key", "photos")) -> Named:
    """Each field that was filled in, choices in their words."""
    values: Named = {}
    beside = ""
    for name, each in form.fields.items():
        is_beside = name.startswith(BESIDE)
        label = f"{beside}：{each.label}" if is_beside else str(each.label)
        beside = beside if is_beside else label
        raw = fields.get(form.add_prefix(name), "").replace("\r\n", "\n").strip()
        if name in skip or not raw:
            continue
        choices = dict(getattr(each, "choices", []) or [])
        values[form.add_prefix(name)] = (label, str(choices.get(raw, YES.get(raw, raw))))
    return values


def _entry(row, fields) -> Named:
    values: Named = {}
    if not row.content.get("household"):
        values |= _of_form(NewcomerForm(prefix="new"), fields, ("id_number",))
    values |= _of_form(HeadForm(), fields)
    sheet = Sheet(fields)
    if fields.get("nothing_found"):
        values["nothing_found"] = ("六个方面", "以上都没有（未发现风险）")
    for question in sheet.questions:
        words = sheet.answers.get(question.given, "")
        for shown in question.options:
            if shown.ticked:
                words += f"；{shown.option.words}，{dict(sheet.bears).get(shown.bear, '没有选扛不扛得住')}"
                words += "".join(f"，{_asked(ask)}" for ask in shown.asks if ask.value)
                words += f"，{shown.words}" if shown.words else ""
        words += "".join(f"；{_asked(ask)}" for ask in question.asks if ask.value)
        values[question.name] = (f"{question.number} {question.title}", words)
    known = {shown.name for question in sheet.questions for shown in question.options}
    if gone := [
        name for name in fields if name.startswith("o-") and name.count("-") == 1 and name not in known
    ]:
        values["gone"] = ("已不在问卷里的项", f"{len(gone)} 项")
    return values | _of_form(IncomeForm(), fields)


def _asked(ask) -> str:
    choice = next((each.label for each in ask.ask.choices if each.code == ask.value), "")
    return f"{ask.ask.label}：{choice or YES.get(ask.value, ask.value)}"


def _sign_off(row, fields) -> Named:
    hamlet = _hamlet(row)
    return {"hamlet": ("屯", str(hamlet) if hamlet else "已不在册")} | _of_form(SignOffForm(), fields)


def _hamlet(row) -> Hamlet | None:
    return Hamlet.objects.filter(pk=effects.whole(row.content.get("hamlet")), village=row.village_id).first()


def _verification(_row, fields) -> Named:
    subjects = criteria.subcriteria()
    codes = [name.removeprefix("answer_") for name in fields if name.startswith("answer_")]
    form = AnswerForm(
        situations=[code for code in codes if code in subjects], needs_income=True, needs_line_words=True
    )
    return _of_form(form, fields)


def _visit(row, fields) -> Named:
    if row.household is None:
        return {name: (name, value) for name, value in fields.items() if name in ("words", "wishes")}
    form = VisitForm(household=row.household, case=visits.open_case(row.household), user=row.by)
    values = _of_form(form, fields)
    if gone := [
        name for name in fields if name.startswith(("risk-", "measure-")) and name not in form.fields
    ]:
        values["gone"] = ("现在已不问的风险、举措", f"{len(gone)} 项")
    return values


# ---- What the county has already ----
def _beside_entry(_row, _user) -> tuple[str, Lines]:
    return "", []


def _beside_sign_off(row, user: Actor) -> tuple[str, Lines]:
    round = Round.objects.for_user(user).filter(uuid=effects.uuid_of(row.content.get("round"))).first()
    signed = HamletSignOff.objects.for_user(user).filter(round=round, hamlet=_hamlet(row))
    if (done := signed.select_related("by").first()) is None:
        return "", []
    return f"已收到的确认：{done.by}", [
        ("哪天排查的", done.on.isoformat()),
        ("一起排查的屯（组）长", done.hamlet_head),
        ("参加人", done.participants),
        ("说明", done.words),
    ]


def _beside_answer(row, user: Actor) -> tuple[str, Lines]:
    tasks = Verification.objects.for_user(user).filter(uuid=effects.uuid_of(row.content.get("task")))
    task = tasks.select_related("answered_by").prefetch_related("answers").first()
    subjects = criteria.subcriteria()
    if task is None:
        return "", []
    if task.answered_at is None:
        tags = "、".join(subjects[code].tag for code in answering.situations(task))
        return "现在要核实的情形", [("情形", tags or "没有")]
    when = timezone.localtime(task.answered_at)
    answers = [
        (
            subjects[given.subcriterion].label,
            Answer(given.answer).label + (f"，{given.words}" if given.words else ""),
        )
        for given in task.answers.all()
    ]
    heading = f"已收到的回复：{task.answered_by} {when:%Y-%m-%d %H:%M}"
    return heading, [*answers, ("看到了什么、家里怎么说", task.words)]


def _beside_visit(row, _user) -> tuple[str, Lines]:
    if row.household is None:
        return "", []
    risks, measures = visits.visit_subjects(visits.open_case(row.household))
    subjects = criteria.subcriteria()
    return "这户现在的风险和举措", [
        ("风险", "、".join(subjects[risk.subcriterion].tag for risk in risks) or "没有"),
        ("举措", "、".join(measure.type.name for measure in measures) or "没有"),
    ]
