"""What the checks say in SQL, the same on SQLite and PostgreSQL."""

import datetime

from django.db.models import CharField, FilteredRelation, IntegerField, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, ExtractDay, ExtractMonth, ExtractYear

from households.rules import years_before

TEXT = CharField(max_length=80)
NOTHING = Value("", output_field=TEXT)


def text(name: str):
    """A column as text; nothing for NULL."""
    return Coalesce(Cast(name, TEXT), NOTHING)


def several(*names: str):
    """Columns as one text, a slash between them."""
    parts = [part for name in names for part in (Value("/"), text(name))][1:]
    return Concat(*parts, output_field=TEXT)


def aged(day: datetime.date, at_least: int, at_most: int | None = None, path: str = "birth_date") -> Q:
    """Full years on `day`, both ends in."""
    condition = Q(**{f"{path}__lte": years_before(day, at_least)})
    if at_most is not None:
        condition &= Q(**{f"{path}__gt": years_before(day, at_most + 1)})
    return condition


def younger(day: datetime.date, than: int, path: str = "birth_date") -> Q:
    return Q(**{f"{path}__gt": years_before(day, than)})


def day_number(path: str):
    """A date as the number 20200331: differences of 10,000 are years."""
    return Cast(ExtractYear(path) * 10000 + ExtractMonth(path) * 100 + ExtractDay(path), IntegerField())


def with_head(members):
    """Members beside the head of their household, as `head`; the head himself is left out."""
    condition = Q(household__members__relation="head", household__members__removed_on=None)
    beside = members.exclude(relation="head").annotate(
        head=FilteredRelation("household__members", condition=condition)
    )
    return beside.filter(head__isnull=False)
