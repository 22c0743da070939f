"""Quarters: a round's last day is the last day of its quarter, whatever the deadlines (Art. 7)."""

import datetime
import re
from dataclasses import dataclass

from fangpin.common.values.dates import months_after


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int  # 1 to 4

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """From `2020Q1`; ValueError otherwise."""
        match = re.fullmatch(r"(\d{4})Q([1-4])", text.strip().upper())
        if not match:
            raise ValueError(f"季度要写成 2020Q1 的样子，不是“{text}”。")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: datetime.date) -> "Quarter":
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def last_day(self) -> datetime.date:
        return months_after(datetime.date(self.year, self.number * 3 - 2, 1), 3) - datetime.timedelta(days=1)

    @property
    def label(self) -> str:
        return f"{self.year} 年第{'一二三四'[self.number - 1]}季度"

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def window(last_day: datetime.date, months: int) -> tuple[datetime.date, datetime.date]:
    """First and last day of the `months` that end on `last_day`, both in: 2020Q1 → 2019-04-01 to
    2020-03-31."""
    return months_after(last_day.replace(day=1), 1 - months), last_day
