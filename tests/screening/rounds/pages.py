"""Lists and requests that the page tests share."""

import datetime
import io

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fangpin.common.workbooks.writing import write_rows
from screening import criteria
from screening.feeds import receiving
from screening.sweep import jobs
from tests import factories

MEDICAL = (
    "姓名",
    "身份证号码",
    "结算日期",
    "就医类型",
    "医疗总费用",
    "合规费用",
    "基本医保报销",
    "大病保险报销",
    "医疗救助",
    "其他赔付",
    "参保类型",
)
SPENT = ("2020-02-03", "住院", "60000", "50000", "20000", "0", "0", "0", "城乡居民")
STRANGER = factories.id_number(datetime.date(1950, 1, 1), serial=499)  # in nobody's household


def workbook(headings, rows) -> bytes:
    stream = io.BytesIO()
    write_rows(stream, headings, rows)
    return stream.getvalue()


def medical_list(*members, extra=()) -> bytes:
    """One settlement of 30,000.00 yuan of one's own for each member."""
    return workbook(MEDICAL, [(m.name, m.id_number, *SPENT) for m in members] + list(extra))


def ill_households(count: int, **fields) -> list:
    return [factories.household(births=[datetime.date(1970, 1, 2)], **fields) for _ in range(count)]


def heads(households) -> list:
    return [household.members.get(relation="head") for household in households]


def deliver(round, by, content: bytes, kind: str = "medical_settlement"):
    receiving.deliver_feed(
        round, criteria.feed_kinds()[kind], file_name="医保清单.xlsx", content=content, by=by
    )
    return round.feeds.order_by("-pk").first()


def check(round, by, content: bytes, kind: str = "medical_settlement"):
    """Received and checked, not yet delivered."""
    feed = receiving.receive_feed(
        round, criteria.feed_kinds()[kind], file_name="医保清单.xlsx", content=content, by=by
    )
    receiving.check_feed(feed, by=by)
    feed.refresh_from_db()
    return feed


def swept(round, by, households, office):
    """Delivers a list that makes one lead of each household, and sweeps."""
    feed = deliver(round, by, medical_list(*heads(households)))
    jobs.sweep_now(round, by=office)
    round.refresh_from_db()
    return feed


def upload(content: bytes, name: str = "医保清单.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def page(client, user, name: str, *args, **query):
    """What `user` gets at the named address."""
    client.force_login(user)
    return client.get(reverse(name, args=args), query)


def queries(client, user, name: str, *args, **query) -> int:
    """How many queries the page takes, nothing cached. Asked for twice: the first writes the session."""
    page(client, user, name, *args, **query)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(name, args=args), query).status_code == 200
    return len(captured)


def words(response) -> str:
    return response.content.decode()
