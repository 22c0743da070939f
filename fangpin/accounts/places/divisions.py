"""Loads the division codes, and finds a village by the words that people write."""

import csv
import gzip
import re
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from fangpin.accounts.models import DEPARTMENTS, Department, Division, Level

SOURCE = Path(__file__).parent.parent / "data" / "guangxi_divisions.csv.gz"

_COMMUNITY = re.compile(r"(社区居民委员会|社区居委会|居民委员会|居委会|社区)$")
_VILLAGE = re.compile(r"((?:行政)?村?(?:村民委员会|村委会|村委)|(?:行政)?村)$")
_TOWNSHIP = re.compile(r"(街道办事处|人民政府|民族乡|街道|办事处|镇|乡)$")
# The people in the name of a township: 古寨瑶族乡, 足别瑶族苗族乡; in lists also 古寨乡 and 古寨瑶乡.
_PEOPLE = re.compile(r"(?:瑶族|壮族|苗族|侗族|回族|彝族|京族|水族|毛南族|仫佬族|仡佬族)+$")
_SHORT_PEOPLE = re.compile(r"([瑶苗侗])乡$")
_COUNTY = re.compile(r"(瑶族|壮族|苗族|侗族|各族|毛南族|仫佬族)*(自治县|县|市|区)$")


def load_divisions() -> int:
    """Brings the table of divisions to the file's state; returns how many divisions there are."""
    with gzip.open(SOURCE, "rt", encoding="utf-8") as stream:
        rows = [
            Division(
                code=row["code"],
                name=row["name"],
                level=Level.REGION if row["level"] == "province" else row["level"],
                parent_id=row["parent_code"] or None,
            )
            for row in csv.DictReader(stream)
        ]
    rows.sort(key=lambda division: list(Level).index(Level(division.level)))
    with transaction.atomic():
        Division.objects.bulk_create(
            rows,
            batch_size=4000,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "level", "parent"],
        )
    return len(rows)


def load_departments() -> int:
    """Every county gets the departments that the regulation and the lists name."""
    counties = Division.objects.filter(level=Level.COUNTY).values_list("code", flat=True)
    Department.objects.bulk_create(
        [
            Department(county_id=county, code=code, name=name)
            for county in counties
            for code, name in DEPARTMENTS.items()
        ],
        batch_size=4000,
        ignore_conflicts=True,
    )
    return Department.objects.count()


class PlaceFinder:
    """Townships and villages of one county by the names that lists use.

    A village is looked up inside its township only: names repeat inside a county. 村 and 社区 of the same
    name are told apart by the ending; without an ending the name must be unique. What stands above a place
    may be written before it (都安县高岭镇三合村), as long as it is the right one.
    """

    def __init__(self, county: Division):
        self.county = county
        self._above = _words_above(county)
        self._townships: dict[str, str] = {}
        self._short_townships: dict[str, list[tuple[str, set[str]]]] = {}
        self._villages: dict[tuple[str, str, str], set[str]] = {}
        self._named: dict[tuple[str, str], set[str]] = {}
        self._cache: dict[tuple[str, str], str | None] = {}
        places = (
            Division.objects.within(county)
            .exclude(level=Level.COUNTY)
            .values_list("code", "name", "level", "parent_id")
        )
        for code, name, level, parent in places:
            if level == Level.TOWNSHIP:
                self._townships |= {code: code, _fold(name): code}
                short, people = _split_township(_fold(name))
                self._short_townships.setdefault(short, []).append((code, people))
            else:
                base, kind = _split(_fold(name))
                for key in ((parent, base, kind), (parent, base, ""), (parent, _fold(name), "full")):
                    self._villages.setdefault(key, set()).add(code)
                for known in {kind, ""}:
                    self._named.setdefault((base, known), set()).add(code)
        self._full_townships = [
            (words, code)
            for name, code in self._townships.items()
            if name != code
            for words in self._written(name, code)
        ]

    def is_county(self, text: str) -> bool:
        folded = _fold(text)
        short = _COUNTY.sub("", _fold(self.county.name))
        if folded in (self.county.code, self.county.code[:6]):
            return True
        bare = self._above.region.sub("", folded)
        return bare == _fold(self.county.name) or bool(short) and _COUNTY.sub("", bare) == short

    def township(self, text: str) -> str | None:
        """12-digit code, by the whole name, else by the name without its ending and the people in it: only
        where the county has one such and the words name no other people."""
        forms = self._forms(text)
        if code := next((code for words in forms if (code := self._townships.get(words))), None):
            return code
        for folded in forms:
            short, people = _split_township(folded)
            townships = self._short_townships.get(short, [])
            if len(townships) == 1 and (not townships[0][1] or people <= townships[0][1]):
                return townships[0][0]
        return None

    def _written(self, name: str, code: str) -> list[str]:
        """How a township's name may stand before a village's: 古寨瑶族乡三合村, 古寨乡三合村."""
        short, people = _split_township(name)
        bare = f"{short}乡"
        return [name, bare] if people and self.township(bare) == code else [name]

    def _forms(self, text: str) -> tuple[str, ...]:
        """The words as they are, then without region, city and county before them."""
        folded = _fold(text)
        bare = self._above.county.sub("", folded)
        return (folded, bare) if bare and bare != folded else (folded,)

    def village(self, township_text: str, village_text: str) -> str | None:
        """12-digit code, or None when unknown or not unique."""
        key = (township_text, village_text)
        if key not in self._cache:
            self._cache[key] = self._find(township_text, village_text)
        return self._cache[key]

    def villages_named(self, village_text: str) -> list[str]:
        """Codes of every village of the county with that name: for lists that give no township. A township
        written before the name is heeded."""
        for folded in self._forms(village_text):
            if codes := self._named.get(_split(folded)):
                return sorted(codes)
            for name, township in self._full_townships:
                if folded.startswith(name) and (code := self._in_township(township, folded[len(name) :])):
                    return [code]
        return []

    def _find(self, township_text: str, village_text: str) -> str | None:
        township = self.township(township_text)
        if township is None or not village_text:
            return None
        written = [name for name, code in self._full_townships if code == township]
        for folded in self._forms(village_text):
            for words in (folded, *(folded.removeprefix(name) for name in written)):
                if code := self._in_township(township, words):
                    return code
        return None

    def _in_township(self, township: str, folded: str) -> str | None:
        base, kind = _split(folded)
        for key in ((township, folded, "full"), (township, base, kind)):
            codes = self._villages.get(key, set())
            if len(codes) == 1:
                return next(iter(codes))
        if kind:
            # 某某村 for what has since become 某某社区, or the reverse: only where one place bears the name.
            codes = self._villages.get((township, base, ""), set())
            if len(codes) == 1:
                return next(iter(codes))
        return folded if folded in self._codes_of(township) else None

    def _codes_of(self, township: str) -> set[str]:
        return {
            code for (t, _, k), codes in self._villages.items() if t == township and k == "" for code in codes
        }


class _Above(NamedTuple):
    """What may be written before a county's name, and before a township's or a village's."""

    region: re.Pattern[Any]
    county: re.Pattern[Any]


def _words_above(county: Division) -> _Above:
    """Endings may be left out of the region's name alone: 都安镇 is a township, not one of 都安县."""
    region, city = Division.objects.filter(
        code__in=[county.code[:2] + "0" * 10, county.code[:4] + "0" * 8]
    ).order_by("code")
    short = _COUNTY.sub("", _fold(county.name))
    names = [_fold(county.name), *(short + ending for ending in ("自治县", "县", "市", "区") if short)]
    above = f"(?:{region.name}|广西)?(?:{city.name})?"
    return _Above(re.compile(f"^{above}"), re.compile(f"^{above}(?:{'|'.join(names)})?"))


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", str(text)).split())


def _split_township(name: str) -> tuple[str, set[str]]:
    """Name without its ending, and the peoples in it."""
    short = _TOWNSHIP.sub("", _SHORT_PEOPLE.sub(r"\1族乡", name))
    base = _PEOPLE.sub("", short)
    return base, {f"{people}族" for people in short[len(base) :].split("族") if people}


def _split(name: str) -> tuple[str, str]:
    """Base name and kind ("community", "village" or "" where the name does not say)."""
    if (base := _COMMUNITY.sub("", name)) and base != name:
        return base, "community"
    if (base := _VILLAGE.sub("", name)) and base != name:
        return base, "village"
    return name, ""


def village_base(name: str) -> str:
    """三合 of 三合村民委员会."""
    return _split(_fold(name))[0]
