from celery import shared_task

from fangpin.common import jobs


@shared_task(name="common.run_job")
def run_job(pk: int) -> None:
    jobs.execute(pk)


@shared_task(name="common.requeue_stale_jobs")
def requeue_stale_jobs() -> None:
    """Picks up what a dead worker or an absent broker left behind; a claim decides who gets it."""
    for pk in jobs.stale():
        jobs.wake(pk)
