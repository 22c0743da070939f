"""改正后采用: a person puts right what a phone sent, in the very form of its kind, before it takes effect.

What the phone sent is not touched; what was put right is kept beside it (PhoneCorrection).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from handheld import effects, entry_words, intake
from handheld.models import Kind, PhoneCorrection, PhoneEntry
from households.models import Household
from measures.visits.forms import PHRASES as VISIT_PHRASES
from screening.field import leads as offline
from screening.field.forms import PHRASES, HeadForm, IncomeForm, NewcomerForm, SignOffForm, people
from screening.field.sheet import Sheet
from screening.models import Verification

MOST_NAMED = 4  # places that were put right, in the answer to the writer
UNTOUCHED = ("uuid", "key", "photos")
ID_NUMBER = "new-id_number"  # goes along as it came, or not at all; who corrects is not shown it
KIN = "is_kin"  # ticked by the writer it stays: he is kept out of verifying the household


@dataclass
class Asked:
    """What a kind asks, filled in with `fields`: `template` draws it with `context`, `forms` are checked."""

    template: str
    context: dict[str, Any]
    fields: QueryDict
    forms: list[forms.Form]
    sheet: Sheet | None = None

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    def html(self) -> SafeString:
        return render_to_string(self.template, self.context)

    def filled_fields(self) -> dict[str, list[str]]:
        """The fields that are asked, as they were filled in; nothing else of a request."""
        names = {
            form.add_prefix(name) for form in self.forms for name in form.fields if name not in UNTOUCHED
        }
        names |= {ID_NUMBER, *_names_of(self.sheet)}
        return {name: self.fields.getlist(name) for name in self.fields if name in names}


def _names_of(sheet: Sheet | None):
    if sheet is None:
        return
    yield "nothing_found"
    for question in sheet.questions:
        yield question.name
        yield from (ask.name for ask in question.asks)
        for shown in question.options:
            yield from (shown.name, f"{shown.name}-bear", f"{shown.name}-words")
            yield from (ask.name for ask in shown.asks)


def ask(row: PhoneEntry, user: Actor, sent: QueryDict | None = None) -> Asked:
    """The form of a waiting entry with what the phone sent, or with what `user` has made of it. Raises
    Refused where there is nothing that could be put right."""
    writer, fields = intake.writer_of(row), entry_words.as_sent(row)
    if row.household and not Household.objects.for_user(user).filter(pk=row.household_id).exists():
        raise Refused("这一户已不在您的辖区，改正不了，只能留记录")
    if sent is not None:
        corrected = {name: values for name, values in sent.lists() if name != ID_NUMBER}
        fields = effects.fields_of({"fields": corrected | _as_they_came(fields)}, row.uuid, 0)
    build: dict[str, Callable[..., Asked]] = {
        Kind.ENTRY: _entry,
        Kind.SIGN_OFF: _sign_off,
        Kind.VERIFICATION: _verification,
        Kind.VISIT: _visit,
    }
    return build[row.kind](row, fields, writer)


def _as_they_came(fields: QueryDict) -> dict[str, list[str]]:
    """What nobody but the writer says: taken over from what the phone sent, whatever the corrected form
    has."""
    stays = {ID_NUMBER: ID_NUMBER in fields, KIN: _is_kin(fields)}
    return {name: fields.getlist(name) for name, does in stays.items() if does}


def _is_kin(fields: QueryDict) -> bool:
    """Whether the writer ticked that the household is kin."""
    return bool(HeadForm(fields)[KIN].data)


def _entry(row, fields, writer) -> Asked:
    round = effects.round_of(row.content, row.village_id)
    head, income, sheet = HeadForm(fields), IncomeForm(fields), Sheet(fields)
    asked = Asked("screening/field/_entry_sections.html", {}, fields, [head, income], sheet)
    if row.household:
        per_head, year = offline.income_of(row.household, round)
        asked.context |= {"members": people(row.household), "per_head": per_head, "income_year": year}
    elif row.content.get("household"):
        raise Refused("户册里没有这一户，改正不了，只能留记录")
    else:
        newcomer = NewcomerForm(fields, prefix="new")
        del newcomer.fields["id_number"]
        asked.forms.append(newcomer)
        asked.context["newcomer"] = newcomer
    asked.context |= {
        "household": row.household,
        "head": head,
        "income": income,
        "sheet": sheet,
        "phrases": PHRASES,
        "kin_stays": _is_kin(entry_words.as_sent(row)),
        "line": round.parameters["income.line"],
        "writer": f"{writer.name}（{writer.acting.role_label}）",
    }
    return asked


def _sign_off(_row, fields, _writer) -> Asked:
    form = SignOffForm(fields)
    return Asked("screening/field/_sign_off_fields.html", {"form": form}, fields, [form])


def _verification(row, fields, _writer) -> Asked:
    task = effects.task_of(row.content, row.village_id, Verification.objects.all())
    if task is None or task.household.village_id != row.village_id:
        raise Refused("没有这项核实，或这一户已经不在本村，改正不了，只能留记录")
    form = effects.filled_answer_form(task, fields)
    return Asked("screening/field/_answer_fields.html", {"form": form}, fields, [form])


def _visit(row, fields, writer) -> Asked:
    if row.household is None:
        raise Refused("户册里没有这一户，改正不了，只能留记录")
    form = effects.filled_visit_form(row.household, fields, by=writer)
    context = {"form": form, "phrases": VISIT_PHRASES, "entry_url": ""}
    return Asked("measures/visits/_visit_fields.html", context, fields, [form])


def adopt_corrected(row: PhoneEntry, asked: Asked, *, by: Actor, words: str) -> str:
    """Puts the corrected entry in effect in its writer's name, all or nothing. Returns what came of it.
    Raises Refused, or what the door raises."""
    words, filled = intake.checked_words(words), asked.filled_fields()
    changes = entry_words.changes(row, effects.fields_of({"fields": filled}, row.uuid, 0))
    if not changes:
        raise Refused("没有改动。要原样办理，请在下面选“按这一份办理”。")
    with transaction.atomic():
        intake.move_entry(row, "put_right", by=by, words=words)
        effect = intake.put_in_effect(row, row.content | {"fields": filled}, off=0, corrected_by=by)
        made = PhoneCorrection.objects.create(
            entry=row, fields=filled, changes=changes, words=words, by=by, acting_as=by.acting
        )
        labels = [label for label, *_ in changes]
        where = "、".join(labels[:MOST_NAMED]) + (f"等 {len(labels)} 处" if len(labels) > MOST_NAMED else "")
        intake.conclude(row, effect, f"{made.state_sentence}（{where}）：{words}。{effect.sentence}")
        audit.record(by, "phone_correct", row, fields=labels, words=words)
    return effect.sentence
