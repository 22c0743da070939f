"""What became of an imported workbook, in the words of its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from fangpin.common.outcomes import CODE_WORDS
from households.models import ImportRow, ImportState, RegistryImport

_FIGURES = {
    "read": "读到",
    "good": "可用",
    "created": "新增",
    "changed": "更新",
    "unchanged": "未变",
    "set_aside": "待核对",
    "refused": "退回",
}
_GOOD = ("created", "changed", "unchanged")
_LISTED = ("set_aside", "refused")


class ImportResult:
    """The summary kept with a batch."""

    def __init__(self, batch: RegistryImport):
        self.batch = batch
        self.counts = batch.result or {}

    def __bool__(self) -> bool:
        return bool(self.counts)

    @property
    def figures(self) -> list[dict]:
        """For components/figures.html; what was left out opens its rows."""
        good = " · ".join(f"{_FIGURES[key]}\u00a0{self._count(key):,}" for key in _GOOD)
        labels = {"read": "读到", "good": f"可用：{good}", "set_aside": "待核对", "refused": "退回"}
        return [
            {
                "number": f"{self._count(key):,}",
                "unit": "行",
                "label": label,
                "url": f"?outcome={key}#faults" if key in _LISTED and self._count(key) else "",
            }
            for key, label in labels.items()
        ]

    def _count(self, key: str) -> int:
        return self.counts.get(key, 0)

    @property
    def line(self) -> str:
        """读到 120 · 新增 100 · 退回 2: one line for the history."""
        labels = {key: label for key, label in _FIGURES.items() if key == "read" or self.counts.get(key)}
        labels.pop("good", None)
        return (
            " · ".join(f"{label} {self.counts[key]:,}" for key, label in labels.items())
            if self.counts
            else ""
        )

    @property
    def confirm_detail(self) -> str:
        c = self.counts
        parts = [f"新增 {c['created']:,} 行，更新 {c['changed']:,} 行，未变 {c['unchanged']:,} 行。"]
        if left := c["set_aside"] + c["refused"]:
            parts.append(f"待核对和退回的 {left:,} 行不导入，可下载改正后再导入。")
        return "".join(parts)

    @property
    def is_waiting(self) -> bool:
        return self.batch.state == ImportState.CHECKED

    @property
    def good(self) -> int:
        return self.counts.get("good", 0)

    @property
    def warnings(self) -> int:
        return self.counts.get("warnings", 0)

    @property
    def missing(self) -> int:
        return self.counts.get("missing", 0)

    @property
    def missing_text(self) -> str:
        return f"{self.missing:,} 人"

    @property
    def missing_first(self) -> list[dict]:
        return self.counts.get("missing_first", [])

    @property
    def unknown_headings(self) -> list[str]:
        return self.counts.get("unknown_headings", [])

    @property
    def returned(self) -> int:
        """Rows that can be given back."""
        return self.counts.get("set_aside", 0) + self.counts.get("refused", 0)


@dataclass(frozen=True)
class FaultRow:
    """A row that was not taken in, or a warning, as the page shows it."""

    number: int
    about: str  # a name, or the number of a household
    outcome: str
    reason: str
    message: str


def fault_rows(rows: Iterable[ImportRow], headings: list[str]) -> list[FaultRow]:
    place = next((i for i, h in enumerate(headings) if "姓名" in h), None)
    if place is None:
        place = next((i for i, h in enumerate(headings) if "户编号" in h), None)
    return [
        FaultRow(
            row.number,
            _cell(row, place),
            row.get_outcome_display(),
            CODE_WORDS.get(row.code, "其他"),
            row.message,
        )
        for row in rows
    ]


def _cell(row: ImportRow, place: int | None) -> str:
    if place is None or not row.data or place >= len(row.data):
        return ""
    return str(row.data[place] or "")
