"""What village cadres report from the door: entries through the same intake as the page, hamlets signed
off."""

import datetime
import random
import uuid
from collections.abc import Iterable

from fangpin.accounts.models import User
from households.models import Hamlet, Household
from screening import criteria
from screening.criteria import questionnaire
from screening.criteria.base import Option
from screening.field import entries as field
from screening.field.hamlets import sign_off_hamlet
from screening.models import Round

_WORDS = {
    "education.dropout": "孩子去年下半年起没去学校，家里说没钱，要他帮着干活",
    "education.hardship": "大女儿读中职，学费和生活费借了两次",
    "medical.out_of_pocket": "妻子尿毒症透析，报销后自己每月还要出两千多，借了亲戚三万",
    "medical.untreated": "高血压药断了两个月，说等卖了牛再去买",
    "housing.unsafe": "六月大雨后后墙裂开，雨天不敢住",
    "water.unsafe": "水池裂了，旱季要到山脚挑水",
    "livelihood.production_loss": "猪死了十二头，本钱是借的",
    "livelihood.unstable_employment": "厂里停工，两口子返乡后没找到活",
    "other.rigid_expense": "火烧了灶房，重新买东西花了一万八",
    "other.labour_loss": "丈夫工地摔伤，腰不能用力",
}


class Door:
    """One village's cadre going from door to door. The same `rng` makes the same entries."""

    def __init__(self, round: Round, by: User, rng: random.Random, *, on: datetime.date) -> None:
        self.round, self.by, self.rng, self.on = round, by, rng, on

    def report(self, home: Household, code: str, *, source: str = "cadre") -> None:
        """The household has this situation and can't bear it."""
        self._enter(home, {criteria.criterion_of(code).code: questionnaire.YES}, ticked(code), source)

    def nothing(self, home: Household) -> None:
        self._enter(home, {}, {}, "cadre")

    def _enter(self, home: Household, answers: dict, options: dict, source: str) -> None:
        field.receive_entry(
            {
                "uuid": str(self._uuid()),
                "round": str(self.round.uuid),
                "village": home.village_id,
                "household": str(home.uuid),
                "visited_on": self.on.isoformat(),
                "way": "visit",
                "spoken_with": home.head_name,
                "visitors": self.by.name,
                "source": source,
                "is_kin": False,
                "hamlet_head": home.hamlet.head_name if home.hamlet else "",
                "answers": {c.code: answers.get(c.code, questionnaire.NO) for c in questionnaire.asked()},
                "options": options,
                "extras": {},
                "words": "",
                "income": None,
            },
            by=self.by,
        )

    def sign_off(self, hamlets: Iterable[Hamlet]) -> None:
        for hamlet in hamlets:
            sign_off_hamlet(
                {
                    "uuid": str(self._uuid()),
                    "round": str(self.round.uuid),
                    "hamlet": hamlet.pk,
                    "on": self.on.isoformat(),
                    "hamlet_head": hamlet.head_name or "屯长",
                    "participants": f"{self.by.name}、{hamlet.head_name or '屯长'}",
                    "words": "除上报的户外，逐户议过，没有别的情况",
                },
                by=self.by,
            )

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)


def ticked(code: str) -> dict[str, dict]:
    """The box that raises this situation, with what has to be told of it."""
    option = next(o for o in questionnaire.options().values() if o.subcriterion == code)
    return {option.code: {"bear": "cannot", "words": _WORDS[code], **_decided(option, code)}}


def _decided(option: Option, code: str) -> dict[str, str]:
    return {
        ask.code: next(c.code for c in ask.choices if option.situation({ask.code: c.code}) == code)
        for ask in option.asks
        if ask.decides
    }
