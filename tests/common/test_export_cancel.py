"""Exports and other runs that are cancelled: waiting, under way, in their last moment. No file is left."""

import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common import exports, jobs
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow, Job, JobState
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def job(office):
    factories.household()
    return exports.start(exports.find("households"), "lamp=red&q=", by=office)


def files() -> list:
    folder = Path(settings.PRIVATE_ROOT)
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def press(client, user, job):
    client.force_login(user)
    return client.post(reverse("common:export-cancel", args=[job.uuid]), follow=True)


def test_waiting_export_is_cancelled(client, office, job):
    words = press(client, office, job).content.decode()
    assert "导出已取消" in words
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.CANCELLED, "已由韦晓宁取消，没有完成。")
    assert jobs.execute(job.pk) is False
    assert AuditRow.objects.filter(act="export_cancel", by=office, object_id=job.pk).count() == 1
    assert not AuditRow.objects.filter(act="export").exists()


def test_ended_export_is_not_cancelled(client, office, job):
    jobs.execute(job.pk)
    assert "已经结束" in press(client, office, job).content.decode()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert not AuditRow.objects.filter(act="export_cancel").exists()


@pytest.mark.parametrize("place", ["_rows", "_keep"])
def test_running_export_stops_at_its_next_word_and_leaves_no_file(office, job, monkeypatch, place):
    """Before the first row, and before the file is kept."""
    before, function = files(), getattr(exports, place)

    def cancelled(*words):
        exports.cancel(Job.objects.get(), by=office)
        return function(*words)

    monkeypatch.setattr(exports, place, cancelled)
    factories.household(lamp="red")
    assert jobs.execute(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.CANCELLED, {})
    assert files() == before
    assert not AuditRow.objects.filter(act="export").exists()


def test_export_cancelled_in_its_last_moment_leaves_no_file(office, job, monkeypatch):
    """The file is kept and told of; then it is cancelled before the run has ended."""
    before, keep = files(), exports._keep

    def kept(*words):
        result = keep(*words)
        assert len(files()) == len(before) + 1
        exports.cancel(Job.objects.get(), by=office)
        return result

    monkeypatch.setattr(exports, "_keep", kept)
    assert jobs.execute(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.CANCELLED, {})
    assert files() == before


def test_another_one_may_begin_at_once(office, job):
    exports.cancel(job, by=office)
    again = exports.start(exports.find("households"), "", by=office)
    assert jobs.execute(again.pk)
    again.refresh_from_db()
    assert again.state == JobState.DONE


def test_export_of_somebody_else_is_not_cancelled(client, director, job):
    assert press(client, director, job).status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_cancelling_is_a_post(client, office, job):
    client.force_login(office)
    assert client.get(reverse("common:export-cancel", args=[job.uuid])).status_code == 405


def test_history_tells_filter_in_words_and_how_long_the_file_is_kept(client, office, job):
    jobs.execute(job.pk)
    client.force_login(office)
    words = client.get(reverse("common:export-list")).content.decode()
    assert "灯：" in words
    assert "lamp" not in words.partition("<tbody>")[2].partition("</tbody>")[0]
    job.refresh_from_db()
    kept = job.ended_at + datetime.timedelta(days=7)
    assert f"{kept.year}年{kept.month}月" in words


def test_number_searched_for_is_masked_in_the_words(office):
    number = factories.household().members.get().id_number
    job = exports.start(exports.find("households"), f"q={number}", by=office)
    assert number not in job.payload["words"]


def test_history_of_the_area_names_who_and_gives_no_file(client, office, job):
    jobs.execute(job.pk)
    auditor = factories.user("auditor", Role.AUDITOR, factories.COUNTY, name="岑审计")
    client.force_login(auditor)
    words = client.get(reverse("accounts:export-history")).content.decode()
    assert "韦晓宁" in words
    assert "农户清单" in words
    assert reverse("common:export-download", args=[job.uuid]) not in words


def test_history_of_another_area_shows_nothing(client, job):
    other = factories.user("other-auditor", Role.AUDITOR, factories.OTHER_COUNTY, name="外县审计")
    client.force_login(other)
    assert "韦晓宁" not in client.get(reverse("accounts:export-history")).content.decode()


def test_history_needs_the_right(client, director):
    client.force_login(director)
    assert client.get(reverse("accounts:export-history")).status_code == 403


def test_private_files_are_where_this_test_looks(office):
    stored = private_files.store(b"x")
    assert any(stored in name for name in files())
    private_files.remove(stored)
