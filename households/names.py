"""Initials of names for the search box: 韦晓宁 → wxn."""

from functools import cache

# Characters that are read otherwise when they are surnames.
_SURNAMES = {
    "单": "s",
    "曾": "z",
    "仇": "q",
    "覃": "q",
    "解": "x",
    "查": "z",
    "区": "o",
    "朴": "p",
    "盖": "g",
    "翟": "z",
    "尉": "y",
    "乐": "y",
    "员": "y",
    "召": "s",
    "冼": "x",
    "缪": "m",
    "宓": "m",
    "种": "c",
    "折": "s",
    "任": "r",
}


@cache
def _letter(character: str) -> str:
    from pypinyin import Style, lazy_pinyin  # 55 MB of memory: only where it is needed

    letters = lazy_pinyin(character, style=Style.FIRST_LETTER)
    return letters[0][:1].lower() if letters and letters[0][:1].isascii() else ""


def initials(name: str) -> str:
    if not name:
        return ""
    return _SURNAMES.get(name[0], _letter(name[0])) + "".join(map(_letter, name[1:]))
