"""Cases whose household the national system must hear of, and tokens for its API."""

import datetime
import itertools

from fangpin.accounts import tokens
from households.models import Case
from screening.models import NationalItem
from screening.national import acknowledgements
from screening.national import items as national
from screening.national.acknowledgements import Answer
from tests import factories

DAY = datetime.date(2020, 3, 30)
_numbers = itertools.count(1)


def case(status: str = "ordinary", **fields) -> Case:
    home = factories.household(status=status, **fields)
    return Case.objects.create(household=home, category=home.category, origin="meeting", identified_on=DAY)


def items(count: int, *, by, status: str = "ordinary", **fields) -> list[NationalItem]:
    return national.create_items([case(status, **fields).pk for _ in range(count)], by=by)


def offered(count: int, *, by, status: str = "ordinary", **fields) -> list[NationalItem]:
    """The same, given out to `by`."""
    made = items(count, by=by, status=status, **fields)
    national.offer(NationalItem.objects.filter(pk__in=[item.pk for item in made]), by=by)
    return list(NationalItem.objects.filter(pk__in=[item.pk for item in made]).order_by("cursor"))


def acknowledged(*, by, status: str = "ordinary", **fields) -> NationalItem:
    item = offered(1, by=by, status=status, **fields)[0]
    acknowledgements.record_answers([Answer(str(item.uuid), number())], by=by)
    item.refresh_from_db()
    return item


def number() -> str:
    return f"45122800{next(_numbers):06d}"


class Caller:
    """Calls the API with a token of a user's duty."""

    def __init__(self, client, user, scopes=tuple(tokens.SCOPES)):
        self.client, self.user = client, user
        self.token, self.secret = tokens.issue(user.acting, scopes, days=1)

    @property
    def headers(self) -> dict:
        return {"authorization": f"Bearer {self.secret}"}

    def changes(self, since: int = 0, **query):
        return self.client.get("/api/v1/national/changes", {"since": since, **query}, headers=self.headers)

    def acknowledge(self, *answers: dict):
        return self.client.post(
            "/api/v1/national/acknowledgements",
            {"acknowledgements": list(answers)},
            content_type="application/json",
            headers=self.headers,
        )
