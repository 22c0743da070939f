"""A waiting entry in words, beside what stands against it: both values, for the person who settles."""

from dataclasses import dataclass, field

from django.utils import timezone

from handheld import effects
from handheld.models import Kind, PhoneEntry
from households.models import Hamlet
from measures import visits
from measures.visit_forms import VisitForm
from screening import criteria, verification
from screening.candidate_forms import AnswerForm
from screening.field_forms import HeadForm, IncomeForm, NewcomerForm, Sheet, SignOffForm
from screening.models import Answer, HamletSignOff, Round, Verification

YES = {"on": "是", "True": "是", "true": "是"}


@dataclass
class Told:
    """Lines (label, value) of what was sent; `standing` those of what is there already, with its `heading`."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    heading: str = ""
    standing: list[tuple[str, str]] = field(default_factory=list)


def tell(row: PhoneEntry, user) -> Told:
    """What `row` says; nothing where its content is no longer kept."""
    if not row.content:
        return Told()
    content = row.content
    try:
        fields = effects.fields_of(content, row.uuid, row.clock_off)
    except effects.Refused:
        return Told()
    told = {
        Kind.ENTRY: _entry, Kind.SIGN_OFF: _sign_off, Kind.VERIFICATION: _verification, Kind.VISIT: _visit,
    }[row.kind](row, content, fields, user)  # fmt: skip
    shown = {name for name, _ in told.lines}
    told.lines = [(label, value) for label, value in told.lines if value]
    if not told.lines and not shown:
        told.lines = [("填的内容", "没有")]
    return told


def _of_form(form, fields, skip: tuple[str, ...] = ("uuid", "key", "photos")) -> list[tuple[str, str]]:
    """Label and value of each field that was filled in, choices in their words."""
    found = []
    for name, each in form.fields.items():
        raw = fields.get(form.add_prefix(name), "")
        if name in skip or not raw:
            continue
        choices = dict(getattr(each, "choices", []) or [])
        found.append((str(each.label), str(choices.get(raw, YES.get(raw, raw)))))
    return found


def _entry(row, content, fields, user) -> Told:
    told = Told()
    if not content.get("household"):
        told.lines += _of_form(NewcomerForm(prefix="new"), fields, ("id_number",))
    told.lines += _of_form(HeadForm(), fields)
    sheet = Sheet(fields)
    if fields.get("nothing_found"):
        told.lines.append(("六个方面", "以上都没有（未发现风险）"))
    for question in sheet.questions:
        words = sheet.answers.get(question.given, "")
        for shown in question.options:
            if shown.ticked:
                words += f"；{shown.option.words}，{dict(sheet.bears).get(shown.bear, '没有选扛不扛得住')}"
                words += "".join(f"，{_asked(ask)}" for ask in shown.asks if ask.value)
                words += f"，{shown.words}" if shown.words else ""
        told.lines.append((f"{question.number} {question.title}", words))
    known = {shown.name for question in sheet.questions for shown in question.options}
    if gone := [
        name for name in fields if name.startswith("o-") and name.count("-") == 1 and name not in known
    ]:
        told.lines.append(("已不在问卷里的项", f"{len(gone)} 项"))
    told.lines += _of_form(IncomeForm(), fields)
    return told


def _asked(ask) -> str:
    choice = next((each.label for each in ask.ask.choices if each.code == ask.value), "")
    return f"{ask.ask.label}：{choice or YES.get(ask.value, ask.value)}"


def _sign_off(row, content, fields, user) -> Told:
    told = Told(lines=_of_form(SignOffForm(), fields))
    hamlet = Hamlet.objects.filter(pk=effects.whole(content.get("hamlet")), village=row.village_id).first()
    told.lines.insert(0, ("屯", str(hamlet) if hamlet else "已不在册"))
    round = Round.objects.for_user(user).filter(uuid=effects.uuid_of(content.get("round"))).first()
    done = (
        HamletSignOff.objects.for_user(user).filter(round=round, hamlet=hamlet).select_related("by").first()
    )
    if done:
        told.heading = f"已收到的确认：{done.by}"
        told.standing = [
            ("哪天排查的", done.on.isoformat()), ("一起排查的屯（组）长", done.hamlet_head), ("参加人", done.participants),
            ("说明", done.words),
        ]  # fmt: skip
    return told


def _verification(row, content, fields, user) -> Told:
    subjects = criteria.subcriteria()
    codes = [name.removeprefix("answer_") for name in fields if name.startswith("answer_")]
    form = AnswerForm(
        situations=[code for code in codes if code in subjects], needs_income=True, needs_line_words=True
    )
    told = Told(lines=_of_form(form, fields))
    task = (
        Verification.objects.for_user(user).filter(uuid=effects.uuid_of(content.get("task")))
        .select_related("answered_by").prefetch_related("answers").first()
    )  # fmt: skip
    if task and task.answered_at:
        when = timezone.localtime(task.answered_at)
        told.heading = f"已收到的回复：{task.answered_by} {when:%Y-%m-%d %H:%M}"
        told.standing = [
            (
                subjects[given.subcriterion].label,
                Answer(given.answer).label + (f"，{given.words}" if given.words else ""),
            )
            for given in task.answers.all()
        ] + [("看到了什么、家里怎么说", task.words)]
    elif task:
        tags = "、".join(subjects[code].tag for code in verification.situations(task))
        told.heading, told.standing = "现在要核实的情形", [("情形", tags or "没有")]
    return told


def _visit(row, content, fields, user) -> Told:
    if row.household is None:
        return Told(lines=[(name, value) for name, value in fields.items() if name in ("words", "wishes")])
    case = visits.open_case(row.household)
    form = VisitForm(household=row.household, case=case, user=user)
    told = Told(lines=_of_form(form, fields))
    told.heading = "这户现在的风险和举措"
    told.standing = [("风险", "、".join(risk.subject.tag for risk in form.risks) or "没有")]
    told.standing.append(("举措", "、".join(measure.type.name for measure in form.measures) or "没有"))
    return told
