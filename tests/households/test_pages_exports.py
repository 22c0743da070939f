import datetime
import io
import json

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.models import Duty
from fangpin.accounts.roles import Role
from fangpin.common import exports, jobs
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow, Job, JobState
from tests import factories

START = reverse("common:export-start", args=["households"])


@pytest.fixture
def export(client, django_capture_on_commit_callbacks):
    """Asks for an export and lets the worker make it."""

    def ask(user, filter_text="") -> Job:
        client.force_login(user)
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(START, {"filter": filter_text})
        job = Job.objects.order_by("-id").first()
        assert response["Location"] == reverse("common:export-detail", args=[job.uuid])
        return job

    return ask


def download(job) -> str:
    return reverse("common:export-download", args=[job.uuid])


def rows(content: bytes) -> list[tuple]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return list(sheet.iter_rows(min_row=3, values_only=True))


def test_export_holds_exactly_the_filtered_list(client, office, export):
    lit = factories.household(names=["亮灯户"], lamp="red", number="0012")
    factories.income(lit, "4180.55", year=2019)
    factories.household(names=["别的户"])
    factories.household(names=["外县户"], lamp="red", village=factories.OTHER_COUNTY_VILLAGE)
    job = export(office, "lamp=red&after=xyz")
    exported = rows(client.get(download(job)).content)
    assert [row[0] for row in exported] == ["亮灯户"]
    assert exported[0][5] == "0012"
    assert exported[0][12] == 4180.55
    assert job.result["rows"] == 1


def test_export_masks_id_numbers(client, office, export):
    number = factories.household().members.get().id_number
    row = rows(client.get(download(export(office))).content)[0]
    assert number not in row
    assert row[13] == f"{number[:4]}**********{number[-4:]}"


def test_export_is_a_file_to_save(client, office, export):
    response = client.get(download(export(office)))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_export_is_audited_with_filter_and_rows(client, office, export):
    factories.household(lamp="red")
    job = export(office, "lamp=red&q=")
    row = AuditRow.objects.get(act="export")
    assert (row.by, row.object_id) == (office, job.pk)
    assert row.details["rows"] == 1
    assert row.details["filter"] == {"lamp": "red"}
    assert row.details["full_numbers"] is False
    client.get(download(job))
    assert AuditRow.objects.filter(act="export_download", object_id=job.pk).count() == 1


def test_full_number_in_a_filter_is_written_nowhere(client, office, export):
    number = factories.household().members.get().id_number
    spaced = f"{number[:6]} {number[6:]}"
    job = export(office, f"q={spaced}")
    kept = json.dumps(job.payload) + json.dumps(AuditRow.objects.get(act="export").details)
    assert number not in kept
    assert spaced not in kept
    assert number[6:14] not in kept


def test_finished_export_offers_the_file(client, office, export):
    job = export(office)
    words = client.get(reverse("common:export-detail", args=[job.uuid])).content.decode()
    assert download(job) in words
    assert download(job) in client.get(reverse("common:export-list")).content.decode()


def test_running_export_shows_progress_and_leads_back(client, office):
    client.force_login(office)
    page = client.post(START, {"filter": ""})["Location"]
    words = client.get(page).content.decode()
    assert f"?next={page.replace('/', '%2F')}" in words or f"?next={page}" in words
    assert client.get(download(Job.objects.get())).status_code == 404


def test_second_export_joins_the_running_one(client, office):
    client.force_login(office)
    first = client.post(START, {"filter": ""})
    second = client.post(START, {"filter": ""}, follow=True)
    assert second.redirect_chain[0][0] == first["Location"]
    assert "还在进行" in second.content.decode()


def test_export_without_the_right_is_forbidden(client, village_cadre, director):
    for user in (village_cadre, director):
        client.force_login(user)
        assert client.post(START).status_code == 403
    assert not Job.objects.exists()


def test_export_button_is_shown_with_the_right_only(client, office, village_cadre):
    page = reverse("households:household-list")
    client.force_login(office)
    assert START in client.get(page).content.decode()
    client.force_login(village_cadre)
    assert START not in client.get(page).content.decode()


def test_export_of_anonymous_leads_to_sign_in(client, office, export):
    job = export(office)
    client.logout()
    for url in (
        download(job),
        reverse("common:export-list"),
        reverse("common:export-detail", args=[job.uuid]),
    ):
        assert client.get(url)["Location"].startswith(reverse("accounts:login"))
    assert client.post(START)["Location"].startswith(reverse("accounts:login"))


def test_unknown_list_does_not_exist(client, office):
    client.force_login(office)
    assert client.post(reverse("common:export-start", args=["nonsense"])).status_code == 404


def test_export_is_its_owners_alone(client, office, township_officer, export):
    job = export(office)
    client.force_login(township_officer)
    assert client.get(download(job)).status_code == 404
    assert client.get(reverse("common:export-detail", args=[job.uuid])).status_code == 404
    assert client.get(reverse("common:export-list")).context["rows"] == []


def test_export_of_one_duty_is_not_had_in_another(client, office, export):
    job = export(office)
    Duty.objects.filter(pk=office.acting.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    factories.user("office", Role.TOWNSHIP, factories.TOWNSHIP)
    assert client.get(download(job)).status_code == 404


def test_right_taken_away_before_the_work_stops_it(office, monkeypatch):
    job = exports.start(exports.find("households"), "", by=office)
    monkeypatch.setattr(
        "fangpin.accounts.models.users.ROLE_PERMISSIONS", dict.fromkeys(Role.values, frozenset())
    )
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "没有导出这份清单的权限" in job.error


def test_export_with_full_numbers_needs_the_right_to_them(office, director):
    full = exports.Export("x", "x", "household.view", (), None, None, full_numbers=True)
    assert full.allowed(office)
    assert not full.allowed(director)


def test_export_of_a_township_holds_its_own_area(client, township_officer, export):
    factories.household(names=["本乡户"])
    factories.household(names=["外乡户"], village=factories.OTHER_TOWNSHIP_VILLAGE)
    exported = rows(client.get(download(export(township_officer))).content)
    assert [row[0] for row in exported] == ["本乡户"]


def test_old_files_are_taken_away(client, office, export):
    job = export(office)
    stored = job.result["stored"]
    Job.objects.filter(pk=job.pk).update(ended_at=timezone.now() - datetime.timedelta(days=8))
    assert exports.remove_old() == 1
    with pytest.raises(FileNotFoundError):
        private_files.load(stored)
    response = client.get(download(job), follow=True)
    assert "已经删除" in response.content.decode()


def test_own_exports_are_a_click_away_for_who_may_export(client, office, village_cadre):
    for user, offered in ((office, True), (village_cadre, False)):
        client.force_login(user)
        assert (reverse("common:export-list") in client.get("/").content.decode()) is offered
