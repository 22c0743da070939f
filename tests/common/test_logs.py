"""Each line of a request or task bears its number, the page and the answer as well; none holds a person's
number."""

import io
import json
import logging
import re

import pytest
from celery import signals
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from fangpin import celery
from fangpin.accounts.roles import Role
from fangpin.common import jobs, tasks
from fangpin.common.logs import formats, request_ids
from tests import factories

log = logging.getLogger("fangpin.test")


def speaking(request):
    log.warning("speaks")
    return HttpResponse("ok")


def broken(request):
    raise ValueError("450000199001011234 has no place here")


def forbidden(request):
    raise PermissionDenied


urlpatterns = [
    path("speaking", speaking),
    path("broken", broken),
    path("forbidden", forbidden),
    path("", include("fangpin.urls")),
]


@pytest.fixture
def lines(monkeypatch):
    """What the console gets, through the handler of the settings."""
    (console,) = [handler for handler in logging.getLogger().handlers if handler.name == "console"]
    monkeypatch.setattr(console, "stream", io.StringIO())
    return lambda: console.stream.getvalue().splitlines()


@pytest.fixture
def visitor():
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


def test_line_of_a_request_bears_the_number_of_its_answer(visitor, lines):
    first, second = visitor.get("/speaking"), visitor.get("/speaking")
    numbers = [answer.headers["X-Request-ID"] for answer in (first, second)]
    assert all(re.fullmatch("[0-9a-f]{12}", number) for number in numbers)
    assert numbers[0] != numbers[1]
    assert [line.split()[3] for line in lines() if "speaks" in line] == numbers


@pytest.mark.parametrize(("address", "status"), [("/broken", 500), ("/forbidden", 403), ("/nowhere", 404)])
def test_error_page_shows_the_number_of_its_log_line(visitor, lines, address, status):
    answer = visitor.get(address)
    assert answer.status_code == status
    number = answer.headers["X-Request-ID"]
    assert f"编号 <code>{number}</code>" in answer.content.decode()
    assert any(number in line and address in line for line in lines())


def test_fault_has_a_traceback_without_numbers_of_persons(visitor, lines):
    visitor.get("/broken")
    text = "\n".join(lines())
    assert "Traceback" in text
    assert "ValueError: *** has no place here" in text


def test_refusal_has_one_line_and_no_traceback(visitor, lines):
    visitor.get("/forbidden")
    (line,) = lines()
    assert "WARNING" in line
    assert "/forbidden" in line


def test_page_that_the_duty_may_not_open_logs_one_line(db, client, lines):
    client.force_login(factories.user("cadre", Role.VILLAGE_CADRE, factories.VILLAGE, name="岑干部"))
    answer = client.get("/accounts/users/")
    assert answer.status_code == 403
    (line,) = lines()
    assert answer.headers["X-Request-ID"] in line


def test_api_answers_with_the_number(db, client):
    answer = client.get("/api/v1/national/items")
    assert answer.status_code in (401, 404)
    assert re.fullmatch("[0-9a-f]{12}", answer.headers["X-Request-ID"])


def run_in_worker(headers: dict) -> str:
    """The number that the task of these headers logs under, as a worker runs it."""
    seen = []

    @celery.app.task(name="tests.speaking", bind=True, shared=False)
    def speaking_task(self):
        seen.append(request_ids.current.get())

    speaking_task.push_request(**headers, is_eager=False)
    try:
        signals.task_prerun.send(sender=speaking_task, task=speaking_task)
        speaking_task.run()
    finally:
        speaking_task.pop_request()
        del celery.app.tasks["tests.speaking"]
    return seen[0]


@pytest.fixture
def number():
    token = request_ids.current.set("0123456789ab")
    yield "0123456789ab"
    request_ids.current.reset(token)


def published(name: str) -> dict:
    headers: dict = {}
    signals.before_task_publish.send(sender=name, body=(), headers=headers)
    return headers


def test_task_goes_on_under_the_number_of_its_request(number):
    headers = published("common.run_job")
    request_ids.current.set("another")
    assert run_in_worker(headers) == number


def test_task_of_the_clock_gets_a_number_of_its_own(number):
    request_ids.current.set(request_ids.NONE)
    headers = published("common.requeue_stale_jobs")
    first, second = run_in_worker(headers), run_in_worker(headers)
    assert re.fullmatch("[0-9a-f]{12}", first)
    assert first != second


def test_work_within_the_page_keeps_its_number(db, number, lines, monkeypatch):
    monkeypatch.setattr(jobs, "execute", lambda pk: log.warning("job %s speaks", pk))
    tasks.run_job.delay(7)
    (line,) = [line for line in lines() if "job 7 speaks" in line]
    assert number in line


def record(message: str, *arguments) -> logging.LogRecord:
    return logging.LogRecord("fangpin.test", logging.ERROR, __file__, 1, message, arguments, None)


def test_json_line_is_one_object():
    entry = record("number %s\nof 黄", "450000199001011234")
    entry.request_id = "0123456789ab"
    text = formats.JsonFormatter().format(entry)
    assert "\n" not in text
    line = json.loads(text)
    assert line.pop("at")
    assert line == {
        "level": "ERROR",
        "logger": "fangpin.test",
        "request_id": "0123456789ab",
        "message": "number ***\nof 黄",
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("身份证45000019900101123X不对", "身份证***不对"),
        ("号450000199001011234", "号***"),
        ("旧450000900101123号", "旧***号"),
        ("卡6217000010001234567", "卡***"),
        ("电话13812345678。", "电话***。"),
        ("division 451228000000, round 2020, job 12345", "division 451228000000, round 2020, job 12345"),
        ("succeeded in 0.0012345678901234567s", "succeeded in 0.0012345678901234567s"),
        ("request 13812345678a", "request 13812345678a"),
        (
            "CheckViolation: new row\nDETAIL:  Failing row contains (1, 黄小明,\n二行).\n\n\nThe above",
            "CheckViolation: new row\nDETAIL: ***\n\n\nThe above",
        ),
        ("x\nDETAIL:  Key (name)=(黄小明) exists.\nCONTEXT:  SQL", "x\nDETAIL: ***\nCONTEXT:  SQL"),
    ],
)
def test_personal_data_is_masked(text, shown):
    assert formats.masked(text) == shown
