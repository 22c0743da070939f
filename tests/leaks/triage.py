"""Triage in the leak matrix: settlements and what is remembered are the office's of one county."""

import uuid

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from screening.models import Feed, MatchMemory, RowSettlement
from tests import factories

RIGHT = "triage.settle"


def things(thing: type) -> list:
    made = []
    for feed in Feed.objects.filter(kind="medical_settlement").select_related("department", "round"):
        member = _somebody(feed)
        where = {"county": feed.round.county_id, "canaries": [member.name] if member else []}
        settlement = RowSettlement.objects.create(
            feed=feed,
            row_no=900,
            outcome="person" if member else "nobody",
            member=member,
            before={},
            by=User.objects.first(),
        )
        memory = MatchMemory.objects.create(
            department=feed.department, digest=uuid.uuid4(), member=member, by=User.objects.first()
        )
        made.append(thing("settlement", feed.round.county_id, {"pk": settlement.pk}, **where))
        made.append(thing("memory", feed.round.county_id, {"pk": memory.pk}, **where))
    return made


def _somebody(feed: Feed):
    from households.models import Member

    return Member.objects.filter(household__county=feed.round.county_id).order_by("-pk").first()


def sees(role: str, thing) -> bool:
    return role == Role.OFFICE and thing.county == factories.COUNTY


def routes(route: type) -> dict:
    post = {"permission": RIGHT, "method": "post"}
    return {
        "screening:triage-list": route(permission=RIGHT),
        "screening:triage-settle-many": route(**post),
        "screening:triage-settle": route("open row", data=(("outcome", "nobody"),), **post),
        "screening:triage-search": route("open row", data=(("q", "蓝金丝雀"),), **post),
        "screening:triage-undo": route("settlement", **post),
        "screening:triage-memory": route(permission=RIGHT),
        "screening:triage-forget": route("memory", **post),
    }
