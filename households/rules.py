"""Figures of a household (Art. 2). Money in fen; pure functions, nothing of Django."""

import datetime


def net_income(*, wages: int, business: int, property_income: int, transfers: int, costs: int) -> int:
    """Net income in fen: wages + business + property + transfers − business costs. May be negative."""
    return wages + business + property_income + transfers - costs


def per_head(net: int, members: int) -> int | None:
    """Net income a head in fen, half a fen rounded away from zero; None without members (Art. 2)."""
    if members <= 0:
        return None
    half_up = (2 * abs(net) + members) // (2 * members)
    return half_up if net >= 0 else -half_up


def is_above_line(net: int | None, members: int, line: int) -> bool:
    """Above the income line: 以下 includes the figure itself, and unknown income is never above (Art. 2)."""
    figure = per_head(net, members) if net is not None else None
    return figure is not None and figure > line


def age_on(birth: datetime.date, day: datetime.date) -> int:
    """Full years on `day`."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def years_before(day: datetime.date, years: int) -> datetime.date:
    """The latest birth date of somebody who is `years` old on `day`."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return datetime.date(day.year - years, 2, 28)
