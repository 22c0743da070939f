"""The office opens a quarter, compares, and looks at what was found (Art. 7)."""

import datetime
import re
import uuid

import pytest
from playwright.sync_api import expect

from tests import books
from tests.books import FEEDS, family, head, settlement
from tests.browser.pages import confirm, dialog

pytestmark = pytest.mark.browser


class Who:
    def __init__(self, row: dict):
        self.name, self.id_number = row["姓名"], row["证件号码"]


@pytest.fixture
def sick(by_office, tmp_path) -> Who:
    """A household that was lifted out of poverty, its head with high bills; the list is ready, not
    delivered."""
    row = head()
    registry = tmp_path / "户册.xlsx"
    registry.write_bytes(books.plain(books.REGISTRY, family("R0001", row, status="脱贫户")))
    by_office(["import_registry", registry])
    who = Who(row)
    lines = [settlement(who, "12000.00"), settlement(who, "11650.00", on="2020-02-20")]
    (tmp_path / "医保.xlsx").write_bytes(books.plain(FEEDS["medical_settlement"], lines))
    return who


def test_office_opens_compares_and_follows_a_lead_to_a_number(page, sign_in, by_office, sick, tmp_path):
    sign_in("office")
    page.get_by_role("link", name="季度排查").click()
    page.get_by_label("季度").select_option("2020Q1")
    page.get_by_role("button", name="开启排查").click()
    confirm(page, "开启排查")
    expect(page.get_by_role("heading", level=1)).to_have_text("2020 年第一季度排查")

    by_office(["import_feed", "medical_settlement", tmp_path / "医保.xlsx", "--quarter", "2020Q1"])
    page.reload()
    page.get_by_role("button", name="开始比对").click()
    expect(dialog(page)).to_contain_text("还有 12 类部门数据没有报送")
    confirm(page, "开始比对")
    expect(page.locator("#leads")).to_contain_text("1 户 · 1 条风险线索")
    expect(page.locator("#sweep-progress")).to_have_count(0)
    expect(page.get_by_role("button", name="再次比对")).to_be_visible()

    page.get_by_role("link", name="看名单").click()
    lead = page.locator("main tbody tr")
    expect(lead).to_have_count(1)
    sentence = "医保清单第 2 行等 2 行：合规自付合计 23,650.00 元，达到本县标准 20,000.00 元"
    expect(lead).to_contain_text(sentence)
    lead.get_by_role("link", name=sick.name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sick.name)
    expect(page.locator("main")).to_contain_text(sentence)
    expect(page.locator("main")).to_contain_text("亮灯预警")
    reveal(page, sick)


def reveal(page, who: Who) -> None:
    """Nothing of the number is on the page before a purpose is named, and nothing after a reload."""
    masked = f"{who.id_number[:4]}**********{who.id_number[-4:]}"
    assert who.id_number not in page.content()
    page.get_by_role("button", name=f"查看{who.name}的完整证件号码").click()
    asked = page.locator("form").filter(has_text=f"查看{who.name}的完整证件号码")
    assert who.id_number not in page.content()
    asked.get_by_label("用途").select_option("核实本人身份")
    asked.get_by_role("button", name="查看").click()
    expect(page.get_by_text(who.id_number)).to_be_visible()
    page.get_by_role("button", name="复制").click()
    expect(page.locator(".toasts")).to_contain_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == who.id_number
    page.reload()
    expect(page.get_by_text(masked).first).to_be_visible()
    assert who.id_number not in page.content()
    trail = page.get_by_role("row").filter(has_text="核实本人身份")
    expect(trail).to_contain_text("韦晓宁")


def test_progress_of_a_run_is_followed_to_its_end(page, sign_in, served, by_office):
    """The run is put there by hand, to stand still as long as the test looks."""
    by_office(["open_round", "--quarter", "2020Q4"])
    ((round, address),) = served.site.rows(
        "SELECT id, uuid FROM screening_round WHERE year = 2020 AND quarter = 4"
    )
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")
    served.site.rows(
        "INSERT INTO common_job (uuid, kind, key, payload, result, state, by_id, acting_as_id, attempt, "
        "steps_done, "
        "steps_total, label, error, created_at, heartbeat_at) "
        f"SELECT '{'a' * 32}', 'sweep', 'sweep:{round}', '{{}}', '{{}}', 'running', u.id, d.id, 1, 2, 5, "
        f"'正在比对：自付较高', '', '{now}', '{now}' FROM accounts_user u JOIN accounts_duty d ON d.user_id "
        f"= u.id "
        "WHERE u.username = 'office'"
    )
    sign_in("office")
    page.goto(f"/screening/rounds/{uuid.UUID(str(address))}/")
    running = page.locator("#sweep-progress")
    expect(running).to_contain_text("正在比对：自付较高")
    expect(running.locator("progress")).to_have_attribute("value", "40")
    expect(page.get_by_role("button", name=re.compile("^(开始|再次)比对"))).to_have_count(0)
    change = f"UPDATE common_job SET {{}} WHERE uuid = '{'a' * 32}'"
    served.site.rows(change.format("steps_done = 4"))
    expect(running.locator("progress")).to_have_attribute("value", "80")
    served.site.rows(change.format(f"state = 'done', ended_at = '{now}'"))
    expect(running).to_have_count(0)
    expect(page.get_by_role("button", name="开始比对")).to_be_visible()
