"""The ladder: who a row may mean, the likely one first, and why. A number one slip away, the name with the
birth or the place, the name alone. Nobody is ever picked by the program."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from fangpin.common import crypto
from fangpin.common.cells import CellFault
from fangpin.common.values import idnumbers
from households.models import Member
from screening.feeds.triage.rows import Said, birth_date_in_number

MOST = 6  # persons shown for a row
_NAMESAKES = 400  # looked at, of all rows of a page
_DIGITS = "0123456789"


@dataclass
class Likely:
    """A person whom a row may mean; `why` in words, `slip` says what is written wrong in the number."""

    member: Member
    score: int
    why: list[str] = field(default_factory=list)
    slip: str = ""

    @property
    def words(self) -> str:
        return "；".join(filter(None, [self.slip, *self.why]))


def likely(rows: Mapping[int, Said], county: str) -> dict[int, list[Likely]]:
    """Row's key → persons of the county, best first. Two queries, whatever the number of rows."""
    slips = {key: one_slip_away(said.number) for key, said in rows.items()}
    indexes = {
        number: crypto.keyed_index_hex("id", number) for numbers in slips.values() for number in numbers
    }
    people = Member.objects.current().filter(household__county=county)
    people = people.select_related("household__village", "household__hamlet")
    by_index = {
        str(m.id_index).replace("-", ""): m for m in people.filter(id_index__in=set(indexes.values()))
    }
    names = {said.name for said in rows.values() if said.name}
    by_name: dict[str, list[Member]] = defaultdict(list)
    for member in people.filter(name__in=names).order_by("pk")[:_NAMESAKES]:
        by_name[member.name].append(member)
    answer = {}
    for key, said in rows.items():
        candidates: dict[int, Likely] = {}
        for number, slip in slips[key].items():
            member = by_index.get(indexes[number].replace("-", ""))
            if member is not None:
                candidates[member.pk] = judged(member, said, slip)
        for member in by_name.get(said.name, ()):
            candidates.setdefault(member.pk, judged(member, said))
        answer[key] = _best(candidates.values())
    return answer


def is_sure(persons: list[Likely]) -> bool:
    """One slip in the number, the same name, and nobody else is as near: may be confirmed together with
    others."""
    if not persons or not persons[0].slip or "姓名相同" not in persons[0].why:
        return False
    return len(persons) == 1 or not persons[1].slip


def judged(member: Member, said: Said, slip: str = "") -> Likely:
    """How near a person is to what a row says."""
    home = member.household
    birth = birth_date_in_number(said)
    score, why = (60 if slip else 0), []
    if said.name and member.name == said.name:
        score += 30
        why.append("姓名相同")
    elif said.name:
        why.append(f"户册姓名是{member.name}")
    if birth and member.birth_date == birth:
        score += 25
        why.append("出生日期相同")
    elif said.birth_month and member.birth_date.replace(day=1) == said.birth_month:
        score += 20
        why.append("出生年月相同")
    if said.head_name and home.head_name == said.head_name:
        score += 20
        why.append("户主相同")
    if said.village and home.village_id == said.village:
        score += 15
        why.append("同村")
    elif said.township and home.village_id.startswith(said.township):
        score += 5
        why.append("同乡镇")
    return Likely(member, score, why, slip)


def _best(candidates: Iterable[Likely]) -> list[Likely]:
    ordered = sorted(candidates, key=lambda one: (-one.score, one.member.pk))
    near = [one for one in ordered if one.score > 30]
    return (near or ordered)[:MOST]


def one_slip_away(number: str) -> dict[str, str]:
    """Sound numbers that differ from a miswritten one by one digit, one left out, one too many or two
    neighbours exchanged → the slip in words. A sound number has none: the check character reveals every such
    slip."""
    if not number.isascii() or not number or not 17 <= len(number) <= 19:
        return {}
    if len(number) == 18 and _is_sound(number):
        return {}
    numbers: dict[str, str] = {}
    if len(number) == 18:
        for place in range(17):
            for digit in _DIGITS:
                _try(numbers, f"{number[:place]}{digit}{number[place + 1 :]}", f"号码只差第 {place + 1} 位")
        for place in range(17):
            turned = f"{number[:place]}{number[place + 1]}{number[place]}{number[place + 2 :]}"
            _try(numbers, turned, f"号码第 {place + 1}、{place + 2} 位写颠倒了")
        for digit in f"{_DIGITS}X":
            _try(numbers, number[:17] + digit, "号码只差最后一位")
    elif len(number) == 17:
        for place in range(18):
            for digit in _DIGITS if place < 17 else f"{_DIGITS}X":
                _try(numbers, number[:place] + digit + number[place:], f"号码少写了第 {place + 1} 位")
    else:
        for place in range(19):
            _try(numbers, number[:place] + number[place + 1 :], f"号码第 {place + 1} 位多写了")
    return numbers


def _try(numbers: dict[str, str], number: str, words: str) -> None:
    if number not in numbers and _is_sound(number):
        numbers[number] = words


def _is_sound(number: str) -> bool:
    if not (number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")):
        return False
    if idnumbers.check_character(number[:17]) != number[17]:
        return False
    try:
        return idnumbers.birth_date(number) <= timezone.localdate()
    except CellFault:
        return False
