"""线下排查 (Art. 7(2)1): entries of the village. An entry comes with a UUID that its sender made: sent again
it has its effect once, and the sender gets the same reply. What cannot take effect by itself is kept for a
person, never dropped."""

import datetime
import uuid as uuids
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import write_first_records
from households import rules
from households.models import Household
from screening.criteria import questionnaire
from screening.criteria.questionnaire import CheckedAnswers, line
from screening.field import leads as offline
from screening.field.leads import tags_of
from screening.field.receiving import FieldConflict, acts_in, digest_of, locked_round, uuid_of, village_of
from screening.models import (
    Answer,
    EntryRisk,
    EntryState,
    FieldEntry,
    HamletNote,
    IncomeEstimate,
    Lead,
    Round,
)

MONEY = ("wages", "business", "costs", "property_income", "transfers")


@dataclass
class Received:
    """What became of an entry. `is_new` is False where it had come before; `reply` is what the sender
    gets to read."""

    entry: FieldEntry
    is_new: bool
    reply: str
    leads: list[Lead] = field(default_factory=list)


def receive_entry(
    payload: Mapping[str, Any], *, by: Actor, seen: str | None = None, corrected_by: Actor | None = None
) -> Received:
    """Takes in one entry of a village, in full or not at all; sent again it changes nothing.

    `payload`: uuid, round, village (code), household (uuid) or newcomer (name, hamlet, heads, id_number,
    words), visited_on, way, spoken_with, hamlet_head, visitors, source, is_kin, words, income (MONEY in fen
    and heads, or None), and what `questionnaire.read` reads. `seen` is the uuid of the newest entry of the
    household that its writer knew of ("" for none; None where a page has just shown it): one of somebody else
    that he did not know, and that says otherwise, counts, and this one waits for a person beside it.
    `corrected_by` has put right what `by` had sent. Raises FieldConflict where the UUID came with another
    content, and Refused where the content can't be used or the village is not the sender's.
    """
    key, digest = uuid_of(payload.get("uuid")), digest_of(payload)
    if (known := _known(key, digest, by=by)) is not None:
        return known
    try:
        with transaction.atomic():
            return _write_entry(payload, key, digest, by=by, seen=seen, corrected_by=corrected_by)
    except IntegrityError:
        if (known := _known(key, digest, by=by)) is not None:  # it came twice at once
            return known
        raise


def _known(key: uuids.UUID, digest: str, *, by: Actor) -> Received | None:
    entry = FieldEntry.objects.filter(uuid=key).first()
    if entry is None:
        return None
    if entry.digest != digest or entry.by_id != by.pk:
        raise FieldConflict("这条记录已经收到过，内容和这次的不一样。原来的没有改动；要更正，请新填一条。")
    return Received(entry, False, entry.reply, offline.leads_of(entry))


def _write_entry(
    payload: Mapping[str, Any],
    key: uuids.UUID,
    digest: str,
    *,
    by: Actor,
    seen: str | None,
    corrected_by: Actor | None,
) -> Received:
    village = village_of(payload, by=by)
    round = locked_round(payload.get("round"), village)
    household = _household(payload, village)
    members = {m.pk: m for m in household.members.filter(removed_on=None)} if household else {}
    filled, income = questionnaire.read(payload, members), _income(payload.get("income"))
    head = _head(payload)
    attention, beside = _attention(round, household, village, by=by), None
    if household and seen is not None and not attention:
        beside = _unseen(round, household, filled, seen, by=by)
        attention = f"{beside.by}已填过这一户，两份不一样" if beside else ""
    words = line(payload.get("words"))
    # A phone knows no income: of its entries verification asks for the words.
    if household and not attention and seen is None:
        _check_above_line(household, round, filled, income, words)
    newcomer = None if household else _newcomer(payload.get("newcomer"))
    extras = filled.extras | ({"income": income} if income and attention else {})
    entry = FieldEntry.objects.create(
        uuid=key,
        digest=digest,
        round=round,
        village=village,
        household=household,
        newcomer=newcomer,
        by=by,
        state=EntryState.ATTENTION if attention else EntryState.RECEIVED,
        attention=attention,
        words=words,
        nothing_found=filled.nothing_found,
        answers=filled.answers,
        extras=extras,
        typed_for_others=by.name not in head["visitors"],
        beside=beside,
        corrected_by=corrected_by,
        **head,
    )
    write_first_records([entry], by=by, name="take_entry")
    for risk in filled.risks:
        risk.entry = entry
    EntryRisk.objects.bulk_create(filled.risks)
    if household and income and not attention:
        IncomeEstimate.objects.create(round=round, household=household, entry=entry, by=by, **income)
    if not attention:
        _note_hamlet(entry, filled)
    leads, refusal = ([], "") if attention else offline.raise_leads(entry, round)
    entry.reply = _reply(entry, leads, refusal)
    FieldEntry.objects.filter(pk=entry.pk).update(reply=entry.reply)
    audit.record(by, "entry_take", entry, state=entry.state, situations=filled.situations, leads=len(leads))
    return Received(entry, True, entry.reply, leads)


def _household(payload: Mapping[str, Any], village: Division) -> Household | None:
    if not (raw := payload.get("household")):
        return None
    household = Household.objects.filter(county=village.county_code, uuid=uuid_of(raw)).first()
    if household is None:
        raise Refused("户册里没有这一户，请刷新页面后再填。")
    return household


def _attention(round: Round, household: Household | None, village: Division, *, by: Actor) -> str:
    """Why the entry has to wait for a person; "" where it takes effect."""
    if not acts_in(by, village):
        return "录入人在这个村的岗位已经结束"
    if not round.is_sweepable:
        return f"{round.period.label}{round.get_state_display()}，收到时已不能列入"
    if household is None:
        return "户册里没有这一户，请先补进户册"
    if household.village_id != village.code:
        return "这一户已经不在本村"
    return ""


def _unseen(
    round: Round, household: Household, filled: CheckedAnswers, seen: str, *, by: Actor
) -> FieldEntry | None:
    """Somebody else's entry of the household that the writer has not seen and that says otherwise. The round
    is locked, so of two entries at once the second sees the first."""
    own = FieldEntry.objects.filter(round=round, household=household, state=EntryState.RECEIVED)
    if seen and (known := own.filter(uuid=uuid_of(seen)).first()):
        own = own.filter(pk__gt=known.pk)
    other = own.exclude(by=by.pk).select_related("by").order_by("-pk").first()
    if other is None or _compared(other.answers, other.risks.all()) == _compared(
        filled.answers, filled.risks
    ):
        return None
    return other


def _compared(answers: Mapping[str, str], risks: Iterable[EntryRisk]) -> tuple[Any, ...]:
    """What decides whether two entries say the same: the questions, the boxes and whether the household can
    bear it."""
    return dict(answers), {(risk.option, risk.bear, risk.subcriterion) for risk in risks}


def _head(payload: Mapping[str, Any]) -> dict[str, Any]:
    """When, how, who was there, where it comes from."""
    try:
        visited_on = datetime.date.fromisoformat(str(payload.get("visited_on", "")))
    except ValueError:
        raise Refused("请填排查日期。") from None
    if visited_on > timezone.localdate():
        raise Refused("排查日期不能晚于今天。")
    for name, choices, words in (
        ("way", FieldEntry.Way, "请选是入户、打电话、视频，还是问邻居、亲属。"),
        ("source", FieldEntry.Source, "请选是干部发现的，还是农户自己提出的。"),
    ):
        if payload.get(name) not in choices.values:
            raise Refused(words)
    if not (visitors := line(payload.get("visitors"))[:120]):
        raise Refused("请填入户人。")
    return {
        "visited_on": visited_on,
        "way": payload["way"],
        "source": payload["source"],
        "visitors": visitors,
        "spoken_with": line(payload.get("spoken_with"))[:60],
        "hamlet_head": line(payload.get("hamlet_head"))[:40],
        "is_kin": bool(payload.get("is_kin")),
    }


def _newcomer(given: Any) -> dict[str, Any]:
    """A household met at the door that the registry has not: who, where, how many."""
    given = given if isinstance(given, Mapping) else {}
    newcomer = {
        name: line(given.get(name))[:60] for name in ("name", "hamlet", "heads", "id_number", "words")
    }
    if not newcomer["name"]:
        raise Refused("请填户主姓名。")
    return newcomer


def _income(given: Any) -> dict[str, Any] | None:
    """收入测算, fen a year; None where nobody asked."""
    if not given:
        return None
    try:
        sums = {name: int(given.get(name) or 0) for name in MONEY}
        heads = int(given.get("heads") or 0)
    except (TypeError, ValueError):
        raise Refused("收入测算请填数字。") from None
    if not 1 <= heads <= 30 or any(not 0 <= value <= 10**11 for value in sums.values()):
        raise Refused("收入测算：金额和一起生活的人口请核对，人口至少 1 人。")
    return {**sums, "heads": heads}


def _check_above_line(
    household: Household, round: Round, filled: CheckedAnswers, income: dict[str, Any] | None, words: str
) -> None:
    """Above the line (Art. 2 "mainly"): words are asked for, unless such households are left out anyway."""
    known, policy = offline.income_of(household, round), round.parameters
    figure = known[0] if known[0] is not None else per_head(income)
    if figure is None or figure <= policy["income.line"] or policy["income.gate"] == "require":
        return
    raised = [risk for risk in filled.risks if risk.subcriterion and risk.answer == Answer.CANNOT_BEAR]
    if household.category and raised and not words and not all(risk.words for risk in raised):
        raise Refused("这户人均收入高于参考线，请在“说明”里写一句为什么还是扛不住。")


def per_head(income: Mapping[str, int] | None) -> int | None:
    """人均 of an estimate, fen."""
    if not income:
        return None
    return rules.per_head(rules.net_income(**{name: income[name] for name in MONEY}), income["heads"])


def _note_hamlet(entry: FieldEntry, filled: CheckedAnswers) -> None:
    """全屯都这样: the first entry makes the note of its hamlet, later ones leave it."""
    if entry.household is None or entry.household.hamlet_id is None:
        return
    for code in questionnaire.is_whole_hamlet(filled.extras):
        words = "；".join(
            questionnaire.option_words(r) for r in filled.risks if r.option.startswith(f"{code}.")
        )
        HamletNote.objects.get_or_create(
            round=entry.round,
            hamlet_id=entry.household.hamlet_id,
            criterion=code,
            defaults={"entry": entry, "words": words[:300]},
        )


def _reply(entry: FieldEntry, leads: list[Lead], refusal: str) -> str:
    if entry.attention:
        return f"已收到，转给乡镇处理：{entry.attention}。"
    if refusal:
        return f"已收到，已记下，不亮灯：{refusal}。"
    if leads:
        return f"已收到，这户亮灯（村级上报）：{tags_of(leads)}。"
    if entry.nothing_found:
        return "已收到：未发现风险。"
    return "已收到，已记下，没有要亮灯的情况。"
