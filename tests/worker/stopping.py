"""Given to a worker by `--include`: its sweep stops once at a named place, says so by one file and goes on
when there is another.

FANGPIN_TEST_STOP is `place:folder`, the place one of `matching`, `before-N`, `inside-N` (written, not
committed), `between-N` (committed), `closing`.
"""

import os
import time
from functools import wraps
from pathlib import Path

import django

django.setup()

from fangpin.common.jobs import Run  # noqa: E402
from screening.feeds import matching  # noqa: E402
from screening.lamps import colours as lamps  # noqa: E402
from screening.sweep import jobs  # noqa: E402
from screening.sweep import run as sweep  # noqa: E402

place, _, folder = os.environ["FANGPIN_TEST_STOP"].partition(":")
here, go, ended = (Path(folder) / f"{place}-{name}" for name in ("here", "go", "ended"))
stopped = False  # this process, not another child of the worker


def stop_at(this: str) -> None:
    global stopped
    if this != place or here.exists():
        return
    stopped = True
    here.touch()
    while not go.exists():
        time.sleep(0.02)


def stopping(module, name: str, *, before: str, after: str) -> None:
    """Wraps a function; `{}` is which call of it in this process it is, from 0."""
    function, calls = getattr(module, name), iter(range(10_000))

    @wraps(function)
    def wrapped(*words, **more):
        call = next(calls)
        stop_at(before.format(call))
        result = function(*words, **more)
        stop_at(after.format(call))
        return result

    setattr(module, name, wrapped)


stopping(matching, "match_again", before="", after="matching")
stopping(sweep, "apply_rule", before="before-{}", after="inside-{}")
stopping(lamps, "recompute_lamps", before="", after="closing")

progress, sweep_round = Run.progress, sweep.sweep_round


def progressed(self, done, total, label="", so_far=None):
    progress(self, done, total, label, so_far)
    if label.startswith("正在比对"):
        stop_at(f"between-{done - 1}")


def swept(*words):
    try:
        return sweep_round(*words)
    finally:
        if stopped:
            ended.touch()


Run.progress, jobs.sweep_round = progressed, swept
