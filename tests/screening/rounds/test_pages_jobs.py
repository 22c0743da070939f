import pytest
from django.urls import reverse

from fangpin.common import jobs
from fangpin.common.models import Job, JobState

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(office):
    return jobs.enqueue("sweep", "1", by=office, round=1)


def poll(client, user, job, **query):
    client.force_login(user)
    return client.get(reverse("common:job-progress", args=[job.uuid]), query)


def ended(job, state=JobState.DONE, **fields):
    Job.objects.filter(pk=job.pk).update(state=state, **fields)
    return job


def test_running_job_polls_again_with_its_next(client, office, job):
    response = poll(client, office, job, next="/screening/rounds/")
    assert f'hx-get="{reverse("common:job-progress", args=[job.uuid])}?next=%2Fscreening%2Frounds%2F"' in (
        response.content.decode()
    )
    assert "HX-Redirect" not in response


def test_done_job_sends_on_to_next(client, office, job):
    assert (
        poll(client, office, ended(job), next="/screening/rounds/?a=1")["HX-Redirect"]
        == "/screening/rounds/?a=1"
    )


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.cn/",
        "//elsewhere.cn/",
        "/\\elsewhere.cn",
        "javascript:alert(1)",
        "rounds/",
        "",
        "///x.cn",
    ],
)
def test_done_job_never_sends_elsewhere(client, office, job, target):
    assert "HX-Redirect" not in poll(client, office, ended(job), next=target)


def test_line_break_in_next_is_quoted(client, office, job):
    assert "\n" not in poll(client, office, ended(job), next="/a\nSet-Cookie: b")["HX-Redirect"]


def test_failed_job_tells_why_and_stays(client, office, job):
    response = poll(
        client, office, ended(job, JobState.FAILED, error="缺少“姓名”列"), next="/screening/rounds/"
    )
    assert "HX-Redirect" not in response
    assert "缺少“姓名”列" in response.content.decode()
    assert "hx-get" not in response.content.decode()


def test_job_of_somebody_else_is_not_found(client, director, job):
    assert poll(client, director, job).status_code == 404


def test_anonymous_is_sent_to_sign_in(client, job):
    response = client.get(reverse("common:job-progress", args=[job.uuid]))
    assert response.status_code == 302
    assert reverse("accounts:login") in response["Location"]
