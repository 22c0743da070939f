"""Lists that are not delivered: withdrawn by the department, or forgotten. Their rows and files are deleted,
the record of who brought what stays."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import private_files
from fangpin.common.transitions import move
from screening.models import Feed, FeedRow, Round, RowSettlement

DAYS_KEPT = 31


def discard_feeds(feeds: QuerySet[Feed], *, by: Actor, why: str = "") -> None:
    """Takes lists back that are not delivered: their rows and files go, who brought what stays on record.
    Raises what the door raises."""
    with transaction.atomic():
        kept = dict(feeds.values_list("pk", "stored_name"))
        waiting = Feed.objects.filter(pk__in=list(kept))
        move(
            waiting, "discard", by=by, opinion=why, stamps={"stored_name": "", "sample": None, "warnings": []}
        )
        FeedRow.objects.filter(feed__in=list(kept)).delete()
        RowSettlement.objects.filter(feed__in=list(kept)).delete()
        for pk in kept:
            audit.record(by, "feed_discard", Feed(pk=pk), why=why)
        transaction.on_commit(lambda: _remove(kept.values()))


def _remove(names: Iterable[str]) -> None:
    for name in names:
        private_files.remove(name)


def drop_forgotten_files() -> int:
    """Files of lists that nobody confirmed: gone once their round takes no more lists, or after a month."""
    old = timezone.now() - datetime.timedelta(days=DAYS_KEPT)
    over = ~Q(state__in=Feed.PENDING) | ~Q(round__state__in=Round.ACCEPTS_LISTS) | Q(created_at__lt=old)
    kept = dict(Feed.objects.exclude(stored_name="").filter(over).values_list("pk", "stored_name"))
    with transaction.atomic():
        Feed.objects.filter(pk__in=list(kept)).update(stored_name="", sample=None)
        transaction.on_commit(lambda: _remove(kept.values()))
    return len(kept)
