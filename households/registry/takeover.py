"""Closing the take-over of the initial list (Art. 7)."""

from django.db import transaction

from fangpin.accounts.models import Division
from fangpin.common import audit
from fangpin.common.actor import Actor
from households.models import TakeOver


def take_over_of(county_code: str) -> TakeOver | None:
    """The closing of the county's take-over; None while it is open."""
    return TakeOver.objects.select_related("closed_by").filter(county_id=county_code).first()


def close_take_over(county_code: str, *, by: Actor) -> bool:
    """From now on 监测对象类型 of a registry workbook opens no case. False where it was closed before."""
    with transaction.atomic():
        Division.objects.select_for_update().get(pk=county_code)  # waits for an import that is going on
        closing, is_new = TakeOver.objects.get_or_create(county_id=county_code, defaults={"closed_by": by})
        if is_new:
            audit.record(by, "takeover_close", closing, county=county_code)
    return is_new
