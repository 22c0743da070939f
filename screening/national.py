"""全国系统标注录入 (Art. 7(2)3): what the national system must hear of each case, and what it answers."""

from collections.abc import Iterable

from django.db import transaction

from fangpin.common.transitions import born
from households.codelists import Category
from households.models import Case
from screening.models import ItemKind, ItemState, NationalItem

KIND_OF_CATEGORY = {Category.MONITORED: ItemKind.MARK, Category.MARGINAL: ItemKind.ENTRY}
OPEN = (ItemState.PENDING, ItemState.OFFERED, ItemState.REFUSED)


@transaction.atomic
def create_items(case_ids: Iterable[int], kind: str | None = None, *, by) -> list[NationalItem]:
    """An item for each case, with its first status record; without `kind` the one of its category: a monitored
    household is marked, a marginal one entered (Art. 7(2)3). A case whose item of that kind is not done yet
    gets no second one. For the service that has just changed the cases: asks for no right of its own."""
    cases = list(
        Case.objects.filter(pk__in=list(case_ids))
        .order_by("pk")
        .values_list("pk", "category", "household__county_id")
    )
    wanted = {pk: (kind or KIND_OF_CATEGORY[category], county) for pk, category, county in cases}
    waiting = set(
        NationalItem.objects.filter(case__in=list(wanted), state__in=OPEN).values_list("case_id", "kind")
    )
    items = NationalItem.objects.bulk_create(
        [
            NationalItem(case_id=pk, kind=own, county_id=county)
            for pk, (own, county) in wanted.items()
            if (pk, own) not in waiting
        ],
        batch_size=2000,
    )
    born(items, by=by)
    return items
