"""Background work inside the demo's own process: an in-memory broker, one worker thread, one beat thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController
from celery.worker import state as worker_state

_PATIENCE = 10  # seconds for the job in hand; what takes longer is taken up again at the next start


@contextmanager
def background_work(app: Celery) -> Iterator[None]:
    """Runs worker and beat as long as the block lasts."""
    app.conf.update(
        broker_url="memory://localhost//",
        broker_transport_options={"polling_interval": 0.1},
        worker_redirect_stdouts=False,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=1,
    )
    worker_state.should_stop = None
    worker = WorkController(
        app=app, pool="solo", concurrency=1, without_heartbeat=True, without_mingle=True, without_gossip=True
    )
    thread = threading.Thread(target=worker.start, name="worker", daemon=True)
    # The plain scheduler keeps its times in memory; the default one would leave a file behind.
    beat = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
    thread.start()
    beat.start()
    try:
        yield
    finally:
        worker_state.should_stop = 0  # first, for it looks up only every two seconds
        beat.stop()
        thread.join(_PATIENCE)
        worker_state.should_stop = None
