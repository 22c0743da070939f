"""What follows for a round when two households become one by hand (`households.upkeep`)."""

from django.dispatch import receiver

from households.models import Household
from households.upkeep import households_merged
from screening.models import FeedRow, Round


@receiver(households_merged)
def move_rows_of_merged(source: Household, target: Household, members: dict[int, int], **_words) -> None:
    """Rows of lists of the rounds under way go to the household that stays, and to the person's place in it:
    what a department says of somebody is not lost with his old household."""
    rows = FeedRow.objects.filter(household=source, feed__round__state__in=Round.SWEEPABLE)
    for old, new in members.items():
        rows.filter(member=old).update(member=new)
    rows.update(household=target, division=target.village_id)
