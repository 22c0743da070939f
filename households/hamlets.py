"""Finds a hamlet (屯、组) of the registry by the words that people write: never one of two."""

import difflib
import re
from collections import defaultdict

from fangpin.accounts.models import Division, Level
from fangpin.accounts.places.divisions import village_base
from fangpin.common import cells
from households.models import Hamlet

_BRACKETED = re.compile(r"\((?:屯|组|自然村|自然屯)\)$")
_ENDING = re.compile(r"(?:自然村屯|自然屯|自然村|村民小组|小组|屯|组|村)$")
_VILLAGE_ENDING = "(?:村民委员会|村委会|村委|行政村|村|社区居民委员会|社区居委会|居民委员会|居委会|社区)"
_NUMBER = re.compile(r"第?(?:(\d{1,3})|([一二三四五六七八九]?十?[一二三四五六七八九]?))")
_DIGITS = "一二三四五六七八九"
_SEVERAL = re.compile(r"[、,;/和及]")
NAMED = 5  # hamlets that a message names


class HamletFinder:
    """Hamlets of one county, village by village, by the names that lists use: with or without 屯, 组 or
    自然村 at the end and the village before it, numbers in either script. As it is written before it is
    guessed."""

    def __init__(self, county: Division):
        self._names: dict[str, list[str]] = defaultdict(list)
        self._exact: dict[tuple[str, str], str] = {}
        self._bases: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._villages: dict[str, str] = dict(
            Division.objects.within(county).filter(level=Level.VILLAGE).values_list("code", "name")
        )
        hamlets = Hamlet.objects.filter(village__in=self._villages).order_by("name")
        for village, name in hamlets.values_list("village_id", "name"):
            self._names[village].append(name)
            self._exact.setdefault((village, cells.fold(name)), name)
            self._bases[village, _base(cells.fold(name))].append(name)

    def find(self, village: str, words: str) -> str | None:
        """The registry's name of it; None where the village has none such, or several."""
        written, bare = self._forms(village, words)
        if name := self._exact.get((village, written)) or self._exact.get((village, bare)):
            return name
        candidates = self._candidates(village, words)
        return candidates[0] if len(candidates) == 1 else None

    def why_not(self, village: str, words: str) -> str:
        """For whoever has to mend it: why `find` gives none, and which hamlets there are."""
        place, there = self._villages[village], self._names.get(village, [])
        whole = "全村都缺水的，把“自然村（屯）”留空"
        if not there:
            return f"户册里{place}没有登记自然屯，请先在户册中补填；{whole}。"
        if candidates := self._candidates(village, words):
            return f"{cells.shown(words)}可能是{place}的{'或'.join(candidates[:NAMED])}，请写全名。"
        nearest = sorted(
            there, key=lambda name: -difflib.SequenceMatcher(a=words, b=name, autojunk=False).ratio()
        )
        more = f" 等 {len(there)} 个" if len(there) > NAMED else ""
        one = "；一行填一个屯，几个屯的分成几行" if _SEVERAL.search(cells.fold(words)) else ""
        return (
            f"户册里{place}没有{cells.shown(words)}这个自然屯，有：{'、'.join(nearest[:NAMED])}{more}。"
            f"请照户册改正{one}；{whole}。"
        )

    def _candidates(self, village: str, words: str) -> list[str]:
        """Hamlets of that name, however it ends. Words that name the village alone mean none of them."""
        written, bare = self._forms(village, words)
        candidates = self._bases.get((village, _base(bare)), []) if bare else []
        return candidates or (self._bases.get((village, _base(written)), []) if bare else [])

    def _forms(self, village: str, words: str) -> tuple[str, str]:
        """The words as they are, and without the village before them."""
        folded = cells.fold(words)
        above = rf"^.*?{re.escape(village_base(self._villages[village]))}{_VILLAGE_ENDING}"
        return folded, re.sub(above, "", folded)


def _base(folded: str) -> str:
    """弄怀 of 弄怀屯(组), 弄怀组 and 弄怀; 3 of 第三村民小组, 3组 and 三组."""
    short = _BRACKETED.sub("", folded)
    short = _ENDING.sub("", short) or short
    number = _NUMBER.fullmatch(short)
    if number is None or not short.removeprefix("第"):
        return short
    return str(int(number[1]) if number[1] else _in_digits(number[2]))


def _in_digits(words: str) -> int:
    """十三 → 13."""
    tens, ten, ones = words.rpartition("十")
    of_ones = _DIGITS.find(ones) + 1 if ones else 0
    return (_DIGITS.find(tens) + 1 if tens else 1) * 10 + of_ones if ten else of_ones
