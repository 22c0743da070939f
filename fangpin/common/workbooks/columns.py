"""Columns that a list wants, and the words by which their headings are recognised."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fangpin.common.cells import fold


@dataclass(frozen=True)
class Column:
    heading: str
    required: bool = False
    synonyms: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()  # said of something near: only where nothing surer names the column
    note: str = ""
    choices: tuple[str, ...] = ()
    kind: str = "text"  # text, id, date, amount or whole


ROW_NUMBER, REASON, MEND = "原行号", "退回原因", "需要改正"

_NUMBER_OF_PERSON = (
    "身份证号",
    "身份证号码",
    "证件号",
    "证件号码",
    "身份证",
    "身份证件号码",
    "公民身份号码",
    "公民身份证号码",
    "居民身份证号",
    "居民身份证号码",
)
_NUMBER_OF_HEAD = tuple(f"户主{words}" for words in _NUMBER_OF_PERSON)
_NAME_OF_HEAD = ("户主姓名", "户主", "户主名称", "户主名")
_GROUPS = (
    _NUMBER_OF_PERSON,
    _NUMBER_OF_HEAD,
    _NAME_OF_HEAD,
    ("县(市、区、旗)", "县", "县区", "区县", "县(市、区)", "县(区)", "县(市)", "县名称"),
    (
        "乡(镇)",
        "乡镇",
        "乡(镇、街道)",
        "乡镇(街道)",
        "乡镇名称",
        "乡",
        "镇",
        "所在乡镇",
        "街道/乡镇",
        "乡镇/街道",
    ),
    ("行政村", "村", "村(社区)", "行政村名称", "行政村(社区)", "村委会", "所在村"),
    ("自然村(屯)", "自然村", "自然屯", "屯", "自然村屯", "村民小组", "村小组", "组"),
)
# A list that asks for the head alone often has headings that do not repeat the word "head".
_SUBSTITUTES = ((_NUMBER_OF_HEAD, _NUMBER_OF_PERSON), (_NAME_OF_HEAD, ("姓名",)))
# Under such a group heading a bare "name" or "number" is this person's, not the one of the row.
_somebody_else = re.compile(
    r"(户主|父亲|母亲|监护人|配偶|联系人|经办人|负责人|帮扶人)(?:基本)?(?:信息|情况|资料)?"
)
_NOT_CONTENT = {"", "序号", "序", "备注", ROW_NUMBER, REASON, MEND}

# Ten thousands of yuan are missing on purpose: such a column must not be taken for one in yuan.
_note = re.compile(
    r"\((?!.*万)(?:单位[::]?)?(?:元|人|户|岁|次|个|月|年|天|日|个月|亩|平方米|㎡|m2|%|分"
    r"|必填|选填|必填项|必须填写|[ymd年月日/.\-]+|格式.*|例.*|如.*|请.*|.*/.*)\)$"
)
_marks = re.compile(r"^[*★※]+|[*★※::]+$")


def heading_key(words: str) -> str:
    return _marks.sub("", fold(words).replace("·", ""))


def bare_key(words: str) -> str:
    """The key without the notes that say a unit, a form or that the cell must be filled."""
    key = heading_key(words)
    while (shorter := _marks.sub("", _note.sub("", key))) != key:
        if not shorter:
            break
        key = shorter
    return key


def is_content(heading: str) -> bool:
    return bare_key(heading) not in _NOT_CONTENT


class Vocabulary:
    """Which canonical heading a text of the file stands for, and how surely (0 is surest).

    `remembered` gives the text of a heading → canonical heading, or "" for a column that is not to be used:
    it goes before everything else, and of one amount column may name several texts, which are then added up.
    """

    STAND_INS = 40  # claims from here on are of stand-ins

    def __init__(self, columns: Sequence[Column], remembered: Mapping[str, str]) -> None:
        wanted = {column.heading for column in columns} | {""}
        self.required = [column.heading for column in columns if column.required]
        self.headings = [column.heading for column in columns]
        self.amounts = {column.heading for column in columns if column.kind == "amount"}
        self._memory: dict[str, str] = {}
        for key_of in (heading_key, bare_key):
            for words, heading in remembered.items():
                if heading in wanted:
                    self._memory.setdefault(key_of(words), heading)
        self._claims: dict[str, tuple[int, str]] = {}
        for rank, key_of in ((1, heading_key), (2, bare_key)):
            for column in columns:
                self._claims.setdefault(key_of(column.heading), (rank, column.heading))
        for column in columns:
            self._learn(3, column.heading, column.synonyms)
        for column in columns:
            self._learn(4, column.heading, _group_of(column.heading, _GROUPS))
        for column in columns:
            self._learn(5, column.heading, column.stand_ins)
        claimed = set(self._claims)
        for column in columns:
            for group, stand_in in _SUBSTITUTES:
                keys = {bare_key(words) for words in stand_in}
                if _is_in(column.heading, group) and not keys & claimed:
                    self._learn(5, column.heading, stand_in)

    def _learn(self, rank: int, heading: str, words: Iterable[str]) -> None:
        for each in words:
            for key in (heading_key(each), bare_key(each)):
                self._claims.setdefault(key, (rank, heading))

    def recall(self, words: str) -> str | None:
        """What is remembered of a text: a canonical heading, "" where it is not to be used, None for
        nothing."""
        heading = self._memory.get(heading_key(words))
        return self._memory.get(bare_key(words)) if heading is None else heading

    def find(self, words: str) -> tuple[int, str] | None:
        """(rank, canonical heading) of a text; a text with its notes left out is one step less sure."""
        exact = self._claims.get(heading_key(words))
        if exact:
            return exact[0] * 2, exact[1]
        bare = self._claims.get(bare_key(words))
        return (bare[0] * 2 + 1, bare[1]) if bare else None

    def claim(self, path: Sequence[str]) -> tuple[int, str] | None:
        """The same for a heading under group headings: as a whole, with the group next above it, or alone."""
        forms = ["".join(path), "".join(path[-2:]), _alone(path)]
        for step, form in enumerate(forms):
            if match := self.find(form):
                return match[0] * 4 + (step if len(path) > 1 else 0), match[1]
        return None


def _alone(path: Sequence[str]) -> str:
    for group in path[:-1]:
        if other := _somebody_else.fullmatch(heading_key(group)):
            return other[1] + path[-1]
    return path[-1]


def _group_of(heading: str, groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return next((group for group in groups if _is_in(heading, group)), ())


def _is_in(heading: str, group: tuple[str, ...]) -> bool:
    return heading_key(heading) in {heading_key(words) for words in group}
