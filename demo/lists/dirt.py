"""The dirt of real files: the many forms of a number, a date, an amount, and rows that can't be used."""

import datetime
import random
from typing import Any

from demo.county import names
from demo.county.registrar import Registrar
from fangpin.common.values import idnumbers

_EXCEL_DAY_0 = datetime.date(1899, 12, 30)


class Dirt:
    def __init__(self, rng: random.Random, registrar: Registrar) -> None:
        self.rng = rng
        self.registrar = registrar

    def number(self, number: str) -> str:
        """An ID as people copy it: a small x, the old 15 digits, a disability certificate."""
        chance = self.rng.random()
        if number.endswith("X") and chance < 0.5:
            return number.lower()
        if chance > 0.98 and number[6:8] == "19":
            return number[:6] + number[8:17]
        return f"{number}42" if chance > 0.965 else number

    def day(self, day: datetime.date) -> Any:
        forms = (
            day,
            day.isoformat(),
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.year}.{day.month}.{day.day}",
            f"{day:%Y%m%d}",
            (day - _EXCEL_DAY_0).days,
        )
        return self.rng.choices(forms, (40, 20, 10, 10, 8, 7, 5))[0]

    def month(self, day: datetime.date) -> str:
        forms = (f"{day.year}.{day.month}", f"{day:%Y%m}", f"{day.year}年{day.month}月", f"{day:%Y-%m}")
        return self.rng.choice(forms)

    def yuan(self, fen: int) -> Any:
        chance = self.rng.random()
        if chance < 0.7:
            return fen / 100
        return f"{fen / 100:,.2f}" if chance < 0.9 else f"{fen / 100:.2f}元"

    def stranger(self) -> tuple[str, str]:
        """Name and ID of somebody whom the registry does not know."""
        birth = datetime.date(1940, 1, 1) + datetime.timedelta(days=self.rng.randrange(25_000))
        name = names.surname(self.rng) + names.given_name(self.rng, "male", birth.year)
        return name, self.registrar.id_number(birth, "male")

    def spoiled(self, rows: list[list], name_at: int, id_at: int) -> list[list]:
        """Copies of sound rows that can't be used, six faults in turn; the last of six is left to the
        caller."""
        sound = [row for row in rows if len(str(row[id_at])) == 18]
        made = []
        for _ in range(1 + len(rows) // 400):
            picked = [list(row) for row in self.rng.choices(sound, k=6)]
            number = picked[0][id_at].upper()
            wrong = next(c for c in "0123456789" if c != idnumbers.check_character(number))
            picked[0][id_at] = number[:17] + wrong
            picked[1][id_at] = float(picked[1][id_at][:17] + "0")  # a number: its last digits are lost
            picked[2][id_at] = picked[2][id_at][:16]
            picked[3][id_at] = ""
            picked[4][name_at], picked[4][id_at] = self.stranger()
            made += picked
        return made

    def mixed(self, rows: list[list], extra: list[list]) -> list[list]:
        """Both together in any order."""
        together = rows + extra
        self.rng.shuffle(together)
        return together
