"""What came from phones that had been without a network: a second entry of a household that somebody else had
entered meanwhile, an answer to a verification that was answered already, an entry whose day can't be
right."""

import datetime
import hashlib
import json
import random
import uuid
from collections.abc import Mapping

from django.utils import timezone

from fangpin.accounts.models import User
from handheld import intake, phones
from handheld.models import Phone
from screening.comparison import answering
from screening.models import FieldEntry, Round, Verification, VerificationState


def play(round: Round, users: Mapping[str, User], rng: random.Random, *, on: datetime.date) -> None:
    """Sent by the work team of the first village, after its cadre's own entries and answers."""
    team = users["workteam"]
    phone = phones.open_phone(team).phone
    village = team.acting.division_id
    first = FieldEntry.objects.filter(
        round=round, village=village, nothing_found=False, household__isnull=False
    ).order_by("-pk")[0]
    seen = {"round": str(round.uuid), "household": str(first.household.uuid), "seen": ""}
    _send(phone, rng, "entry", _nothing(team, on, first.household.head_name), **seen)
    verifications = Verification.objects.filter(
        round=round, household__village=village, state=VerificationState.ANSWERED
    )
    for task in verifications.order_by("pk")[:1]:
        fields = {f"answer_{code}": "copes" for code in answering.situations(task)}
        words = {"words": "家里说女儿寄了钱回来，先对付得过去", "visited_on": on.isoformat()}
        _send(
            phone,
            rng,
            "verification",
            fields | words,
            task=str(task.uuid),
            household=str(task.household.uuid),
            answered="",
        )
    homes = type(first.household).objects.filter(village=village, closed_on=None, entries=None).order_by("pk")
    for home in homes[:1]:
        late = _nothing(team, on + datetime.timedelta(days=40), home.head_name)
        _send(phone, rng, "entry", late, round=str(round.uuid), household=str(home.uuid), seen="")


def _nothing(by: User, on: datetime.date, spoken_with: str) -> dict[str, str]:
    return {
        "way": "visit",
        "visited_on": on.isoformat(),
        "spoken_with": spoken_with,
        "hamlet_head": "",
        "visitors": by.name,
        "source": "cadre",
        "words": "到家里看过，没有说有难处",
        "nothing_found": "on",
    }


def _send(phone: Phone, rng: random.Random, kind: str, fields: dict, **more) -> None:
    at = timezone.localtime(timezone.now() - datetime.timedelta(hours=6)).isoformat(timespec="seconds")
    made = {"kind": kind, "fields": fields, "village": phone.duty.division_id, "made_at": at, **more}
    words = json.dumps(made, ensure_ascii=False)
    key = uuid.UUID(int=rng.getrandbits(128), version=4)
    intake.receive_entry(str(key), words, hashlib.sha256(words.encode()).hexdigest(), phone=phone)
