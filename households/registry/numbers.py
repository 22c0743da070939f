"""Household numbers of ours: Z, county, seven digits. Whoever hands them out holds the county's lock."""

import re

from fangpin.accounts.models import Division
from fangpin.common import database


def number_new_households(county: Division) -> None:
    """Numbers of ours for households that have none: Z, county, seven digits, in file order."""
    prefix = f"Z{county.code[:6]}"
    counter = last_own_number(county, prefix, staged=True)
    fresh = [
        g
        for (g,) in database.rows(
            "SELECT g FROM stage_household WHERE number IS NULL AND household_id IS NULL ORDER BY g"
        )
    ]
    numbers = [(g, f"{prefix}{counter + position:07d}") for position, g in enumerate(fresh, start=1)]
    with database.staged("stage_number", {"g": "int", "number": "text"}, numbers):
        database.run(
            "UPDATE stage_household SET number = s.number FROM stage_number s WHERE s.g = stage_household.g"
        )


def last_own_number(county: Division, prefix: str, *, staged: bool = False) -> int:
    """The highest number of our form: given by us, or brought by an earlier file; with `staged` by this one
    too."""
    sql = (
        "SELECT max(number) FROM households_household WHERE county_id = %s AND own_number UNION ALL "
        "SELECT number FROM households_household WHERE county_id = %s AND NOT own_number AND number LIKE %s "
    )
    params = [county.pk, county.pk, f"{prefix}%"]
    if staged:
        sql += "UNION ALL SELECT number FROM stage_household WHERE number LIKE %s"
        params.append(f"{prefix}%")
    tails = [number.removeprefix(prefix) for (number,) in database.rows(sql, params) if number]
    return max((int(tail) for tail in tails if re.fullmatch(r"[0-9]{7}", tail)), default=0)
