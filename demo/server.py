"""Serves the demo: pages and background work in one process, until Ctrl-C."""

import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack

from django.core.servers.basehttp import get_internal_wsgi_application, run
from django.db import connections

from demo.embedded import background_work
from fangpin.celery import app

HOST = "127.0.0.1"


def serve(port: int, ready: Callable[[int], None]) -> None:
    """Returns after Ctrl-C. Raises OSError where the port is taken; nothing has been started then."""
    # Also where a shell has started it in the background, with Ctrl-C switched off.
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, signal.default_int_handler)
    # A thread serves a browser's line as long as that keeps it: none may hold on to a connection meanwhile.
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    with ExitStack() as running:

        def bound(port: int) -> None:
            running.enter_context(background_work(app))
            # A line a request would bury the address. The worker's start has set logging up anew.
            logging.getLogger("django.server").setLevel(logging.WARNING)
            ready(port)

        try:
            run(HOST, port, get_internal_wsgi_application(), threading=True, on_bind=bound)
        except KeyboardInterrupt:
            return
