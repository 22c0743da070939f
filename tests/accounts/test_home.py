import datetime

import pytest
import time_machine
from django.urls import reverse

from fangpin.accounts import shell
from fangpin.accounts.roles import Role
from fangpin.accounts.shell import TodoLine
from fangpin.common.models import Job, JobState
from households.models import Case
from screening.sweep import jobs
from tests import factories
from tests.screening.rounds import pages

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2020, 3, 10)
SPRING = datetime.datetime(
    2026, 3, 10, 4, tzinfo=datetime.UTC
)  # before the next year's calendar is asked for


def lines(client, user) -> list[TodoLine]:
    return pages.page(client, user, "home").context["lines"]


def named(client, user, what: str) -> list[TodoLine]:
    return [line for line in lines(client, user) if line.what == what]


def days(n: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=n)


# ---- The page ----
def test_lines_are_parted_by_due_date():
    waiting = [TodoLine(str(n), "", "/", "办", due=days(n)) for n in (-1, 0, 3, 4)] + [
        TodoLine("x", "", "/", "办")
    ]
    parts = {part["id"]: [line.what for line in part["lines"]] for part in shell.by_due(waiting, TODAY)}
    assert parts == {"late": ["-1"], "soon": ["0", "3"], "rest": ["4", "x"]}


def test_overdue_lines_come_first_and_are_counted(client, office, monkeypatch):
    waiting = [TodoLine("以后", "", "/", "办"), TodoLine("昨天", "", "/", "办", due=days(-1))]
    monkeypatch.setattr(shell, "_todo", [lambda user: waiting])
    with time_machine.travel(datetime.datetime(2020, 3, 10, 4, tzinfo=datetime.UTC), tick=False):
        response = pages.page(client, office, "home")
    assert [line.what for line in response.context["lines"]] == ["昨天", "以后"]
    words = pages.words(response)
    assert 'href="#late"' in words
    assert "超期 1 天" in words
    assert 'href="#soon"' not in words


def test_nothing_waiting_says_so(client, administrator):
    with time_machine.travel(SPRING, tick=False):
        assert "现在没有等您办理的事" in pages.words(pages.page(client, administrator, "home"))


def test_anonymous_is_sent_to_sign_in(client):
    assert reverse("accounts:login") in client.get(reverse("home"))["Location"]


def test_person_without_a_duty_is_told_whom_to_ask(client, office):
    office.duties.update(ends_on=datetime.date(2020, 1, 1))
    assert "您还没有在用的岗位" in pages.words(pages.page(client, office, "home"))


def test_navigation_shows_only_what_one_may_see(client, village_cadre):
    words = pages.words(pages.page(client, village_cadre, "home"))
    assert reverse("screening:lead-list") in words
    assert reverse("screening:feed-list") not in words


# ---- Department ----
def test_department_has_its_own_lists_to_deliver(client, round_2020q1, insurance_officer):
    (line,) = named(client, insurance_officer, "报送数据")
    assert line.about == "2020 年第一季度 · 医疗费用结算清单"
    assert line.due == round_2020q1.feeds_due
    assert line.url == reverse("screening:feed-upload", args=[round_2020q1.uuid, "medical_settlement"])


def test_department_confirms_what_was_checked(client, round_2020q1, insurance_officer):
    pages.check(round_2020q1, insurance_officer, pages.medical_list())
    assert [line.what for line in lines(client, insurance_officer)] == ["确认报送"]


def test_department_sees_the_rows_that_came_back(client, round_2020q1, insurance_officer):
    extra = [("李四", pages.STRANGER, *pages.SPENT), ("王五", "123", *pages.SPENT)]
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list(extra=extra))
    (line,) = lines(client, insurance_officer)
    assert "1 行退回，1 行待核对；改好后只补这几行" in line.about


def test_department_with_all_delivered_has_nothing(client, round_2020q1, insurance_officer):
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list(*pages.heads(pages.ill_households(1))))
    assert lines(client, insurance_officer) == []


def test_department_of_another_county_has_nothing(client, round_2020q1):
    other = factories.user("other", Role.DEPARTMENT, factories.OTHER_COUNTY, "insurance")
    assert lines(client, other) == []


# ---- Office and director ----
def test_office_chases_with_a_text_that_names_no_household(client, round_2020q1, office, insurance_officer):
    homes = pages.ill_households(1, names=["覃明德"])
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list(*pages.heads(homes)))
    (line,) = named(client, office, "催报")
    assert "@教育局：" in line.copy
    assert "医保局" not in line.copy
    assert "覃明德" not in line.copy
    assert f'data-copy="{line.copy}"' in pages.words(pages.page(client, office, "home"))


def test_office_begins_the_sweep_once_a_list_is_there(client, round_2020q1, office, insurance_officer):
    assert named(client, office, "数据比对") == []
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    (line,) = named(client, office, "数据比对")
    assert line.action == "开始比对"


def test_office_sweeps_again_when_lists_came_later(client, round_2020q1, office, insurance_officer):
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(1), office)
    assert named(client, office, "数据比对") == []
    pages.deliver(round_2020q1, insurance_officer, pages.medical_list())
    (line,) = named(client, office, "数据比对")
    assert line.about == "医保局有 1 份新数据还没有比对"


def test_office_hears_of_a_failed_sweep(client, round_2020q1, office):
    job = jobs.start_sweep(round_2020q1, by=office)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="没有完成，请重试。")
    (line,) = named(client, office, "数据比对没有完成")
    assert line.about == "没有完成，请重试。"


def test_office_confirms_what_was_checked(client, round_2020q1, office, insurance_officer):
    feed = pages.check(round_2020q1, insurance_officer, pages.medical_list())
    (line,) = named(client, office, "确认报送")
    assert line.url == reverse("screening:feed-detail", args=[feed.uuid])


def test_director_sees_what_is_late_by_department(client, round_2020q1, director):
    (line,) = lines(client, director)
    assert "教育局（义务教育失学辍学名单、家庭困难学生名单）" in line.about


# ---- Village, township, helper ----
def test_village_sees_its_own_lamps_alone(client, round_2020q1, office, insurance_officer, village_cadre):
    homes = pages.ill_households(2) + pages.ill_households(1, village=factories.SISTER_VILLAGE)
    pages.swept(round_2020q1, insurance_officer, homes, office)
    (line,) = lines(client, village_cadre)
    assert line.about.startswith("2 户亮灯预警在本村")
    assert client.get(line.url).context["page"].count == 2


def test_village_without_lamps_has_nothing(client, round_2020q1, village_cadre):
    assert lines(client, village_cadre) == []


# ---- Badge and cost ----
def test_badge_counts_the_lines(client, round_2020q1, insurance_officer):
    items = pages.page(client, insurance_officer, "home").context["navigation"][0]["items"]
    assert [item["badge"] for item in items if item["label"] == "待办"] == [1]


def test_home_costs_the_same_for_many_households(
    client, round_2020q1, office, insurance_officer, village_cadre
):
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(1), office)
    few = [pages.queries(client, user, "home") for user in (office, village_cadre)]
    pages.swept(round_2020q1, insurance_officer, pages.ill_households(6), office)
    assert [pages.queries(client, user, "home") for user in (office, village_cadre)] == few
    assert max(few) <= 56


def todo_item(client, user) -> dict:
    items = pages.page(client, user, "home").context["navigation"][0]["items"]
    return next(item for item in items if item["label"] == "待办")


@pytest.mark.parametrize(("due", "red"), [(days(-1), True), (days(0), False), (None, False)])
def test_badge_is_red_when_a_line_is_over_time(client, office, monkeypatch, due, red):
    monkeypatch.setattr(shell, "_todo", [lambda user: [TodoLine("办", "", "/", "办", due=due)]])
    with time_machine.travel(datetime.datetime(2020, 3, 10, 4, tzinfo=datetime.UTC), tick=False):
        assert todo_item(client, office)["overdue"] is red
        assert ("项，有超期" in pages.words(pages.page(client, office, "screening:round-list"))) is red


# ---- Lit households ----
def lit(client, user):
    """The panel as `user` gets it, or None."""
    panels = pages.page(client, user, "home").context["panels"]
    return panels[0]["data"] if panels else None


@pytest.fixture
def homes(round_2020q1, office, insurance_officer):
    """Two in the village, one beside it, all with a red lamp."""
    households = pages.ill_households(2) + pages.ill_households(1, village=factories.SISTER_VILLAGE)
    pages.swept(round_2020q1, insurance_officer, households, office)
    return households


def test_lit_households_tell_why(client, homes, village_cadre):
    factories.income(homes[0], 4180)
    first = lit(client, village_cadre)["rows"][0]
    assert first.household.pk == homes[0].pk
    assert first.risks == ["医疗"]
    assert first.sentences[0].startswith("医保清单第")
    shown = pages.words(pages.page(client, village_cadre, "home"))
    assert "4,180.00 元" in shown
    assert "全部 2 户亮灯预警" in shown


def test_lit_households_are_of_ones_own_area(client, homes, village_cadre, office):
    assert {row.household.pk for row in lit(client, village_cadre)["rows"]} == {h.pk for h in homes[:2]}
    assert lit(client, office)["red"] == 3


def test_lit_households_are_ten_at_most_red_before_yellow(client, homes, office):
    for _ in range(9):
        factories.household(lamp="yellow", lamp_since=datetime.date(2020, 4, 1))
    shown = lit(client, office)["rows"]
    assert [row.household.lamp for row in shown] == ["red"] * 3 + ["yellow"] * 7


def test_lit_household_in_a_case_is_told_by_it(client, village_cadre):
    home = factories.household(lamp="yellow", lamp_since=datetime.date(2020, 1, 1))
    Case.objects.create(
        household=home,
        category="monitored",
        origin="look_back",
        identified_on=datetime.date(2019, 11, 25),
        risk_words="缺技术",
    )
    panel = lit(client, village_cadre)
    assert panel["rows"][0].sentences == ["脱贫监测户，2019年11月25日识别：缺技术"]
    assert panel["url"] == ""


def test_withdrawn_lead_is_no_reason(client, homes, village_cadre):
    homes[0].leads.update(withdrawn_at=datetime.datetime(2020, 3, 9, tzinfo=datetime.UTC))
    rows = lit(client, village_cadre)["rows"]
    assert {bool(row.sentences) for row in rows if row.household.pk == homes[0].pk} == {False}


def test_no_lit_household_no_panel(client, round_2020q1, office):
    assert lit(client, office) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE, Role.ADMINISTRATOR, Role.CLIENT])
def test_lit_households_are_not_for_who_does_not_work_with_them(client, homes, role):
    assert lit(client, factories.user("x", role, factories.COUNTY)) is None


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.ADMINISTRATOR, "系统管理员看不到农户和部门数据"),
        (Role.CLIENT, "这是接口用户"),
        (Role.FINANCE, "也可以从菜单查看各项工作"),
        (Role.LEADING_GROUP, "也可以从菜单查看各项工作"),
    ],
)
def test_role_without_lines_is_told_what_to_expect(client, role, words):
    with time_machine.travel(SPRING, tick=False):
        assert words in pages.words(pages.page(client, factories.user("x", role, factories.COUNTY), "home"))
