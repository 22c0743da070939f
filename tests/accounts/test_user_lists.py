"""Workbooks of the administrator: checked and shown, carried out, given back, and again without effect."""

import io

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from fangpin.accounts.models import ListState, User, UserList
from fangpin.accounts.people import workbooks
from fangpin.accounts.roles import Role
from fangpin.common import transitions
from fangpin.common.files import private_files
from fangpin.common.models import AuditRow
from fangpin.common.refusals import Refused
from tests import factories
from tests.accounts.people import HEADINGS, confirm, newcomer, outcomes, row, upload, workbook

pytestmark = pytest.mark.django_db
LEAVERS = ["用户名", "姓名", "原因"]


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


@pytest.fixture
def desk(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def send(desk, django_capture_on_commit_callbacks):
    return lambda content, kind="users": upload(desk, django_capture_on_commit_callbacks, content, kind)


@pytest.fixture
def carry_out(desk, django_capture_on_commit_callbacks):
    return lambda sent: confirm(desk, django_capture_on_commit_callbacks, sent)


def address(sent, page="detail") -> str:
    return reverse(f"accounts:list-{page}", args=[sent.uuid])


# --- users --------------------------------------------------------------------------------------------


def test_check_tells_what_would_happen_and_changes_nobody(desk, send):
    before = User.objects.count()
    sent = send(workbook(row(), row("weixn", "韦晓宁", "县扶贫开发领导小组办公室", "", "")))
    assert sent.state == ListState.CHECKED
    assert outcomes(sent) == [(2, "created"), (3, "created")]
    assert User.objects.count() == before
    words = desk.get(address(sent)).content.decode()
    assert "新建用户，村“两委”干部（安阳镇 镇南社区居委会）" in words.replace("&#x27;", "'")


def test_carried_out_makes_users_with_duties_and_codes(desk, send, carry_out):
    department = row(
        "lishuisheng", "李水生", "部门经办人", "", "", 部门="水利局", 止="2030-12-31", 依据文号="都人字1号"
    )
    sent = carry_out(send(workbook(row(), department)))
    assert sent.state == ListState.APPLIED
    officer = User.objects.get(username="lishuisheng")
    duty = officer.duties.get()
    assert (duty.department.name, str(duty.ends_on), duty.document) == ("水利局", "2030-12-31", "都人字1号")
    assert (officer.phone, officer.must_change_password) == ("13900001234", True)
    slips = desk.get(address(sent, "slips")).context["slips"]
    assert [slip.user.username for slip in slips] == ["lanxiu", "lishuisheng"]
    assert officer.check_password(slips[1].code.replace("-", ""))
    assert AuditRow.objects.filter(act="user_create").count() == 2


def test_same_workbook_again_changes_nothing(desk, send, carry_out):
    content = workbook(row(), row(role="驻村工作队员", village="镇北社区", 起=""))
    carry_out(send(content))
    before = [
        list(User.objects.order_by("pk").values_list("pk", "password")),
        User.objects.get(username="lanxiu").duties.count(),
    ]
    with time_machine.travel(timezone.now() + timezone.timedelta(days=2)):
        sent = carry_out(send(content))
        assert outcomes(sent) == [(2, "unchanged"), (3, "unchanged")]
        assert not sent.codes_name
    assert before == [
        list(User.objects.order_by("pk").values_list("pk", "password")),
        User.objects.get(username="lanxiu").duties.count(),
    ]


def test_row_with_something_new_changes_only_that(send, carry_out, administrator):
    user, _ = newcomer(administrator)
    sent = carry_out(send(workbook(row(止="2030-01-01"))))
    assert outcomes(sent) == [(2, "changed")]
    assert sent.rows.get().message == "更新手机号；止期改为 2030-01-01"
    assert str(user.duties.get().ends_on) == "2030-01-01"


REFUSED = [
    (row("韦"), "用户名用字母"),
    (row(username=""), "“用户名”没有填"),
    (row(name=""), "“姓名”没有填"),
    (row(role="镇长"), "不是规定的角色"),
    (row(township=""), "没有填乡（镇）"),
    (row(township="安阳镇", village="没有的村"), "安阳镇没有没有的村"),
    (row(township="外县镇", village=""), "本县没有外县镇"),
    (row(village=""), "请改选地方"),
    (row(role="自治区办公室", township="", village=""), "请改选地方"),
    (row(role="部门经办人", township="", village=""), "须选部门"),
    (row(部门="水利局"), "只有部门经办人"),
    (row(手机号="12"), "不是有效的电话号码"),
    (row(起="2020-13-01"), "“起”"),
    (row(起="2020-02-01", 止="2020-01-01"), "止期不能早于起期"),
    (row("office", "别人"), "与表中姓名不符"),
    (row("stranger", "外县干部"), "已经有人用了"),
    (row("admin", "系统员"), "自己"),
    (row("gone", "离职"), "已停用"),
]


@pytest.mark.parametrize(
    ("cells", "words"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_row_is_refused_with_its_reason(send, carry_out, office, cells, words):
    factories.user("stranger", Role.TOWNSHIP, "451229100000", name="外县干部")
    factories.user("gone", Role.FINANCE, factories.COUNTY, name="离职")
    User.objects.filter(username="gone").update(is_active=False)
    before = set(User.objects.values_list("username", flat=True))
    sent = carry_out(send(workbook(cells, row("good", "好行"))))
    assert outcomes(sent) == [(2, "refused"), (3, "created")]
    assert words in sent.rows.get(number=2).message
    assert set(User.objects.values_list("username", flat=True)) == before | {"good"}


def test_row_twice_in_one_file_is_refused_once(send):
    assert outcomes(send(workbook(row(), row()))) == [(2, "created"), (3, "refused")]


def test_two_names_under_one_username_are_refused(send):
    assert outcomes(send(workbook(row(), row(name="另一人", village="镇北社区")))) == [
        (2, "created"),
        (3, "refused"),
    ]


def test_refused_rows_come_back_with_their_cells_and_a_reason(desk, send):
    sent = send(workbook(row(), row("bad", role="镇长")))
    book = openpyxl.load_workbook(io.BytesIO(desk.get(address(sent, "returned")).content))
    heading, cells = list(book.active.iter_rows(values_only=True))
    assert heading == ("原行号", *HEADINGS, "退回原因")
    assert cells[:5] == (3, "bad", "蓝秀英", "13900001234", "镇长")
    assert "不是规定的角色" in cells[-1]


def test_returned_workbook_mended_is_taken(desk, send, carry_out):
    sent = carry_out(send(workbook(row("bad", role="镇长"))))
    book = openpyxl.load_workbook(io.BytesIO(desk.get(address(sent, "returned")).content))
    book.active["E2"] = "村“两委”干部"
    stream = io.BytesIO()
    book.save(stream)
    assert outcomes(carry_out(send(stream.getvalue()))) == [(2, "created")]


@pytest.mark.parametrize("kind", ["users", "leavers"])
def test_template_is_taken_as_it_is(desk, send, kind):
    content = desk.get(reverse("accounts:list-template", args=[kind])).content
    sent = send(content, kind)
    assert sent.state == ListState.CHECKED
    assert sent.result["read"] == 0


def test_template_offers_roles_and_departments(desk):
    content = desk.get(reverse("accounts:list-template", args=["users"])).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    rules = [rule.formula1 for rule in book["数据"].data_validations.dataValidation]
    assert len(rules) == 2
    assert any("水利局" in rule for rule in rules) or "选项" in book.sheetnames


def test_file_without_the_columns_is_refused_as_a_whole(desk, send):
    sent = send(workbook(("韦一",), headings=["姓名"]))
    assert sent.state == ListState.REFUSED
    assert "缺少必需的列" in desk.get(address(sent)).content.decode()


def test_confirmed_twice_is_carried_out_once(desk, send, carry_out):
    sent = carry_out(send(workbook(row())))
    again = desk.post(address(sent, "confirm"), follow=True).content.decode()
    assert "不能再办理这一步" in again
    with pytest.raises(Refused, match="已办理"):
        workbooks.run(sent, by=factories.user("second", Role.ADMINISTRATOR, factories.COUNTY), apply=True)


def test_wrong_role_and_wrong_county_get_nothing(client, send, office):
    sent = send(workbook(row()))
    client.force_login(office)
    assert client.get(address(sent)).status_code == 403
    client.force_login(factories.user("other", Role.ADMINISTRATOR, factories.OTHER_COUNTY))
    assert client.get(address(sent)).status_code == 404
    assert client.post(address(sent, "confirm")).status_code == 404


def test_administrator_above_a_county_imports_nothing(client, django_capture_on_commit_callbacks):
    client.force_login(factories.user("city-admin", Role.ADMINISTRATOR, "451200000000"))
    assert upload(client, django_capture_on_commit_callbacks, workbook(row())) is None


def test_duty_taken_away_stops_what_was_queued(desk, administrator, django_capture_on_commit_callbacks):
    sent = upload(desk, django_capture_on_commit_callbacks, workbook(row()))
    with django_capture_on_commit_callbacks() as waiting:
        desk.post(address(sent, "confirm"))
    administrator.duties.update(ends_on="2020-01-01")
    for wake in waiting:
        wake()
    assert not User.objects.filter(username="lanxiu").exists()


# --- slips --------------------------------------------------------------------------------------------


def test_slips_leave_out_who_has_signed_in_or_was_reset(desk, send, carry_out, administrator):
    from fangpin.accounts.people import services

    sent = carry_out(send(workbook(row("one", "甲"), row("two", "乙"), row("three", "丙"))))
    User.objects.filter(username="one").update(last_login=timezone.now())
    services.reset_code(User.objects.get(username="two"), by=administrator)
    assert [slip.user.name for slip in desk.get(address(sent, "slips")).context["slips"]] == ["丙"]
    assert AuditRow.objects.filter(act="user_codes_shown").count() == 1


def test_slips_are_sealed_on_disk_and_gone_once_destroyed(
    desk, send, carry_out, settings, django_capture_on_commit_callbacks
):
    sent = carry_out(send(workbook(row())))
    code = desk.get(address(sent, "slips")).context["slips"][0].code.replace("-", "")
    stored = [path.read_bytes() for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file()]
    assert stored and not any(code.encode() in content for content in stored)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(address(sent, "destroy"))
    assert desk.get(address(sent, "slips")).context["slips"] == []
    with pytest.raises(FileNotFoundError):
        private_files.load(sent.codes_name)
    assert "此前已经销毁" in desk.post(address(sent, "destroy"), follow=True).content.decode()


def test_slips_end_after_a_day(desk, send, carry_out):
    sent = carry_out(send(workbook(row())))
    UserList.objects.filter(pk=sent.pk).update(codes_until=timezone.now() - timezone.timedelta(minutes=1))
    assert desk.get(address(sent, "slips")).context["slips"] == []


# --- people who have left -----------------------------------------------------------------------------


def test_leavers_are_shown_first_and_disabled_on_confirmation(desk, send, carry_out, administrator, office):
    newcomer(administrator)
    sent = send(workbook(("lanxiu", "蓝秀英", "调离"), ("", "韦晓宁", "退休"), headings=LEAVERS), "leavers")
    assert outcomes(sent) == [(2, "disabled"), (3, "disabled")]
    assert User.objects.filter(is_active=False).count() == 0
    carry_out(sent)
    assert set(User.objects.filter(is_active=False).values_list("username", flat=True)) == {
        "lanxiu",
        "office",
    }
    assert AuditRow.objects.filter(act="user_disable", details={"reason": "调离"}).count() == 1


def test_leavers_again_change_nothing(send, carry_out, administrator):
    newcomer(administrator)
    content = workbook(("lanxiu", "蓝秀英", ""), headings=LEAVERS)
    carry_out(send(content, "leavers"))
    assert outcomes(carry_out(send(content, "leavers"))) == [(2, "unchanged")]
    assert AuditRow.objects.filter(act="user_disable").count() == 1


@pytest.mark.parametrize(
    ("cells", "outcome", "words"),
    [
        (("", "同名", ""), "set_aside", "有 2 人同名"),
        (("", "没有的人", ""), "set_aside", "没有这个用户"),
        (("", "外县干部", ""), "set_aside", "没有这个用户"),
        (("stranger", "外县干部", ""), "set_aside", "没有这个用户"),
        (("same1", "别的名", ""), "refused", "与表中姓名不符"),
        (("admin", "系统员", ""), "refused", "自己"),
        (("high", "", ""), "refused", "以外的岗位"),
    ],
)
def test_leaver_in_doubt_is_not_disabled(send, carry_out, administrator, cells, outcome, words):
    newcomer(administrator, "same1", "同名")
    newcomer(administrator, "same2", "同名")
    factories.user("stranger", Role.TOWNSHIP, "451229100000", name="外县干部")
    factories.user("high", Role.REGION, "450000000000", name="区办干部")
    factories.user("high", Role.HELPER, factories.VILLAGE)
    sent = carry_out(send(workbook(cells, headings=LEAVERS), "leavers"))
    assert outcomes(sent) == [(2, outcome)]
    assert words in sent.rows.get().message
    assert not User.objects.filter(is_active=False).exists()


# --- states -------------------------------------------------------------------------------------------

MOVES = {"check_file": "checked", "carry_out": "applied", "refuse": "refused"}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("state", list(ListState))
@pytest.mark.parametrize("name", list(MOVES))
def test_states_of_a_list(administrator, role, state, name):
    sent = UserList.objects.create(
        kind="users",
        division_id=factories.COUNTY,
        file_name="x",
        file_digest="x",
        by=administrator,
        state=state,
    )
    by = (
        administrator
        if role == Role.ADMINISTRATOR
        else factories.user("x", role, factories.COUNTY, "water" if role == Role.DEPARTMENT else None)
    )
    one = UserList.objects.filter(pk=sent.pk)
    if role == Role.ADMINISTRATOR and state in ("received", "checked"):
        assert transitions.move(one, name, by=by) == 1
        assert one.get().state == MOVES[name]
    else:
        with pytest.raises(transitions.TransitionRefused):
            transitions.move(one, name, by=by)
        assert one.get().state == state
