"""What follows for bank accounts when two households become one by hand (`households.upkeep`)."""

from django.dispatch import receiver
from django.utils import timezone

from funding.models import BankAccount
from households.models import Household
from households.upkeep import households_merged


@receiver(households_merged)
def move_accounts_to_merged(
    source: Household, target: Household, members: dict[int, int], **_kwargs: object
) -> None:
    """The account of the one that goes on stands; without one, the other's serves it from now on."""
    own = BankAccount.objects.current().filter(household=source)
    if BankAccount.objects.current().filter(household=target).exists():
        own.update(ended_at=timezone.now())
        return
    for old, new in members.items():
        own.filter(member=old).update(member=new)
    own.update(household=target)
