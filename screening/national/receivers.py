"""Corrections for the national system after a change of the registry."""

from django.dispatch import receiver

from households.registry.taking_in import registry_changed
from screening.national import items as national


@receiver(registry_changed)
def propose_corrections(county: str, **_kwargs: object) -> None:
    national.propose_corrections(county)
