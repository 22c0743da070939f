"""What became of the rows of a file: every row ends good, set aside or refused, and the counts add up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fangpin.common import cells
from fangpin.common.cells import CellFault

# Short names of the codes for pages; the message of a row says what to do.
CODE_WORDS = {
    "required": "必填项没有填",
    "id_length": "证件号码位数不对",
    "id_checksum": "证件号码校验不符",
    "id_numeric_cell": "号码被存成数字，末位已丢失",
    "date": "日期有误",
    "amount": "金额或数量有误",
    "code": "不是规定的选项",
    "division_unknown": "乡（镇）或行政村对不上",
    "head_none": "没有户主",
    "head_many": "户主多于一个",
    "person_elsewhere": "这个人在另一户，或已离开",
    "duplicate_row": "重复的行",
    "match_none": "户册中没有",
    "match_many": "有多人（户）相符",
    "match_near": "相近，须人工确认",
    "category_conflict": "对象类型前后矛盾",
    "hand_change": "与户册变动不同",
}


@dataclass(frozen=True)
class RowFault:
    """Why a row was not taken in; `row` is the number that the sheet shows, `message` Chinese with the
    remedy."""

    row: int
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "code": self.code, "message": self.message}


@dataclass
class Outcome:
    """Counts and faults of one file; `good` = created + changed + unchanged."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    set_aside: list[RowFault] = field(default_factory=list)
    refused: list[RowFault] = field(default_factory=list)
    warnings: list[RowFault] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    unknown_headings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # about the file as a whole
    untold: dict[str, int] = field(default_factory=dict)  # "set_aside", "refused" → rows beyond those listed

    @property
    def good(self) -> int:
        return self.created + self.changed + self.unchanged

    @property
    def count_set_aside(self) -> int:
        return len(self.set_aside) + self.untold.get("set_aside", 0)

    @property
    def count_refused(self) -> int:
        return len(self.refused) + self.untold.get("refused", 0)

    def settle(self) -> "Outcome":
        """Sorts by row and proves that nothing was lost."""
        for faults in (self.set_aside, self.refused, self.warnings):
            faults.sort(key=lambda fault: fault.row)
        if self.read != self.good + self.count_set_aside + self.count_refused:
            raise RuntimeError(
                f"rows lost: read {self.read}, good {self.good}, set aside {self.count_set_aside}, "
                f"refused {self.count_refused}"
            )
        return self

    def as_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "good": self.good,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "set_aside": [fault.as_json() for fault in self.set_aside],
            "refused": [fault.as_json() for fault in self.refused],
            "warnings": [fault.as_json() for fault in self.warnings],
            "missing": self.missing,
            "unknown_headings": self.unknown_headings,
            "notes": self.notes,
        }


def parse_column(
    values: Sequence[Any], parse: Callable[[Any], Any], *, heading: str, required: bool, default: Any = None
) -> tuple[list[Any], dict[int, CellFault]]:
    """Parses a whole column: the values, and position → fault. Blank is `default`, or a fault where required.

    The columns of a list repeat their values, so each is parsed once. Type and value make the key: 1, 1.0 and
    True are equal, but not the same cell.
    """
    kinds = set(map(type, values))
    if len(kinds) == 1:
        keys = values
        answers = _answers(kinds.pop(), set(values), parse, heading, required=required, default=default)
    else:
        keys = list(zip(map(type, values), values, strict=True))
        answers = {
            key: _answer(key[1], parse, heading, required=required, default=default) for key in set(keys)
        }
    parsed = [answers[key] for key in keys]
    if not any(isinstance(answer, CellFault) for answer in answers.values()):
        return parsed, {}
    faults = {position: answer for position, answer in enumerate(parsed) if isinstance(answer, CellFault)}
    for position in faults:
        parsed[position] = default
    return parsed, faults


def _answers(
    kind: type, values: set[Any], parse: Callable[[Any], Any], heading: str, *, required: bool, default: Any
) -> dict[Any, Any]:
    """Of numbers no cell is blank or a failed formula."""
    if kind is not float and kind is not int:
        return {v: _answer(v, parse, heading, required=required, default=default) for v in values}
    answers = {}
    for value in values:
        try:
            answers[value] = parse(value)
        except CellFault as fault:
            answers[value] = CellFault(fault.code, f"“{heading}”：{fault.message}")
    return answers


def _answer(value: Any, parse: Callable[[Any], Any], heading: str, *, required: bool, default: Any) -> Any:
    """What a cell comes to; a fault is an answer too."""
    if value is None or (isinstance(value, str) and cells.is_blank(value, cells.STRUCK_OUT)):
        return CellFault("required", f"“{heading}”没有填，请补填。") if required else default
    try:
        answer = parse(value)
    except CellFault as fault:
        answer = CellFault(fault.code, f"“{heading}”：{fault.message}")
    if isinstance(value, str) and value.strip() in cells.FAILED_FORMULAS:
        # Never a value, whatever the column takes; nor blank, which would count as zero or as unknown.
        code = "required" if required else getattr(answer, "code", "code")
        if value.strip() == cells.NOT_CALCULATED:
            message = (
                f"“{heading}”是公式，文件里没有它的计算结果：请用 WPS 或 Excel 打开、保存后重新上传，"
                f"或直接填写内容。"
            )
            return CellFault(code, message)
        return CellFault(code, f"“{heading}”是公式出错的“{value.strip()}”，请改正公式，或直接填写内容。")
    return answer
