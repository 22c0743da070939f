"""What a phone takes along: the village as it needs to be known at its doors, and no more.

No ID number, no phone number, no account, no income. Forms come as the pages draw them, so that a phone asks
what a page asks and the same forms read what it sends. A constant number of statements for any village.
"""

import datetime
import hashlib
import json
from typing import Any

from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone

from fangpin.common.actor import Actor
from fangpin.policy.parameters import PARAMETERS
from fangpin.policy.services import NoPolicy, in_force
from handheld.models import Phone, PhoneEntry
from households.codelists import Category
from households.models import Case, Hamlet, Household, Member
from measures.models import Visit
from measures.visits import visits
from measures.visits.forms import PHRASES, VisitForm
from screening import criteria
from screening.comparison import answering, board
from screening.comparison.answer_form import answer_form
from screening.field import entry_rows
from screening.field import pages as fieldwork
from screening.field.entry_rows import EntryRow
from screening.field.forms import PHRASES as ENTRY_PHRASES
from screening.field.forms import HeadForm, IncomeForm, NewcomerForm, SignOffForm
from screening.field.sheet import Sheet
from screening.models import (
    Candidate,
    EntryState,
    FieldEntry,
    HamletSignOff,
    Round,
    Verification,
    VerificationState,
)

STATE_DAYS = 60  # of what one has sent
KEYS = ("phone.keep_days", "phone.idle_minutes")


def build_pack(phone: Phone) -> dict[str, Any]:
    """The pack of a phone whose duty is in force; JSON."""
    user, village = phone.user, phone.duty.division
    round = fieldwork.newest_round(user)
    policy = _policy(user)
    homes = list(
        Household.objects.for_user(user)
        .current()
        .filter(village=village)
        .select_related("hamlet")
        .order_by("hamlet_id", "head_name", "pk")
    )
    forms = _forms(user, round)
    return {
        "keep_days": policy["phone.keep_days"],
        "idle_minutes": policy["phone.idle_minutes"],
        "ends_on": phone.duty.ends_on.isoformat() if phone.duty.ends_on else None,
        "person": {"uuid": str(user.uuid), "name": user.name, "role": phone.duty.role_label},
        "village": {"code": village.code, "name": village.short_name},
        "round": _round(round),
        "codes": _digest(forms),
        "forms": forms,
        "hamlets": _hamlets(village, round, user),
        "households": _households(homes, round, user),
        "tasks": _tasks(village, user),
        "cases": _cases(homes, user),
        "mine": _mine(phone),
    }


def digest(pack: dict[str, Any]) -> str:
    return _digest(pack)


def _digest(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _policy(user: Actor) -> dict[str, int]:
    try:
        policy = in_force(user.acting.division, timezone.localdate())
    except NoPolicy:
        return {key: PARAMETERS[key].default for key in KEYS}
    return {key: policy[key] for key in KEYS}


def _round(round: Round | None) -> dict | None:
    if round is None:
        return None
    return {
        "uuid": str(round.uuid),
        "label": round.period.label,
        "open": round.is_sweepable,
        "state": round.get_state_display(),
        "due": round.field_due.isoformat() if round.field_due else None,
    }


# ---- Forms ----
def _forms(user: Actor, round: Round | None) -> dict[str, str]:
    """The questionnaire, of a household that the registry has and of one that it has not, and the
    sign-off."""
    line = round.parameters["income.line"] if round else None
    writer = f"{user.name}（{user.acting.role_label}）"
    asked = {
        "head": HeadForm(initial={"visitors": user.name}),
        "income": IncomeForm(),
        "sheet": Sheet(),
        "line": line,
        "writer": writer,
        "phone": True,
        "phrases": ENTRY_PHRASES,
        "per_head": None,
    }
    return {
        "entry": _html("screening/field/_entry_sections.html", asked),
        "newcomer": _html(
            "screening/field/_entry_sections.html",
            asked | {"newcomer": NewcomerForm(prefix="new"), "phone": False},
        ),
        "signoff": _html(
            "screening/field/_sign_off_fields.html",
            {"form": SignOffForm(initial={"participants": user.name})},
        ),
    }


def _html(template: str, context: dict) -> str:
    """Without the blanks of the template."""
    return " ".join(render_to_string(template, context).split())


# ---- The village ----
def _hamlets(village, round: Round | None, user: Actor) -> list[dict]:
    signed = (
        {
            done.hamlet_id: {"on": done.on.isoformat(), "by": done.by.name}
            for done in HamletSignOff.objects.for_user(user)
            .filter(round=round, hamlet__village=village)
            .select_related("by")
        }
        if round
        else {}
    )
    hamlets = Hamlet.objects.filter(village=village).order_by("name", "pk")
    return [
        {"pk": each.pk, "name": str(each), "head": each.head_name, "signed": signed.get(each.pk)}
        for each in hamlets
    ]


def _households(homes: list[Household], round: Round | None, user: Actor) -> list[dict]:
    """Head, size, members with year of birth, and who was there last, when, what was said."""
    members: dict[int, list] = {}
    own = Member.objects.filter(household__in=homes, removed_on=None).order_by("id")
    for member in own.only("household_id", "name", "birth_date", "relation"):
        year = member.birth_date.year if member.birth_date else None
        members.setdefault(member.household_id, []).append(
            [member.pk, member.name, year, member.get_relation_display()]
        )
    last = _last(homes, round, user)
    return [
        {
            "uuid": str(home.uuid),
            "hamlet": home.hamlet_id,
            "head": home.head_name,
            "size": home.size,
            "kind": home.status_label,
            "lamp": home.lamp,
            "members": members.get(home.pk, []),
            "last": last.get(home.pk),
        }
        for home in homes
    ]


def _last(homes: list[Household], round: Round | None, user: Actor) -> dict[int, dict]:
    entries = FieldEntry.objects.for_user(user).filter(household__in=homes)
    newest = entries.order_by().values("household").annotate(newest=Max("pk")).values("newest")
    shown = entry_rows.shown(FieldEntry.objects.for_user(user).filter(pk__in=newest))
    rows = entry_rows.entry_rows(shown, user)
    return {row.entry.household_id: _last_visit(row, round) for row in rows}


def _last_visit(row: EntryRow, round: Round | None) -> dict:
    entry = row.entry
    return {
        "uuid": str(entry.uuid) if round and entry.round_id == round.pk else "",
        "on": entry.visited_on.isoformat(),
        "who": entry.visitors,
        "way": entry.get_way_display(),
        "told": row.sentence,
        "clear": entry.nothing_found,
        "waits": entry.state == EntryState.ATTENTION,
    }


# ---- 核实 ----
def _tasks(village, user: Actor) -> list[dict]:
    tasks = list(
        Verification.objects.for_user(user)
        .filter(household__village=village, round__state__in=Round.SWEEPABLE)
        .exclude(state=VerificationState.SETTLED)
        .select_related("household", "round", "candidate__previous", "answered_by")
        .prefetch_related("answers")
        .order_by("due_on", "pk")
    )
    asked = answering.situations_of(tasks)
    candidates = board.with_what_is_shown(
        Candidate.objects.filter(pk__in=[task.candidate_id for task in tasks])
    )
    incomes = {row.candidate.pk: row.income for row in board.candidate_rows(candidates)}
    subjects = criteria.subcriteria()
    return [
        {
            "uuid": str(task.uuid),
            "household": str(task.household.uuid),
            "kind": task.get_kind_display(),
            "tags": [subjects[code].tag for code in asked[task.pk]],
            "ask": task.ask_words,
            "due": task.due_on.isoformat() if task.due_on else None,
            "answered": task.answered_at.isoformat() if task.answered_at else "",
            "answered_by": task.answered_by.name if task.answered_by_id else "",
            "html": _html(
                "screening/field/_answer_fields.html",
                {"form": answer_form(task, incomes.get(task.candidate_id), situations=asked[task.pk])},
            ),
        }
        for task in tasks
    ]


# ---- 走访 ----
def _cases(homes: list[Household], user: Actor) -> list[dict]:
    by_pk = {home.pk: home for home in homes}
    cases = list(Case.objects.open().filter(household__in=homes).order_by("pk"))
    subjects = visits.visit_subjects_by_case(cases)
    newest = (
        Visit.objects.for_user(user)
        .not_withdrawn()
        .filter(household__in=homes)
        .order_by()
        .values("household")
        .annotate(newest=Max("on"))
        .values_list("household", "newest")
    )
    seen: dict[int, datetime.date] = dict(newest)
    rows = []
    for case in cases:
        home = by_pk[case.household_id]
        form = VisitForm(household=home, case=case, user=user, subjects=subjects[case.pk])
        rows.append(
            {
                "household": str(home.uuid),
                "kind": Category(case.category).label,
                "last": seen[home.pk].isoformat() if home.pk in seen else None,
                "html": _html(
                    "measures/visits/_visit_fields.html", {"form": form, "phrases": PHRASES, "entry_url": ""}
                ),
            }
        )
    return rows


def _mine(phone: Phone) -> list[dict]:
    """What became of what this person sent, for the states on the phone."""
    since = timezone.now() - datetime.timedelta(days=STATE_DAYS)
    rows = PhoneEntry.objects.filter(phone__user=phone.user_id, received_at__gt=since)
    rows = rows.select_related("entry", "correction__acting_as")
    return [{"uuid": str(row.uuid), **state_of(row)} for row in rows.order_by("-id")[:300]]


def state_of(row: PhoneEntry) -> dict[str, str]:
    """received or attention, with the answer, and the state in `words` where a person has put it right; an
    entry that waits in the list of entries waits here too."""
    if row.entry_id and row.entry.state == EntryState.ATTENTION:
        return {"state": "attention", "reply": row.entry.reply}
    if correction := getattr(row, "correction", None):
        return {"state": "received", "reply": row.reply, "words": correction.state_sentence}
    if row.entry_id:
        return {"state": "received", "reply": row.entry.reply}
    if row.state == "attention":
        return {"state": "attention", "reply": f"已收到，转给乡镇处理：{row.reason}。"}
    return {"state": "received", "reply": row.reply}
