"""Households without an order sheet: a department finds one by the full number of a member, and
learns nothing of others."""

from django.core.cache import cache

from fangpin.common import audit, crypto
from fangpin.common.actor import Actor
from fangpin.common.cells import CellFault
from fangpin.common.refusals import Refused
from fangpin.common.values import idnumbers
from households.models import Household, Member

_SECONDS = 3600


def find_by_number(number: str, *, by: Actor) -> str:
    """The household's public key, open to this person for an hour. Audited. Raises Refused."""
    try:
        index = crypto.keyed_index("id", idnumbers.parse(number))
    except CellFault as fault:
        raise Refused(fault.message) from fault
    if not by.may("measure.plan"):
        raise Refused("您当前的岗位不能登记举措。")
    member = (
        Member.objects.current()
        .filter(id_index=index, household__county=by.duty.county_code)
        .select_related("household")
        .first()
    )
    audit.record(by, "household_find", member.household if member else None, found=member is not None)
    if member is None:
        raise Refused("本县户册中没有这个号码，请核对后再查；户册有误的请联系乡镇更正。")
    key = str(member.household.uuid)
    cache.set(_key(key, by), True, _SECONDS)
    return key


def opened_household(key: str, *, by: Actor) -> Household | None:
    """The household that this person has found by its number."""
    if not cache.get(_key(key, by)):
        return None
    households = Household.objects.current().filter(uuid=key, county=by.duty.county_code)
    return households.select_related("village__parent", "hamlet", "county").first()


def _key(key: str, by: Actor) -> str:
    return f"registering:{by.duty.pk}:{key}"
