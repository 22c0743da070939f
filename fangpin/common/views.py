from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from fangpin.common.models import Job, JobState
from fangpin.common.web.progress import polled
from fangpin.common.web.requests import SignedInRequest


@login_required
def job_progress(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Progress of one's own run. Once it is done the page that `next` names is opened."""
    job = get_object_or_404(Job.objects.for_user(request.user), uuid=uuid)
    target = own_path(request.GET.get("next", ""))
    response = render(request, "common/_job.html", {"job": polled(job, target), "next": target})
    if job.state == JobState.DONE and target:
        response["HX-Redirect"] = iri_to_uri(target)
    return response


_view: Any = job_progress
_view.permission = None


def own_path(raw: str) -> str:
    """`raw` where it is a path on this site, else nothing: nobody is sent elsewhere."""
    fits = raw.startswith("/") and url_has_allowed_host_and_scheme(raw, allowed_hosts=None)
    return raw if fits else ""
