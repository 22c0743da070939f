"""A year of help through the pages, by each role in turn: one monitored and one marginal household, from the
order sheet to their release (Art. 8, 9)."""

import datetime
import re

import pytest
from playwright.sync_api import Page, expect

from tests import books
from tests.books import family, head
from tests.browser.pages import SMALL_PHONE, confirm
from tests.browser.test_quarter import HAMLET, Story

pytestmark = pytest.mark.browser

MONITORED, MARGINAL = "韦监测", "韦边缘"
COURSE = {
    MONITORED: ("产业受损", "猪瘟死了十二头", "农业农村局", "dept-agriculture", "产业奖补", "5000"),
    MARGINAL: ("房屋", "后墙裂开", "住建局", "dept-housing", "危房改造", "26000"),
}
SITUATIONS = {MONITORED: "livelihood.production_loss", MARGINAL: "housing.unsafe"}


@pytest.fixture
def story(page, sign_in) -> Story:
    return Story(page, sign_in)


@pytest.fixture
def homes(by_office, tmp_path) -> None:
    """Two households of the look-back list whose follow-up year is over."""
    begun = (datetime.date.today() - datetime.timedelta(days=380)).isoformat()
    rows = []
    for number, (name, status, kind) in enumerate(
        ((MONITORED, "脱贫户", "脱贫监测户"), (MARGINAL, "一般农户", "边缘户"))
    ):
        row = head(姓名=name, 民族="瑶族", 文化程度="初中", 健康状况="健康")
        marked = {"监测对象类型": kind, "风险识别时间": begun, "致贫返贫风险": "因灾"}
        rows += family(f"Y{number:04d}", row, status=status, 自然村=HAMLET, **marked)
    (tmp_path / "户册.xlsx").write_bytes(books.plain(books.REGISTRY, rows))
    by_office(["import_registry", tmp_path / "户册.xlsx"])


def test_a_year_from_the_order_sheet_to_the_release(story, homes):
    register_and_order(story)
    sign_orders(story)
    for name in COURSE:
        accept_and_plan(story, name)
    file(story)
    for name in COURSE:
        begin_and_deliver(story, name)
    close(story)
    visit(story)
    for name in COURSE:
        evaluate(story, name)
    review(story)
    decide(story)
    sign(story)
    look_back(story)
    assert story.faults == []


def row_of(page: Page, name: str):
    return page.locator("main tbody tr").filter(has_text=name)


# ---- Orders ----
def register_and_order(story: Story) -> None:
    page = story.takes("office")
    for name, (_, words, *_rest) in COURSE.items():
        page.goto("/measures/orders/waiting/")
        row_of(page, name).get_by_role("link", name="登记风险").click()
        page.locator(f'[name="on-{SITUATIONS[name]}"]').check()
        page.locator(f'[name="words-{SITUATIONS[name]}"]').fill(words)
        story.at_the_desk()
        page.get_by_role("button", name="登记").click()
        story.says("已登记 1 项风险")
    story.at_the_desk()
    # Only these two: what else waits in the demo stays.
    for box in page.locator("main input[name=pick]").all():
        box.uncheck()
    for name in COURSE:
        row_of(page, name).locator("input[name=pick]").check()
    page.get_by_role("button", name="开单").click()
    confirm(page, "开单")
    story.says("已开单")
    for name, (_, _, department, *_rest) in COURSE.items():
        page.goto("/measures/orders/?state=draft")
        row_of(page, department).get_by_role("link").first.click()
        expect(row_of(page, name)).to_have_count(1)
        page.get_by_role("button", name="保存").click()
        story.says("等主任签发")
    story.at_the_desk()


def sign_orders(story: Story) -> None:
    page = story.takes("director")
    story.waits("签发交办单").get_by_role("link", name="去签发").click()
    story.at_the_desk()
    for _, _, department, *_rest in COURSE.values():
        row_of(page, department).locator("input[name=pick]").check()
    page.get_by_role("button", name="签发").click()
    confirm(page, "签发")
    story.says(f"已签发 {len({course[2] for course in COURSE.values()})} 份交办单")


# ---- The departments ----
def accept_and_plan(story: Story, name: str) -> None:
    _, _, _, officer, measure, amount = COURSE[name]
    page = story.takes(officer)
    page.goto("/measures/lines/?state=issued")
    story.at_the_desk()
    row_of(page, name).locator("input[name=pick]").check()
    page.get_by_role("button", name="接收", exact=True).click()
    confirm(page, "接收")
    story.says("已接收 1 项")
    page.goto("/measures/lines/?state=accepted")
    row_of(page, name).get_by_role("link", name="拟定举措").click()
    value = page.locator("#code option", has_text=measure).first.get_attribute("value")
    page.locator("#code").select_option(value)
    expect(page.get_by_role("heading", level=2, name=measure)).to_be_visible()
    if name == MONITORED:
        expect(page.locator("main .note").filter(has_text="还可用 5,000.00 元")).to_be_visible()
        page.get_by_label("金额（元）").fill("5000.01")
        page.get_by_role("button", name="登记，报备案").click()
        expect(page.locator("main .note-error")).to_contain_text("第五条")
    story.at_the_desk()
    page.get_by_label("金额（元）").fill(amount)
    page.get_by_label("标准及计算").fill("按本县标准")
    page.get_by_role("button", name="登记，报备案").click()
    story.says("等办公室备案")
    story.at_the_desk()


def file(story: Story) -> None:
    page = story.takes("office")
    story.waits("备案", "部门报来举措").get_by_role("link", name="去备案").click()
    story.at_the_desk()
    for name in COURSE:
        row_of(page, name).locator("input[name=pick]").check()
    page.get_by_role("button", name="备案", exact=True).click()
    confirm(page, "备案")
    story.says("已备案 2 项")


def begin_and_deliver(story: Story, name: str) -> None:
    page = story.takes(COURSE[name][3])
    page.goto("/measures/measures/?state=filed")
    row_of(page, name).get_by_role("link", name=COURSE[name][4]).click()
    page.get_by_role("button", name="开始实施").click()
    story.says("1 项已开始实施")
    page.get_by_label("落实凭据").fill("惠农一卡通发放清单")
    story.at_the_desk()
    page.get_by_role("button", name="登记落实").click()
    story.says("1 项已落实")


def close(story: Story) -> None:
    page = story.takes("office")
    page.goto("/measures/lines/?state=done")
    for name in COURSE:
        row_of(page, name).locator("input[name=pick]").check()
    page.get_by_role("button", name="办结").click()
    confirm(page, "办结")
    story.says("已办结 2 项")
    page.goto("/screening/cases/")
    expect(row_of(page, MARGINAL)).to_contain_text("跟踪中")


# ---- Follow-up and release ----
def visit(story: Story) -> None:
    page = story.takes("workteam", SMALL_PHONE)
    page.goto("/measures/follow/?which=all")
    row_of(page, MARGINAL).get_by_role("link", name="登记走访").click()
    page.get_by_label("已消除", exact=True).check()
    page.get_by_label("已到户", exact=True).check()
    page.get_by_label("情况和问题").fill("房子修好了，住得踏实")
    story.on_the_phone()
    page.get_by_role("button", name="登记走访").click()
    expect(page.locator("article.paper")).to_contain_text("已消除")
    story.on_the_phone()


def evaluate(story: Story, name: str) -> None:
    page = story.takes("village", SMALL_PHONE)
    page.goto("/measures/releases/?stage=due")
    row_of(page, name).get_by_role("link", name="去评定").click()
    page.get_by_label("已消除", exact=True).check()
    page.get_by_label("参加人").fill("蓝桂芳、农振宇、村民代表韦国强")
    page.get_by_label("依据").fill("举措都到户了，群众评议没有异议")
    page.get_by_label("风险已消除").check()
    story.on_the_phone()
    page.get_by_role("button", name="登记村评定").click()
    story.says("等乡镇审核")


def review(story: Story) -> None:
    page = story.takes("township")
    page.goto("/measures/releases/?stage=evaluated")
    for name in COURSE:
        row_of(page, name).locator("input[name=pick]").check()
    page.get_by_label("参加人").fill("覃立新、镇长")
    story.at_the_desk()
    page.get_by_role("button", name="审核同意").click()
    confirm(page, "确定")
    story.says("已审核同意")


def decide(story: Story) -> None:
    page = story.takes("office")
    page.goto("/screening/meetings/plan/")
    quarter = page.get_by_label("审定哪个季度")
    quarter.select_option(quarter.locator("option").last.get_attribute("value"))
    page.get_by_label("会议时间").fill(f"{datetime.date.today():%Y-%m-%d}T00:10")
    page.get_by_label("地点").fill("县政府三楼会议室")
    page.get_by_label("主持人").fill("蓝志远")
    page.get_by_role("button", name="筹备").click()
    page.get_by_role("link", name="参加人员和回避").click()
    page.get_by_label("参加", exact=True).fill("蓝志远 县人民政府 副县长")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="拟取消重点关注", exact=True).first.click()
    page.get_by_role("button", name=re.compile("列入已审核的")).click()
    confirm(page, "列入")
    story.says("已列入拟取消重点关注名单")
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name="同意取消").click()
    story.says("审定意见已记下")
    story.at_the_desk()
    page.get_by_role("link", name="议程和审定意见").click()
    story.at_the_desk()
    page.get_by_role("button", name="登记召开").click()
    confirm(page, "登记召开")
    story.says("审定意见已定稿，等待签发")
    page.get_by_role("link", name="打印会议纪要").click()
    expect(page.locator("article.paper")).to_contain_text("同意取消重点关注 2 户")


def sign(story: Story) -> None:
    page = story.takes("leader")
    page.goto("/screening/meetings/")
    row_of(page, datetime.date.today().strftime("%Y年%-m月%-d日")).get_by_role("link").first.click()
    page.get_by_role("link", name="看名单，签发").click()
    page.get_by_label("纪要文号").fill("都扶领发〔2026〕88号")
    page.get_by_role("button", name="签发").click()
    confirm(page, "签发")
    story.says("审定意见已经生效")


def look_back(story: Story) -> None:
    page = story.takes("office")
    page.goto("/screening/cases/?state=released")
    for name in COURSE:
        expect(row_of(page, name)).to_contain_text("已取消重点关注")
    row_of(page, MONITORED).get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("产业奖补")
    expect(page.locator("main")).to_contain_text("取消重点关注")
    story.at_the_desk()
    page.get_by_role("link", name="评定表").click()
    story.at_the_desk()
    page = story.takes("info")
    page.goto("/screening/national/?kind=release")
    expect(row_of(page, MARGINAL)).to_contain_text("取消关注")
    story.at_the_desk()
