from celery import shared_task

from measures.sheets import filled as filled_sheets


@shared_task(name="measures.drop_old_sheets")
def drop_old_sheets() -> int:
    return filled_sheets.drop_old()
