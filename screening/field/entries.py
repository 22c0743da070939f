"""线下排查 (Art. 7(2)1): entries of the village taken in, hamlets signed off. An entry comes with a UUID that
its sender made: sent again it has its effect once, and whoever sends it is told the same. What cannot take
effect by itself is kept for a person, never dropped."""

import datetime
import hashlib
import json
import uuid as uuids
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangpin.accounts.models import Division, Duty
from fangpin.accounts.roles import ROLE_PERMISSIONS
from fangpin.common import audit
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move, write_first_records
from households import rules
from households.models import Hamlet, Household
from screening import criteria
from screening.criteria import questionnaire
from screening.criteria.questionnaire import CheckedAnswers, line
from screening.field import leads as offline
from screening.models import (
    Answer,
    EntryRisk,
    EntryState,
    FieldEntry,
    HamletNote,
    HamletSignOff,
    IncomeEstimate,
    Lead,
    Round,
)

MONEY = ("wages", "business", "costs", "property_income", "transfers")
AT_THE_DOOR = [role for role, permissions in ROLE_PERMISSIONS.items() if "field.enter" in permissions]


class FieldConflict(Refused):
    """The same UUID came with another content, or the hamlet is signed off already (HTTP 409). Nothing
    changed."""


@dataclass
class Received:
    """What became of an entry. `is_new` is False where it had come before; `reply` is what the sender is
    told."""

    entry: FieldEntry
    is_new: bool
    reply: str
    leads: list[Lead] = field(default_factory=list)


def digest_of(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the content, the UUID left out and keys in order."""
    content = {key: value for key, value in payload.items() if key != "uuid"}
    words = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(words.encode()).hexdigest()


# ---- Entries ----
def take_entry(payload: Mapping[str, Any], *, by, seen: str | None = None, corrected_by=None) -> Received:
    """Takes in one entry of a village, in full or not at all; sent again it changes nothing.

    `payload`: uuid, round, village (code), household (uuid) or newcomer (name, hamlet, heads, id_number,
    words), visited_on, way, spoken_with, hamlet_head, visitors, source, is_kin, words, income (MONEY in fen
    and heads, or None), and what `questionnaire.read` reads. `seen` is the uuid of the newest entry of the
    household that its writer knew of ("" for none; None where a page has just shown it): one of somebody else
    that he did not know, and that says otherwise, stands, and this one waits for a person beside it.
    `corrected_by` has put right what `by` had sent. Raises FieldConflict where the UUID came with another
    content, and Refused where the content can't be used or the village is not the sender's.
    """
    key, digest = _uuid(payload.get("uuid")), digest_of(payload)
    if (known := _known(key, digest, by=by)) is not None:
        return known
    try:
        with transaction.atomic():
            return _receive(payload, key, digest, by=by, seen=seen, corrected_by=corrected_by)
    except IntegrityError:
        if (known := _known(key, digest, by=by)) is not None:  # it came twice at once
            return known
        raise


def _known(key: uuids.UUID, digest: str, *, by) -> Received | None:
    entry = FieldEntry.objects.filter(uuid=key).first()
    if entry is None:
        return None
    if entry.digest != digest or entry.by_id != by.pk:
        raise FieldConflict("这条记录已经收到过，内容和这次的不一样。原来的没有改动；要更正，请新填一条。")
    return Received(entry, False, entry.reply, offline.leads_of(entry))


def _receive(
    payload: Mapping[str, Any], key: uuids.UUID, digest: str, *, by, seen: str | None, corrected_by
) -> Received:
    village = _village(payload, by=by)
    round = _round(payload.get("round"), village)
    household = _household(payload, village)
    members = {m.pk: m for m in household.members.filter(removed_on=None)} if household else {}
    told, income = questionnaire.read(payload, members), _income(payload.get("income"))
    head = _head(payload)
    attention, beside = _attention(round, household, village, by=by), None
    if household and seen is not None and not attention:
        beside = _unseen(round, household, told, seen, by=by)
        attention = f"{beside.by}已填过这一户，两份不一样" if beside else ""
    words = line(payload.get("words"))
    if (
        household and not attention and seen is None
    ):  # a phone knows no income: verification asks for the words
        _check_above_line(household, round, told, income, words)
    newcomer = None if household else _newcomer(payload.get("newcomer"))
    extras = told.extras | ({"income": income} if income and attention else {})
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
        nothing_found=told.nothing_found,
        answers=told.answers,
        extras=extras,
        typed_for_others=by.name not in head["visitors"],
        beside=beside,
        corrected_by=corrected_by,
        **head,
    )
    write_first_records([entry], by=by, name="take_entry")
    for risk in told.risks:
        risk.entry = entry
    EntryRisk.objects.bulk_create(told.risks)
    if income and not attention:
        IncomeEstimate.objects.create(round=round, household=household, entry=entry, by=by, **income)
    if not attention:
        _note_hamlet(entry, told)
    leads, refusal = ([], "") if attention else offline.raise_leads(entry, round)
    entry.reply = _reply(entry, leads, refusal)
    FieldEntry.objects.filter(pk=entry.pk).update(reply=entry.reply)
    audit.record(by, "entry_take", entry, state=entry.state, situations=told.situations, leads=len(leads))
    return Received(entry, True, entry.reply, leads)


def _uuid(raw: Any) -> uuids.UUID:
    try:
        return raw if isinstance(raw, uuids.UUID) else uuids.UUID(str(raw))
    except ValueError:
        raise Refused("记录的编号不对，请刷新页面后再填。") from None


def _village(payload: Mapping[str, Any], *, by) -> Division:
    """The village that the entry is of: the sender's own, or one where he has served; anybody else's is
    refused."""
    village = Division.objects.filter(code=str(payload.get("village", ""))[:12]).first()
    if village is None or not (_acts_there(by, village) or _served_there(by, village)):
        raise Refused("这个村不在您的岗位范围内，记录没有收下。请核对岗位，或交给该村的人填。")
    if not _acts_there(by, village) and _served_there(by, village, today=True):
        raise Refused("您现在用的是另一个岗位。请先切换到这个村的岗位，再填。")
    return village


def _acts_there(by, village: Division) -> bool:
    return by.may("field.enter") and by.acting.division_id == village.code


def _served_there(by, village: Division, *, today: bool = False) -> bool:
    duties = Duty.objects.in_force() if today else Duty.objects.all()
    return duties.filter(user=by.pk, role__in=AT_THE_DOOR, division=village).exists()


def _round(raw: Any, village: Division) -> Round:
    """Locked, so that nobody submits it between the look and the lead."""
    rounds = Round.objects.select_for_update(of=("self",)).filter(county=village.county_code)
    round = rounds.filter(uuid=_uuid(raw)).first()
    if round is None:
        raise Refused("没有这个季度的排查，请刷新页面后再填。")
    return round


def _household(payload: Mapping[str, Any], village: Division) -> Household | None:
    if not (raw := payload.get("household")):
        return None
    household = Household.objects.filter(county=village.county_code, uuid=_uuid(raw)).first()
    if household is None:
        raise Refused("户册里没有这一户，请刷新页面后再填。")
    return household


def _attention(round: Round, household: Household | None, village: Division, *, by) -> str:
    """Why the entry has to wait for a person; "" where it takes effect."""
    if not _acts_there(by, village):
        return "录入人在这个村的岗位已经结束"
    if not round.is_sweepable:
        return f"{round.period.label}{round.get_state_display()}，收到时已不能列入"
    if household is None:
        return "户册里没有这一户，请先补进户册"
    if household.village_id != village.code:
        return "这一户已经不在本村"
    return ""


def _unseen(round: Round, household: Household, told: CheckedAnswers, seen: str, *, by) -> FieldEntry | None:
    """Somebody else's entry of the household that the writer has not seen and that says otherwise. The round
    is locked, so of two entries at once the second finds the first."""
    own = FieldEntry.objects.filter(round=round, household=household, state=EntryState.RECEIVED)
    if seen and (known := own.filter(uuid=_uuid(seen)).first()):
        own = own.filter(pk__gt=known.pk)
    other = own.exclude(by=by.pk).select_related("by").order_by("-pk").first()
    if other is None or _says(other.answers, other.risks.all()) == _says(told.answers, told.risks):
        return None
    return other


def _says(answers: Mapping[str, str], risks) -> tuple:
    """What an entry comes to, to compare two: the questions, the boxes and whether the household can bear
    it."""
    return dict(answers), {(risk.option, risk.bear, risk.subcriterion) for risk in risks}


def _head(payload: Mapping[str, Any]) -> dict:
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


def _newcomer(given: Any) -> dict:
    """A household found at the door that the registry has not: who, where, how many."""
    given = given if isinstance(given, Mapping) else {}
    found = {name: line(given.get(name))[:60] for name in ("name", "hamlet", "heads", "id_number", "words")}
    if not found["name"]:
        raise Refused("请填户主姓名。")
    return found


def _income(given: Any) -> dict | None:
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
    household: Household, round: Round, told: CheckedAnswers, income: dict | None, words: str
) -> None:
    """Above the line (Art. 2 "mainly"): words are asked for, unless such households are left out anyway."""
    known, policy = offline.income_of(household, round), round.parameters
    figure = known[0] if known[0] is not None else per_head(income)
    if figure is None or figure <= policy["income.line"] or policy["income.gate"] == "require":
        return
    raised = [risk for risk in told.risks if risk.subcriterion and risk.answer == Answer.CANNOT_BEAR]
    if household.category and raised and not words and not all(risk.words for risk in raised):
        raise Refused("这户人均收入高于参考线，请在“说明”里写一句为什么还是扛不住。")


def per_head(income: Mapping[str, int] | None) -> int | None:
    """人均 of an estimate, fen."""
    if not income:
        return None
    return rules.per_head(rules.net_income(**{name: income[name] for name in MONEY}), income["heads"])


def _note_hamlet(entry: FieldEntry, told: CheckedAnswers) -> None:
    """全屯都这样: the first one makes the note, the others find it there."""
    if entry.household is None or entry.household.hamlet_id is None:
        return
    for code in questionnaire.is_whole_hamlet(told.extras):
        words = "；".join(
            questionnaire.option_words(r) for r in told.risks if r.option.startswith(f"{code}.")
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
        tags = "、".join(criteria.subcriteria()[lead.subcriterion].tag for lead in leads)
        return f"已收到，这户亮灯（村级上报）：{tags}。"
    if entry.nothing_found:
        return "已收到：未发现风险。"
    return "已收到，已记下，没有要亮灯的情况。"


def settle_entry(
    entry: FieldEntry, *, by, words: str, applies: bool, household: Household | None = None
) -> str:
    """A person deals with an entry that could not take effect: it `applies` to `household` (its own, unless
    named) in the round under way, or it is laid aside. Returns what came of it. Raises Refused, or what the
    door raises."""
    if not (words := words.strip()):
        raise Refused("请写明怎么处理的，例如已补进户册、已转告某村。")
    with transaction.atomic():
        home = household or entry.household
        round = _round_under_way(entry) if applies else entry.round
        stamps = {"household": home, "round": round}
        move(FieldEntry.objects.filter(pk=entry.pk), "deal_with", by=by, opinion=words, stamps=stamps)
        entry.refresh_from_db()
        told = _apply(entry, by=by) if applies else "已处理，不列入。"
        audit.record(by, "entry_settle", entry, applies=applies, words=words)
    return told


def _apply(entry: FieldEntry, *, by) -> str:
    """The effect that an entry would have had, in the round under way."""
    _check_home(entry.household, by=by)
    if income := entry.extras.get("income"):
        IncomeEstimate.objects.create(
            round=entry.round, household=entry.household, entry=entry, by=entry.by, **income
        )
    leads, refusal = offline.raise_leads(entry, entry.round)
    return f"已处理。{_reply_of_settling(leads, refusal)}"


def _round_under_way(entry: FieldEntry) -> Round:
    rounds = Round.objects.select_for_update(of=("self",)).filter(county=entry.round.county_id)
    if entry.round.is_sweepable:
        return rounds.get(pk=entry.round_id)
    round = rounds.filter(state__in=Round.SWEEPABLE).order_by("-year", "-quarter").first()
    if round is None:
        raise Refused("现在没有正在进行的季度排查，等下个季度开启后再列入，或选“不列入”。")
    return round


def _check_home(home: Household | None, *, by) -> None:
    if home is None:
        raise Refused("户册里还没有这一户。请先补进户册，再回来选定是哪一户。")
    if not Household.objects.for_user(by).filter(pk=home.pk).exists():
        raise Refused("选的户不在您的范围内。")


def _reply_of_settling(leads: list[Lead], refusal: str) -> str:
    if refusal:
        return f"不亮灯：{refusal}。"
    if not leads:
        return "记录里没有要亮灯的情况。"
    return (
        "这户亮灯（村级上报）：" + "、".join(criteria.subcriteria()[x.subcriterion].tag for x in leads) + "。"
    )


# ---- Hamlets ----
def sign_off(payload: Mapping[str, Any], *, by) -> HamletSignOff:
    """本屯排查确认: once a hamlet and round. `payload`: uuid, round, hamlet (key), on, hamlet_head,
    participants, words. Sent again it is the same; raises FieldConflict where somebody has signed the hamlet
    off otherwise."""
    key, digest = _uuid(payload.get("uuid")), digest_of(payload)
    try:
        with transaction.atomic():
            return _sign(payload, key, digest, by=by)
    except IntegrityError:
        with transaction.atomic():
            return _sign(payload, key, digest, by=by)  # it came twice at once: now it is there


def _sign(payload: Mapping[str, Any], key: uuids.UUID, digest: str, *, by) -> HamletSignOff:
    hamlet = Hamlet.objects.select_related("village").filter(pk=payload.get("hamlet")).first()
    if hamlet is None or not _acts_there(by, hamlet.village):
        raise Refused("这个屯不在您的岗位范围内。")
    round = _round(payload.get("round"), hamlet.village)
    standing = (
        HamletSignOff.objects.filter(uuid=key).first()
        or HamletSignOff.objects.filter(round=round, hamlet=hamlet).select_related("by").first()
    )
    if standing is not None:
        if standing.uuid == key and standing.digest == digest and standing.by_id == by.pk:
            return standing
        day = standing.on
        raise FieldConflict(
            f"{hamlet}本季度已由{standing.by}确认（{day.month}月{day.day}日排查），不用再确认。"
        )
    if not round.is_sweepable:
        raise Refused(f"{round.period.label}{round.get_state_display()}，不能再确认。")
    made = HamletSignOff.objects.create(
        uuid=key, digest=digest, round=round, hamlet=hamlet, by=by, **_signed(payload)
    )
    audit.record(by, "hamlet_sign_off", made, hamlet=hamlet.pk, round=round.pk)
    return made


def _signed(payload: Mapping[str, Any]) -> dict:
    try:
        on = datetime.date.fromisoformat(str(payload.get("on", "")))
    except ValueError:
        raise Refused("请填排查日期。") from None
    if on > timezone.localdate():
        raise Refused("排查日期不能晚于今天。")
    head, people = line(payload.get("hamlet_head"))[:40], line(payload.get("participants"))[:200]
    if not head:
        raise Refused("请填一起排查的屯（组）长。")
    if not people:
        raise Refused("请填参加人。")
    return {"on": on, "hamlet_head": head, "participants": people, "words": line(payload.get("words"))}
