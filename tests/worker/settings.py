"""Settings of the processes that these tests start: the product's own, with a prefix of their own in Redis, a
beat that does not wait for minutes, and static files collected where the test says."""

import os

from fangpin.settings import *  # noqa: F403
from fangpin.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS

CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {
    "global_keyprefix": os.environ["FANGPIN_TEST_PREFIX"]
}
CELERY_BEAT_SCHEDULE = {name: entry | {"schedule": 0.5} for name, entry in CELERY_BEAT_SCHEDULE.items()}
if static := os.environ.get("FANGPIN_TEST_STATIC"):
    STATIC_ROOT = static
