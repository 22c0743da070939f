from celery import shared_task

from handheld import photos


@shared_task(name="handheld.drop_old_pieces")
def drop_old_pieces() -> int:
    return photos.drop_old_pieces()
