import logging
import logging.config
import os
from typing import Any

from celery import Celery, signals
from django.conf import settings

from fangpin.common.logs import request_ids

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")

app = Celery("fangpin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_log_settings(loglevel: int | str | None = None, **_: Any) -> None:
    """Lines of workers look like those of pages; the command only says from which level on."""
    logging.config.dictConfig(settings.LOGGING)
    if loglevel:
        logging.getLogger().setLevel(loglevel)


@signals.before_task_publish.connect
def hand_on_request_id(headers: dict[str, Any], **_: Any) -> None:
    headers["request_id"] = request_ids.current.get()


@signals.task_prerun.connect
def continue_request(task: Any, **_: Any) -> None:
    """A task bears the number of the request that started it, or else one of its own."""
    given = getattr(task.request, "request_id", request_ids.NONE)
    if not task.request.is_eager:  # an eager one runs inside the request
        request_ids.current.set(given if given != request_ids.NONE else request_ids.new_id())
