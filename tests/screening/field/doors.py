"""Entries as a village sends them, for tests."""

import uuid

from screening.models import Round

OPTIONS = {
    "education.out_of_school": {"why": "poverty"},
    "medical.out_of_pocket": {"scheme": "resident", "amount": "2"},
    "medical.borrowed": {"scheme": "resident"},
    "housing.damaged": {"how": "disaster"},
    "livelihood.loss": {"why": "weather"},
}


def ticked(code: str, bear: str = "cannot", **details) -> dict:
    """A box with what it must be told."""
    return {code: {"bear": bear, **OPTIONS.get(code, {}), **details}}


def payload(round: Round, home=None, *codes: str, village: str = "", **fields) -> dict:
    """An entry with `codes` ticked, all of them too much for the household; without any, nothing was
    found."""
    options = {key: value for code in codes for key, value in ticked(code).items()}
    answers = {code.split(".")[0]: "yes" for code in codes} or dict.fromkeys(
        ("education", "medical", "housing", "water", "livelihood", "other"), "no"
    )
    made = {
        "uuid": str(uuid.uuid4()),
        "round": str(round.uuid),
        "visited_on": "2020-03-11",
        "way": "visit",
        "village": village or home.village_id,
        "household": str(home.uuid) if home else None,
        "visitors": "蓝支书",
        "hamlet_head": "韦某",
        "spoken_with": "",
        "source": "cadre",
        "is_kin": False,
        "words": "",
        "income": None,
        "answers": answers,
        "options": options,
        "extras": {},
    }
    return made | fields
