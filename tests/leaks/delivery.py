"""Departments' headings in the leak matrix: what is remembered of their words, mapping, mending, taking
back."""

from fangpin.accounts.models import Department, User
from fangpin.accounts.roles import Role
from screening.models import HeadingMemory
from tests import factories

RIGHT = "feed.view"


def things(thing: type) -> list:
    made = []
    for county in ("451228000000", "451229000000"):
        for code in ("insurance", "education"):
            canary = f"列名金丝雀{code}{county[:6]}"
            kind = {"insurance": "medical_settlement", "education": "school_dropout"}[code]
            memory = HeadingMemory.objects.create(
                department=Department.objects.get(county_id=county, code=code),
                kind=kind,
                key=canary,
                words=canary,
                column="姓名",
                by=User.objects.first(),
            )
            address = {"pk": memory.pk}
            made.append(
                thing(
                    "heading", f"{county} {code}", address, county=county, department=code, canaries=[canary]
                )
            )
    return made


def sees(role: str, thing) -> bool:
    mine = thing.department == "insurance" or role != Role.DEPARTMENT
    return thing.county == factories.COUNTY and mine


def routes(route: type) -> dict:
    post = {"permission": "feed.deliver", "method": "post"}
    return {
        "screening:feed-map": route("feed", **post),
        "screening:feed-amend": route("feed", permission="feed.deliver"),
        "screening:feed-discard": route("feed", **post),
        "screening:heading-forget": route("heading", **post),
    }
