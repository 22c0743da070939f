"""Corrections for the national system after a change of the registry."""

from django.dispatch import receiver

from households.registry.taking_in import registry_changed
from screening.national import items as national


@receiver(registry_changed)
def corrections_follow_registry(sender, county: str, **kwargs) -> None:
    national.propose_corrections(county)
