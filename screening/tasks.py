from celery import shared_task

from screening.feeds import discarding
from screening.national import items as national
from screening.rounds import opening
from screening.simulation import requests as simulations
from screening.sweep import schedule


@shared_task(name="screening.open_due_rounds")
def open_due_rounds() -> int:
    return len(opening.open_due_rounds())


@shared_task(name="screening.sweep_due_rounds")
def sweep_due_rounds() -> int:
    return len(schedule.queue_due_sweeps())


@shared_task(name="screening.propose_national_corrections")
def propose_national_corrections() -> int:
    """What a change of the registry did not bring about by itself, as when the process died after it."""
    return sum(national.propose_corrections(county) for county in national.counties_with_content())


@shared_task(name="screening.drop_forgotten_files")
def drop_forgotten_files() -> int:
    return discarding.drop_forgotten_files()


@shared_task(name="screening.remove_old_simulations")
def remove_old_simulations() -> int:
    return simulations.remove_old()
