import datetime
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from fangpin.common import jobs
from fangpin.common.models import AuditRow, Job, JobState, StatusRecord
from fangpin.common.refusals import Refused
from fangpin.common.workbooks.writing import write_rows
from households.models import (
    AnnualIncome,
    Case,
    Household,
    ImportKind,
    ImportState,
    QualityReport,
    RegistryImport,
    TakeOver,
)
from households.registry import imports
from tests import factories

LIST = reverse("households:import-list")
UPLOAD = reverse("households:import-upload")
CLOSE = reverse("households:takeover-close")
HEADINGS = ["乡(镇)", "行政村", "户编号", "姓名", "证件号码", "与户主关系", "户类型"]
BIRTH = datetime.date(1970, 1, 2)


def workbook(headings, rows) -> bytes:
    stream = io.BytesIO()
    write_rows(stream, headings, rows)
    return stream.getvalue()


def registry(*names, place="镇南社区", number=None) -> bytes:
    rows = [
        ["安阳镇", place, f"N-{i}", name, number or factories.id_number(BIRTH), "户主", "一般农户"]
        for i, name in enumerate(names)
    ]
    return workbook(HEADINGS, rows)


def address(batch, page="detail") -> str:
    return reverse(f"households:import-{page}", args=[batch.uuid])


@pytest.fixture
def as_office(client, office):
    client.force_login(office)
    return client


@pytest.fixture
def upload(django_capture_on_commit_callbacks):
    """Uploads as somebody who is signed in, and lets the worker do its part."""

    def send(client, content: bytes, kind="registry", name="户册.xlsx"):
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(UPLOAD, {"kind": kind, "file": SimpleUploadedFile(name, content)})
        return response, RegistryImport.objects.order_by("-id").first()

    return send


def confirm(client, batch, capture):
    with capture(execute=True):
        return client.post(address(batch, "confirm"))


def received(by, **fields) -> RegistryImport:
    batch = imports.receive(ImportKind.REGISTRY, file_name="别人的户册.xlsx", content=registry("韦一"), by=by)
    RegistryImport.objects.filter(pk=batch.pk).update(**fields)
    return batch


# --- the page, templates, upload ----------------------------------------------------------------------


def test_import_page_names_what_is_accepted(as_office):
    words = as_office.get(LIST).content.decode()
    assert "支持 .xlsx、.xls、.csv，不超过 100 MB" in words
    assert 'accept=".xlsx,.xls,.csv"' in words


@pytest.mark.parametrize("kind", ["registry", "income"])
def test_template_is_a_workbook(as_office, kind):
    response = as_office.get(reverse("households:import-template", args=[kind]))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert openpyxl.load_workbook(io.BytesIO(response.content)).sheetnames[0] == "数据"


def test_upload_is_checked_and_nothing_taken_in(as_office, upload):
    response, batch = upload(as_office, registry("韦一", "韦二"))
    assert response["Location"] == address(batch)
    assert batch.state == ImportState.CHECKED
    assert not Household.objects.exists()
    words = as_office.get(address(batch)).content.decode()
    assert "户册还没有改动" in words
    assert "确认导入 2 行？" in words


@pytest.mark.parametrize(
    ("name", "content", "words"), [("户册.pdf", b"%PDF-1.4", "不是表格"), ("户册.xlsx", b"", "文件是空的")]
)
def test_upload_of_another_file_is_told_at_once(as_office, upload, name, content, words):
    response, batch = upload(as_office, content, name=name)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert batch is None


def test_upload_over_the_limit_is_told(as_office, upload, settings):
    settings.UPLOAD_MAX_BYTES = 1024
    response, batch = upload(as_office, registry("韦一"))
    assert response.status_code == 422
    assert "文件超过" in response.content.decode()
    assert batch is None


def test_upload_without_a_file_is_told_in_its_own_card(as_office):
    response = as_office.post(UPLOAD, {"kind": "income"})
    assert response.status_code == 422
    forms = {card.kind: card.form for card in response.context["cards"]}
    assert forms["income"].errors
    assert not forms["registry"].errors


def test_unreadable_workbook_is_refused_with_the_remedy(as_office, upload):
    _, batch = upload(as_office, workbook(["姓名", "备注"], [["韦一", ""]]))
    assert batch.state == ImportState.REFUSED
    words = as_office.get(address(batch)).content.decode()
    assert "整份退回" in words
    assert batch.error in words
    assert "确认导入" not in words


def test_progress_is_shown_to_who_uploaded(as_office):
    response = as_office.post(
        UPLOAD, {"kind": "registry", "file": SimpleUploadedFile("a.xlsx", registry("韦一"))}
    )
    words = as_office.get(response["Location"]).content.decode()
    job = Job.objects.get()
    assert f"{reverse('common:job-progress', args=[job.uuid])}?next=" in words
    assert "确认导入" not in words


# --- result -------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(as_office, upload):
    rows = [
        ["安阳镇", "镇南社区", "N-1", "韦可用", factories.id_number(BIRTH), "户主", "一般农户"],
        ["安阳镇", "没有这个村", "N-2", "韦无村", factories.id_number(BIRTH), "户主", "一般农户"],
        ["安阳镇", "镇南社区", "N-3", "韦短号", "123", "户主", "一般农户"],
    ]
    rows.append(rows[0])
    _, batch = upload(as_office, workbook(HEADINGS, rows))
    return batch


def test_result_figures_add_up(as_office, mixed):
    figures = as_office.get(address(mixed)).context["result"].figures
    assert [figure["number"] for figure in figures] == ["4", "1", "1", "2"]


def test_faults_are_named_in_words_never_by_code(as_office, mixed):
    response = as_office.get(address(mixed))
    words = response.content.decode()
    for expected in ("韦无村", "乡（镇）或行政村对不上", "证件号码位数不对", "重复的行"):
        assert expected in words
    body = words[words.index('id="faults"') :].split("<tbody>")[1]
    for code in ("division_unknown", "id_length", "duplicate_row"):
        assert code not in body


@pytest.mark.parametrize(
    ("chosen", "rows"), [({}, [3, 4, 5]), ({"outcome": "set_aside"}, [5]), ({"code": "id_length"}, [4])]
)
def test_faults_filter(as_office, mixed, chosen, rows):
    response = as_office.get(address(mixed), chosen)
    assert [row.number for row in response.context["page"]] == rows


def test_returned_rows_carry_the_reason(as_office, mixed):
    response = as_office.get(address(mixed, "returned"))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[4] for row in rows[1:]] == ["韦无村", "韦短号", "韦可用"]
    assert "找不到" in rows[1][-1]
    assert "no-store" in response["Cache-Control"]
    assert AuditRow.objects.filter(act="registry_returned", object_id=mixed.pk).count() == 1


def test_confirm_takes_the_good_rows_in(as_office, mixed, django_capture_on_commit_callbacks):
    response = confirm(as_office, mixed, django_capture_on_commit_callbacks)
    assert response["Location"] == address(mixed)
    mixed.refresh_from_db()
    assert mixed.state == ImportState.APPLIED
    assert Household.objects.get().head_name == "韦可用"
    words = as_office.get(address(mixed)).content.decode()
    assert "已导入 1 行" in words
    assert "确认导入" not in words


def test_confirm_twice_is_told(as_office, mixed, django_capture_on_commit_callbacks):
    confirm(as_office, mixed, django_capture_on_commit_callbacks)
    response = confirm(as_office, mixed, django_capture_on_commit_callbacks)
    assert "不能再办理这一步" in as_office.get(response["Location"]).content.decode()
    assert Job.objects.filter(kind="registry_import").count() == 2


def test_doubts_are_counted_again_after_an_import(as_office, mixed, django_capture_on_commit_callbacks):
    assert not QualityReport.objects.exists()
    confirm(as_office, mixed, django_capture_on_commit_callbacks)
    assert QualityReport.objects.get().counts["hamlet_blank"] == {"451228100": 1}


def test_confirm_while_it_runs_is_told(as_office, mixed, office):
    as_office.post(address(mixed, "confirm"))
    response = as_office.post(address(mixed, "confirm"), follow=True)
    assert "正在进行" in response.content.decode()
    assert Job.objects.active().count() == 1


def test_confirm_needs_post(as_office, mixed):
    assert as_office.get(address(mixed, "confirm")).status_code == 405


def test_workbook_without_a_good_row_cannot_be_confirmed(as_office, upload):
    _, batch = upload(as_office, registry("韦一", place="没有这个村"))
    words = as_office.get(address(batch)).content.decode()
    assert "没有一行可以导入" in words
    assert address(batch, "confirm") not in words


def test_unchecked_workbook_can_be_checked_again(as_office, office, django_capture_on_commit_callbacks):
    batch = received(office)
    job = jobs.enqueue("registry_import", str(batch.pk), by=office, batch=batch.pk, apply=False)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="程序出错，请重试。")
    words = as_office.get(address(batch)).content.decode()
    assert "程序出错" in words
    assert "重新检查" in words
    with django_capture_on_commit_callbacks(execute=True):
        as_office.post(address(batch, "check"))
    batch.refresh_from_db()
    assert batch.state == ImportState.CHECKED


def test_applied_workbook_is_not_run_again(office):
    batch = received(office, state=ImportState.APPLIED)
    batch.refresh_from_db()
    with pytest.raises(Refused, match="已导入"):
        imports.run(batch, by=office, apply=True)


def test_unknown_headings_are_named(as_office, upload):
    row = ["安阳镇", "镇南社区", "N-0", "韦一", factories.id_number(BIRTH), "户主", "一般农户", "A"]
    _, batch = upload(as_office, workbook([*HEADINGS, "血型"], [row]))
    assert "没有用到的列：血型" in as_office.get(address(batch)).content.decode()


def test_missing_persons_are_listed(as_office, upload):
    home = factories.household(names=["韦户主", "韦漏填"], members=2, births=[BIRTH, BIRTH], number="N-9")
    head = home.members.get(relation="head")
    content = workbook(
        HEADINGS, [["安阳镇", "镇南社区", "N-9", head.name, head.id_number, "户主", "一般农户"]]
    )
    _, batch = upload(as_office, content)
    words = as_office.get(address(batch)).content.decode()
    assert "户册里有、文件里没有的人" in words
    assert "韦漏填" in words


def test_income_is_imported_the_same_way(as_office, upload, django_capture_on_commit_callbacks):
    factories.household(number="N-1")
    content = workbook(["户编号", "年度", "工资性收入"], [["N-1", 2019, "4180.55"]])
    _, batch = upload(as_office, content, kind="income", name="收入.csv.xlsx")
    confirm(as_office, batch, django_capture_on_commit_callbacks)
    assert AnnualIncome.objects.get().wages == 418055


def test_checked_workbook_waits_on_the_todo_page(as_office, mixed):
    assert address(mixed) in as_office.get(reverse("home")).content.decode()


# --- rights and area ----------------------------------------------------------------------------------


@pytest.fixture
def theirs(db):
    """A workbook of another county, one of a township and one of the county."""
    from fangpin.accounts.roles import Role

    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    return received(other)


def test_imports_of_another_county_are_not_found(as_office, theirs):
    assert "别人的户册" not in as_office.get(LIST).content.decode()
    assert as_office.get(address(theirs)).status_code == 404
    assert as_office.get(address(theirs, "returned")).status_code == 404
    for page in ("check", "confirm"):
        assert as_office.post(address(theirs, page)).status_code == 404


def test_township_does_not_see_the_countys_imports(client, office, township_officer):
    batch = received(office)
    client.force_login(township_officer)
    assert client.get(address(batch)).status_code == 404
    assert client.get(LIST).context["page"].rows == []


def test_office_sees_a_townships_import_but_leaves_it_to_the_township(as_office, township_officer):
    batch = received(
        township_officer,
        state=ImportState.CHECKED,
        result={"good": 1, "created": 1, "changed": 0, "unchanged": 0, "set_aside": 0, "refused": 0},
    )
    words = as_office.get(address(batch)).content.decode()
    assert address(batch, "confirm") not in words
    assert as_office.post(address(batch, "confirm")).status_code == 403


PAGES = [
    ("get", LIST),
    ("post", UPLOAD),
    ("get", reverse("households:import-template", args=["registry"])),
    ("post", CLOSE),
]


@pytest.mark.parametrize(("method", "url"), PAGES)
def test_import_pages_need_the_right(client, director, method, url):
    client.force_login(director)
    assert getattr(client, method)(url).status_code == 403


@pytest.mark.parametrize("page", ["detail", "returned", "check", "confirm"])
def test_one_import_needs_the_right(client, office, director, page):
    batch = received(office)
    client.force_login(director)
    method = client.post if page in ("check", "confirm") else client.get
    assert method(address(batch, page)).status_code == 403


@pytest.mark.parametrize(("method", "url"), PAGES)
def test_import_pages_of_anonymous_lead_to_sign_in(client, db, method, url):
    assert getattr(client, method)(url)["Location"].startswith(reverse("accounts:login"))


def test_history_costs_the_same_for_any_number_of_imports(as_office, office, django_assert_max_num_queries):
    received(office)
    as_office.get(LIST)
    with django_assert_max_num_queries(14) as few:
        as_office.get(LIST)
    for _ in range(8):
        received(office)
    with django_assert_max_num_queries(len(few)):
        as_office.get(LIST)


# --- take-over ----------------------------------------------------------------------------------------


def test_take_over_is_closed_once_and_audited(as_office, office):
    assert "进行中" in as_office.get(LIST).content.decode()
    words = as_office.post(CLOSE, follow=True).content.decode()
    assert "初始名单接收已结束" in words
    assert TakeOver.objects.get().closed_by == office
    assert "此前已经结束" in as_office.post(CLOSE, follow=True).content.decode()
    assert AuditRow.objects.filter(act="takeover_close").count() == 1


def test_take_over_closed_by_the_page_opens_no_case_any_more(
    as_office, upload, django_capture_on_commit_callbacks
):
    as_office.post(CLOSE)
    row = [
        "安阳镇",
        "镇南社区",
        "N-1",
        "韦一",
        factories.id_number(BIRTH),
        "户主",
        "一般农户",
        "边缘户",
        "2019-11-01",
    ]
    _, batch = upload(as_office, workbook([*HEADINGS, "监测对象类型", "风险识别时间"], [row]))
    assert "对象类型前后矛盾" in as_office.get(address(batch)).content.decode()
    confirm(as_office, batch, django_capture_on_commit_callbacks)
    assert Household.objects.exists()
    assert not Case.objects.exists()


def test_take_over_is_not_the_townships_to_close(client, township_officer):
    client.force_login(township_officer)
    assert CLOSE not in client.get(LIST).content.decode()
    assert client.post(CLOSE).status_code == 403
    assert not TakeOver.objects.exists()


def test_every_step_of_an_import_is_on_record(as_office, mixed, django_capture_on_commit_callbacks):
    confirm(as_office, mixed, django_capture_on_commit_callbacks)
    records = StatusRecord.objects.filter(model="households.registryimport", object_id=mixed.pk)
    assert [record.to_state for record in records.order_by("id")] == ["received", "checked", "applied"]
