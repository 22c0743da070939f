"""Lamps after a change of the registry."""

from django.db import transaction
from django.dispatch import receiver

from households.registry.taking_in import registry_changed
from screening.lamps import colours as lamps


@receiver(registry_changed)
def lamps_follow_registry(sender, county: str, **kwargs) -> None:
    with transaction.atomic():
        lamps.recompute_lamps(county)
