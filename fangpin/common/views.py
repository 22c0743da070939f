from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from fangpin.common.models import Job, JobState


@login_required
def job_progress(request: HttpRequest, uuid) -> HttpResponse:
    """Progress of one's own run. Once it is done the page that `next` names is opened."""
    job = get_object_or_404(Job.objects.for_user(request.user), uuid=uuid)
    target = own_path(request.GET.get("next", ""))
    response = render(request, "common/_job.html", {"job": with_poll_url(job, target), "next": target})
    if job.state == JobState.DONE and target:
        response["HX-Redirect"] = iri_to_uri(target)
    return response


job_progress.permission = None


def with_poll_url(job: Job, target: str = "") -> Job:
    """The job as components/progress.html wants it; `target` is opened when it is done."""
    address = reverse("common:job-progress", args=[job.uuid])
    job.poll_url = f"{address}?{urlencode({'next': target})}" if target else address
    return job


def own_path(raw: str) -> str:
    """`raw` where it is a path on this site, else nothing: nobody is sent elsewhere."""
    fits = raw.startswith("/") and url_has_allowed_host_and_scheme(raw, allowed_hosts=None)
    return raw if fits else ""
