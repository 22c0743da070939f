"""Lamps are worked out anew after a change of the registry."""

from django.db import transaction
from django.dispatch import receiver

from households.registry.taking_in import registry_changed
from screening.lamps import colours


@receiver(registry_changed)
def recompute_after_change(county: str, **_kwargs) -> None:
    with transaction.atomic():
        colours.recompute_lamps(county)
