import dataclasses
import io

import openpyxl
import pytest
from django.urls import reverse

from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow, Job, JobState
from screening import criteria
from screening.models import Feed, FeedState, Round
from tests import factories
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_office(db):
    return factories.user("other-office", Role.OFFICE, factories.OTHER_COUNTY, name="外县")


@pytest.fixture
def checked(round_2020q1, insurance_officer):
    """One row matched, one of a stranger, one with a broken number."""
    (head,) = pages.heads(pages.ill_households(1))
    extra = [("李四", pages.STRANGER, *pages.SPENT), ("王五", "459900197001", *pages.SPENT)]
    return pages.check(round_2020q1, insurance_officer, pages.medical_list(head, extra=extra))


def send(client, user, round, content, kind="medical_settlement", **fields):
    client.force_login(user)
    address = reverse("screening:feed-upload", args=[round.uuid, kind])
    return client.post(address, {"file": pages.upload(content), **fields})


def accept(client, user, feed):
    client.force_login(user)
    return client.post(reverse("screening:feed-accept", args=[feed.uuid]), follow=True)


def detail(client, user, feed, **query):
    return pages.page(client, user, "screening:feed-detail", feed.uuid, **query)


def state(feed) -> str:
    return Feed.objects.get(pk=feed.pk).state


# ---- List ----
def test_office_sees_what_every_department_owes(client, round_2020q1, office):
    shown = pages.words(pages.page(client, office, "screening:feed-list"))
    for kind in criteria.feed_kinds().values():
        assert kind.label in shown


def test_officer_sees_what_is_due_from_him(client, round_2020q1, insurance_officer, checked):
    shown = pages.words(pages.page(client, insurance_officer, "screening:feed-list"))
    assert "医疗费用结算清单" in shown
    assert "义务教育失学辍学名单" not in shown
    assert "已检查，待确认报送" in shown


def test_officer_sees_no_list_of_another_department(client, education_officer, checked):
    assert "医保清单.xlsx" not in pages.words(pages.page(client, education_officer, "screening:feed-list"))


def test_list_shows_nothing_of_another_county(client, other_office, checked):
    shown = pages.words(pages.page(client, other_office, "screening:feed-list"))
    assert "医保清单.xlsx" not in shown
    assert "还没有开启排查" in shown


def test_list_of_a_round_out_of_scope_is_not_found(client, round_2020q1, other_office):
    response = pages.page(client, other_office, "screening:feed-list", round=str(round_2020q1.uuid))
    assert response.status_code == 404


def test_list_refuses_a_village(client, village_cadre):
    assert pages.page(client, village_cadre, "screening:feed-list").status_code == 403


def test_list_costs_the_same_for_many_feeds(client, round_2020q1, office, insurance_officer):
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    few = pages.queries(client, office, "screening:feed-list")
    for head in pages.heads(pages.ill_households(3)):
        pages.deliver(round_2020q1, insurance_officer, pages.medical_list(head))
    assert pages.queries(client, office, "screening:feed-list") == few <= 42


# ---- Template ----
def test_template_has_the_headings(client, insurance_officer):
    response = pages.page(client, insurance_officer, "screening:feed-template", "medical_settlement")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    labels = {
        cell.value.rstrip("*") for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
    }
    assert "结算日期" in labels
    assert "attachment" in response["Content-Disposition"]


def test_template_of_another_department_is_not_found(client, education_officer):
    response = pages.page(client, education_officer, "screening:feed-template", "medical_settlement")
    assert response.status_code == 404


def test_template_is_for_who_delivers(client, director):
    assert pages.page(client, director, "screening:feed-template", "medical_settlement").status_code == 403


# ---- Upload ----
def test_upload_page_names_the_columns(client, round_2020q1, insurance_officer):
    shown = pages.words(
        pages.page(
            client, insurance_officer, "screening:feed-upload", round_2020q1.uuid, "medical_settlement"
        )
    )
    assert "医疗总费用" in shown
    assert 'accept=".xlsx,.xls,.csv"' in shown


def test_upload_keeps_the_file_and_queues_its_check(client, round_2020q1, insurance_officer):
    response = send(client, insurance_officer, round_2020q1, pages.medical_list())
    feed = Feed.objects.get()
    assert response["Location"] == reverse("screening:feed-detail", args=[feed.uuid])
    assert (feed.state, feed.department.code, feed.on_behalf) == (FeedState.RECEIVED, "insurance", False)
    assert Job.objects.get().key == f"check_feed:{feed.pk}"


@pytest.mark.parametrize("name", ["照片.png", "名单.et", "名单"])
def test_upload_of_another_kind_of_file_is_refused_at_once(client, round_2020q1, insurance_officer, name):
    client.force_login(insurance_officer)
    address = reverse("screening:feed-upload", args=[round_2020q1.uuid, "medical_settlement"])
    response = client.post(address, {"file": pages.upload(b"x", name)})
    assert response.status_code == 422
    assert "这个文件不是表格" in pages.words(response)
    assert not Feed.objects.exists()


def test_upload_is_checked_by_the_worker(
    client, round_2020q1, insurance_officer, django_capture_on_commit_callbacks
):
    (head,) = pages.heads(pages.ill_households(1))
    with django_capture_on_commit_callbacks(execute=True):
        send(client, insurance_officer, round_2020q1, pages.medical_list(head))
    feed = Feed.objects.get()
    assert (feed.state, feed.rows_matched) == (FeedState.CHECKED, 1)


def test_upload_by_the_office_is_on_behalf(client, round_2020q1, office):
    send(client, office, round_2020q1, pages.medical_list())
    feed = Feed.objects.get()
    assert (feed.department.code, feed.on_behalf) == ("insurance", True)


def test_office_chooses_the_department_of_a_shared_kind(client, round_2020q1, office, monkeypatch):
    kind = criteria.feed_kinds()["medical_settlement"]
    shared = dataclasses.replace(kind, departments=("insurance", "civil"))
    monkeypatch.setattr(criteria, "feed_kinds", lambda: {"medical_settlement": shared})
    assert send(client, office, round_2020q1, pages.medical_list()).status_code == 422
    send(client, office, round_2020q1, pages.medical_list(), department="civil")
    assert Feed.objects.get().department.code == "civil"


def test_office_comes_to_the_department_of_the_line(client, round_2020q1, office, monkeypatch):
    kind = criteria.feed_kinds()["medical_settlement"]
    shared = dataclasses.replace(kind, departments=("insurance", "civil"))
    monkeypatch.setattr(criteria, "feed_kinds", lambda: {"medical_settlement": shared})
    shown = pages.words(pages.page(client, office, "screening:feed-list"))
    address = reverse("screening:feed-upload", args=[round_2020q1.uuid, "medical_settlement"])
    assert f"{address}?department=civil" in shown
    page = client.get(f"{address}?department=civil")
    assert 'value="civil" selected' in pages.words(page)


def test_department_confirms_what_the_office_brought_for_it(client, round_2020q1, office, insurance_officer):
    feed = pages.check(round_2020q1, office, pages.medical_list(*pages.heads(pages.ill_households(1))))
    assert "代传" in pages.words(detail(client, insurance_officer, feed))
    accept(client, insurance_officer, feed)
    assert state(feed) == FeedState.MATCHED


def test_upload_without_a_file_says_so(client, round_2020q1, insurance_officer):
    client.force_login(insurance_officer)
    response = client.post(reverse("screening:feed-upload", args=[round_2020q1.uuid, "medical_settlement"]))
    assert response.status_code == 422
    assert "请选择要上传的文件" in pages.words(response)


def test_upload_over_the_limit_is_refused(client, round_2020q1, insurance_officer, settings):
    settings.UPLOAD_MAX_BYTES = 10
    assert send(client, insurance_officer, round_2020q1, b"x" * 11).status_code == 422
    assert not Feed.objects.exists()


def test_upload_of_another_departments_kind_is_not_found(client, round_2020q1, education_officer):
    assert send(client, education_officer, round_2020q1, pages.medical_list()).status_code == 404


def test_upload_to_another_county_is_not_found(client, round_2020q1, other_office):
    assert send(client, other_office, round_2020q1, pages.medical_list()).status_code == 404
    assert not Feed.objects.exists()


def test_director_uploads_nothing(client, round_2020q1, director):
    assert send(client, director, round_2020q1, pages.medical_list()).status_code == 403


def test_submitted_round_takes_no_list(client, round_2020q1, insurance_officer):
    Round.objects.filter(pk=round_2020q1.pk).update(state="submitted")
    response = send(client, insurance_officer, round_2020q1, pages.medical_list())
    assert response.status_code == 422
    assert not Feed.objects.exists()


# ---- Detail ----
def test_detail_shows_rows_that_were_not_taken_masked(client, insurance_officer, checked):
    shown = pages.words(detail(client, insurance_officer, checked))
    assert "李四" in shown
    assert "户册中没有" in shown
    assert "证件号码位数不对" in shown
    assert f"4599**********{pages.STRANGER[-4:]}" in shown
    assert pages.STRANGER not in shown
    assert "459900197001" not in shown


def test_detail_shows_one_kind_of_row(client, insurance_officer, checked):
    rows = detail(client, insurance_officer, checked, status="refused").context["page"]
    assert [row.first_cells[0] for row in rows] == ["王五"]


def test_detail_of_a_running_check_polls(client, round_2020q1, insurance_officer):
    send(client, insurance_officer, round_2020q1, pages.medical_list())
    feed, job = Feed.objects.get(), Job.objects.get()
    shown = pages.words(detail(client, insurance_officer, feed))
    assert f"{reverse('common:job-progress', args=[job.uuid])}?next=" in shown


def test_detail_of_a_check_of_somebody_else_tells_it(client, round_2020q1, insurance_officer, office):
    send(client, insurance_officer, round_2020q1, pages.medical_list())
    shown = pages.words(detail(client, office, Feed.objects.get()))
    assert "莫科员上传的文件正在检查" in shown
    assert "hx-get" not in shown


def test_detail_of_a_check_that_broke_offers_another_file(client, round_2020q1, insurance_officer):
    send(client, insurance_officer, round_2020q1, pages.medical_list())
    Job.objects.update(state=JobState.FAILED, error="程序出错，没有完成。")
    shown = pages.words(detail(client, insurance_officer, Feed.objects.get()))
    assert "程序出错，没有完成。" in shown
    assert "换一份文件" in shown


def test_refused_file_tells_why_and_what_to_do(
    client, round_2020q1, insurance_officer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send(client, insurance_officer, round_2020q1, pages.workbook(["姓名"], [["李四"]]))
    shown = pages.words(detail(client, insurance_officer, Feed.objects.get()))
    assert "整份退回" in shown
    assert "身份证号码" in shown
    assert "换一份文件" in shown
    assert "确认报送</button>" not in shown


def test_unknown_headings_are_told(client, round_2020q1, insurance_officer):
    content = pages.workbook((*pages.MEDICAL, "备用栏目"), [("李四", pages.STRANGER, *pages.SPENT, "x")])
    feed = pages.check(round_2020q1, insurance_officer, content)
    assert "备用栏目" in pages.words(detail(client, insurance_officer, feed))


def test_detail_of_another_department_is_not_found(client, education_officer, checked):
    assert detail(client, education_officer, checked).status_code == 404


def test_detail_of_another_county_is_not_found(client, other_office, checked):
    assert detail(client, other_office, checked).status_code == 404


def test_detail_refuses_a_village(client, village_cadre, checked):
    assert detail(client, village_cadre, checked).status_code == 403


def test_anonymous_is_sent_to_sign_in(client, checked):
    response = client.get(reverse("screening:feed-detail", args=[checked.uuid]))
    assert reverse("accounts:login") in response["Location"]


def test_director_looks_but_does_not_act(client, director, checked):
    shown = pages.words(detail(client, director, checked))
    assert "确认报送</button>" not in shown
    assert reverse("screening:feed-returned", args=[checked.uuid]) not in shown


def test_detail_costs_the_same_for_many_rows(client, round_2020q1, insurance_officer):
    def rows(count):
        return [(f"李{n}", pages.STRANGER, f"2020-02-{n + 1:02}", *pages.SPENT[1:]) for n in range(count)]

    counts = []
    for count in (2, 20):
        feed = pages.check(round_2020q1, insurance_officer, pages.medical_list(extra=rows(count)))
        counts.append(pages.queries(client, insurance_officer, "screening:feed-detail", feed.uuid))
    assert counts[0] == counts[1] <= 19


def test_row_begins_with_the_name_and_ends_with_its_number_in_the_file(
    client, round_2020q1, insurance_officer
):
    headings = ("序号", *pages.MEDICAL[2:], *pages.MEDICAL[:2])
    content = pages.workbook(headings, [("1", *pages.SPENT, "李四", pages.STRANGER)])
    feed = pages.check(round_2020q1, insurance_officer, content)
    (row,) = detail(client, insurance_officer, feed).context["page"]
    assert row.first_cells == ["李四", f"{pages.STRANGER[:4]}**********{pages.STRANGER[-4:]}", pages.SPENT[0]]


# ---- Delivery ----
def test_accept_delivers(client, insurance_officer, checked):
    assert "已报送" in pages.words(accept(client, insurance_officer, checked))
    assert state(checked) == FeedState.MATCHED


def test_accept_twice_changes_nothing_more(client, insurance_officer, checked):
    accept(client, insurance_officer, checked)
    assert "note-error" in pages.words(accept(client, insurance_officer, checked))
    assert state(checked) == FeedState.MATCHED


def test_accept_tells_that_it_replaces_and_does(client, round_2020q1, insurance_officer, checked):
    earlier = pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    newer = pages.check(
        round_2020q1, insurance_officer, pages.medical_list(*pages.heads(pages.ill_households(1)))
    )
    assert "将整份替换" in pages.words(detail(client, insurance_officer, newer))
    accept(client, insurance_officer, newer)
    assert (state(earlier), state(newer)) == (FeedState.SUPERSEDED, FeedState.MATCHED)
    assert "已被后来报送的替换" in pages.words(detail(client, insurance_officer, earlier))


def test_list_of_which_nothing_was_matched_does_not_replace(client, round_2020q1, insurance_officer):
    earlier = pages.deliver(
        round_2020q1, insurance_officer, pages.medical_list(*pages.heads(pages.ill_households(1)))
    )
    strangers = pages.check(
        round_2020q1, insurance_officer, pages.medical_list(extra=[("某某", pages.STRANGER, *pages.SPENT)])
    )
    shown = pages.words(detail(client, insurance_officer, strangers))
    assert "这份没有一行比中" in shown
    assert 'data-confirm-label="确认报送"' not in shown
    assert "没有一行比中" in pages.words(accept(client, insurance_officer, strangers))
    assert (state(earlier), state(strangers)) == (FeedState.MATCHED, FeedState.CHECKED)


def test_mended_rows_alone_are_warned_of(client, round_2020q1, insurance_officer, checked):
    heads = pages.heads(pages.ill_households(5))
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list(*heads))
    part = pages.check(round_2020q1, insurance_officer, pages.medical_list(*heads[:2]))
    shown = pages.words(detail(client, insurance_officer, part))
    assert "这份只有 2 行，已报送的那份有 5 行" in shown
    assert "data-confirm-danger" in shown


def test_list_of_usual_length_is_not_warned_of(client, round_2020q1, insurance_officer, checked):
    heads = pages.heads(pages.ill_households(4))
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list(*heads))
    newer = pages.check(round_2020q1, insurance_officer, pages.medical_list(*heads[:2]))
    shown = pages.words(detail(client, insurance_officer, newer))
    assert "将整份替换" in shown
    assert "这份只有" not in shown


def test_accept_after_submission_is_a_conflict(client, round_2020q1, insurance_officer, checked):
    Round.objects.filter(pk=round_2020q1.pk).update(state="submitted")
    assert "已提请审定" in pages.words(accept(client, insurance_officer, checked))
    assert state(checked) == FeedState.CHECKED


def test_accept_for_another_department_is_not_found(client, education_officer, checked):
    assert accept(client, education_officer, checked).status_code == 404
    assert state(checked) == FeedState.CHECKED


def test_accept_is_a_post_for_who_delivers(client, director, insurance_officer, checked):
    assert accept(client, director, checked).status_code == 403
    assert pages.page(client, insurance_officer, "screening:feed-accept", checked.uuid).status_code == 405


def test_returned_rows_come_back_as_sent_and_audited(client, insurance_officer, checked):
    response = pages.page(client, insurance_officer, "screening:feed-returned", checked.uuid)
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert pages.STRANGER in {cell.value for row in sheet.iter_rows() for cell in row}
    assert AuditRow.objects.filter(act="feed_returned").count() == 1


def test_returned_rows_are_for_who_delivers(client, director, education_officer, checked):
    assert pages.page(client, director, "screening:feed-returned", checked.uuid).status_code == 403
    assert pages.page(client, education_officer, "screening:feed-returned", checked.uuid).status_code == 404
