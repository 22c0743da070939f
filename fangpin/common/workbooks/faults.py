"""Why a file as a whole is refused. The message is for the person who sent it."""

from collections.abc import Sequence
from typing import Any

from fangpin.common.refusals import Refused

DAMAGED = "文件已损坏或不完整，无法打开。请用 WPS 或 Excel 打开原文件，另存为 xlsx 后重新上传。"


class UnreadableFile(Refused):
    """Nothing was changed."""


class MissingHeadings(UnreadableFile):
    """`headings` and `sample` are those of the sheet that comes nearest: its columns and its first rows."""

    def __init__(
        self,
        missing: Sequence[str],
        texts: Sequence[str],
        headings: Sequence[str] = (),
        sample: Sequence[Sequence[Any]] = (),
    ) -> None:
        self.missing = list(missing)
        self.texts = list(texts)
        self.headings = list(headings)
        self.sample = [list(row) for row in sample]
        shown = "、".join(self.texts[:40]) or "（没有读到表头）"
        super().__init__(
            f"缺少必需的列：{'、'.join(self.missing)}。文件中读到的列：{shown}。"
            "请把相应的列名改成模板中的名称，或下载模板，把数据粘贴进去后重新上传。"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.missing, self.texts, self.headings, self.sample)
