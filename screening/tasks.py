from celery import shared_task

from screening import rounds


@shared_task(name="screening.open_due_rounds")
def open_due_rounds() -> int:
    return len(rounds.open_due_rounds())
