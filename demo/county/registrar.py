"""Numbers that nobody holds: IDs under an unassigned prefix, telephones of a block that is plainly made
up."""

import datetime
from collections import defaultdict

from fangpin.common.values import idnumbers

PREFIX = "459900"
FIRST_PHONE = 19_900_000_000
_A_DAY = 500  # three digits of serial, odd for men


class Registrar:
    """Hands out each number once; the order of asking decides which, so equal runs give equal numbers."""

    def __init__(self) -> None:
        self._serials: dict[tuple[datetime.date, str], int] = defaultdict(int)
        self._phone = FIRST_PHONE

    def id_number(self, birth: datetime.date, sex: str) -> str:
        """A number for somebody born on `birth`, or the day before where that day is full."""
        while self._serials[birth, sex] >= _A_DAY:
            birth -= datetime.timedelta(days=1)
        serial = 2 * self._serials[birth, sex] + (sex == "male")
        self._serials[birth, sex] += 1
        first17 = f"{PREFIX}{birth:%Y%m%d}{serial:03d}"
        return first17 + idnumbers.check_character(first17)

    def phone(self) -> str:
        self._phone += 1
        return str(self._phone)
