"""Background work as components/progress.html shows it."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from fangpin.common.actor import Actor
from fangpin.common.models import Job


@dataclass(frozen=True)
class ShownJob:
    """A job and the address that answers how far it is; without one nobody here follows it."""

    job: Job
    poll_url: str = ""

    @property
    def uuid(self) -> uuid.UUID:
        return self.job.uuid

    @property
    def by(self) -> Actor | None:
        return self.job.by

    @property
    def state(self) -> str:
        return self.job.state

    @property
    def state_label(self) -> str:
        return self.job.state_label

    @property
    def is_active(self) -> bool:
        return self.job.is_active

    @property
    def percent(self) -> int:
        return self.job.percent

    @property
    def label(self) -> str:
        return self.job.label or "等待处理"

    @property
    def error(self) -> str:
        return self.job.error

    @property
    def result(self) -> dict[str, Any]:
        return self.job.result


def polled(job: Job, target: str = "") -> ShownJob:
    """The job with the address that is asked how far it is; `target` is opened when it is done."""
    address = reverse("common:job-progress", args=[job.uuid])
    return ShownJob(job, f"{address}?{urlencode({'next': target})}" if target else address)
