"""Given to a worker by `--include`: every statement of a sweep takes its time, so that a kill at any moment
finds it at another place. FANGPIN_TEST_SLOW is the longest wait in milliseconds."""

import os
import random
import time
from functools import wraps

import django

django.setup()

from fangpin.common import database  # noqa: E402
from fangpin.common.jobs import Run  # noqa: E402

longest = int(os.environ["FANGPIN_TEST_SLOW"]) / 1000


def slowed(function):
    @wraps(function)
    def waiting(*words, **more):
        time.sleep(random.uniform(0, longest))  # noqa: S311
        result = function(*words, **more)
        time.sleep(random.uniform(0, longest))  # noqa: S311
        return result

    return waiting


database.run, Run.progress = slowed(database.run), slowed(Run.progress)
