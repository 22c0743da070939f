"""How far the field work is, by place: hamlets signed off, households with something; and the text to send
to those that are late."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Substr

from fangpin.accounts.models import Division, Level, code_range
from fangpin.common.actor import Actor
from households.models import Hamlet
from screening.models import EntryState, FieldEntry, HamletSignOff, Round


@dataclass
class PlaceLine:
    place: Division
    hamlets: int = 0
    signed: int = 0
    households: int = 0
    attention: int = 0

    @property
    def open(self) -> int:
        return self.hamlets - self.signed


def by_place(round: Round, user: Actor, *, area: Division) -> list[PlaceLine]:
    """By township inside a county, by village inside a township: hamlets signed off, households with
    something."""
    digits, level = (9, Level.TOWNSHIP) if area.level == Level.COUNTY else (12, Level.VILLAGE)
    low, high = code_range(area.code)
    hamlets = (
        Hamlet.objects.filter(village_id__gte=low, village_id__lte=high)
        .annotate(place=Substr("village_id", 1, digits))
        .order_by()
        .values("place")
        .annotate(
            n=Count("pk", distinct=True),
            done=Count("sign_offs", filter=Q(sign_offs__round=round), distinct=True),
        )
    )
    entries = (
        FieldEntry.objects.for_user(user)
        .filter(round=round, village_id__gte=low, village_id__lte=high)
        .annotate(place=Substr("village_id", 1, digits))
        .order_by()
        .values("place")
        .annotate(
            homes=Count("household", filter=Q(nothing_found=False), distinct=True),
            waiting=Count("pk", filter=Q(state=EntryState.ATTENTION)),
        )
    )
    lines = {
        place.code[:digits]: PlaceLine(place)
        for place in Division.objects.for_user(user).within(area).filter(level=level).order_by("code")
    }
    for row in hamlets:
        if line := lines.get(row["place"]):
            line.hamlets, line.signed = row["n"], row["done"]
    for row in entries:
        if line := lines.get(row["place"]):
            line.households, line.attention = row["homes"], row["waiting"]
    return list(lines.values())


def open_hamlets(round: Round, village: str) -> list[Hamlet]:
    """Hamlets of a village that nobody has signed off yet."""
    signed = HamletSignOff.objects.filter(round=round).values("hamlet")
    return list(Hamlet.objects.filter(village=village).exclude(pk__in=signed).order_by("name", "pk"))


def reminder(lines: Iterable[PlaceLine], round: Round) -> str:
    """催办文字 for villages (or townships) with hamlets not signed off: places and counts only."""
    until = f"，请于{_day(round.field_due)}前确认" if round.field_due else "，请尽快确认"
    return "\n".join(
        f"@{line.place.short_name}：{round.period.label}线下排查还有{line.open}个屯没有确认{until}。"
        for line in lines
        if line.open
    )


def _day(day: datetime.date) -> str:
    return f"{day.month}月{day.day}日"
