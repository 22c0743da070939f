"""What a phone sends, for tests."""

import hashlib
import io
import json
import uuid

from PIL import Image

from handheld import intake, phones
from handheld.models import Phone

PASSWORD = "fangpin-demo-2020"


def phone_of(user) -> Phone:
    """An opened store, as its token finds it."""
    return phones.find_phone(phones.open_phone(user).token)


def door(**fields) -> dict:
    """The fields of the page of an entry: nothing found, unless told otherwise."""
    return {
        "way": "visit",
        "visited_on": "2020-03-11",
        "spoken_with": "",
        "hamlet_head": "韦某",
        "visitors": "蓝支书",
        "source": "cadre",
        "words": "",
        "nothing_found": "on",
    } | fields


def damaged(bear: str = "cannot", **fields) -> dict:
    """The same with a damaged house that the household can't bear."""
    boxes = {
        "nothing_found": "",
        "q-housing": "yes",
        "o-housing.damaged": "on",
        "o-housing.damaged-how": "disaster",
        "o-housing.damaged-bear": bear,
    }
    return door(**boxes, **fields)


def content(kind: str, fields: dict, **more) -> str:
    return json.dumps(
        {"kind": kind, "fields": fields, "made_at": "2020-03-11T10:00:00+08:00", **more}, ensure_ascii=False
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def send(phone: Phone, text: str, key: uuid.UUID | None = None, **more) -> intake.Received:
    return intake.receive_entry(str(key or uuid.uuid4()), text, digest(text), phone=phone, **more)


def picture(size=(900, 700), colour="green") -> bytes:
    stream = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(stream, "JPEG", quality=90)
    return stream.getvalue()
