"""The village at the door, on a phone 360 wide: with scripts and without."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from demo import people

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}

# What a finger has to hit and is lower than 48: name and height.
_LOW = """() => Array.from(document.querySelectorAll(
    ".field-page a, .field-page button, .field-page .big, .field-page .choices span, .field-page select, "
    + ".field-page .form-control, .field-page summary, .field-page .field-ticks label"))
  .map((e) => [e.innerText || e.name, e.getBoundingClientRect().height])
  .filter(([name, height]) => height > 0 && height < 47.5)"""


def too_low(page: Page) -> list:
    needed = page.evaluate("document.documentElement.scrollWidth")
    assert needed <= PHONE["width"], f"{page.url}: {needed} wide"
    return page.evaluate(_LOW)


def tap(page: Page, name: str, value: str) -> None:
    page.locator(f"label:has([name='{name}'][value={value}])").click()


def damaged_house(page: Page) -> None:
    """3 房子: damaged by disaster, the household can't bear it."""
    page.locator("label[for=q-housing-yes]").click()
    page.locator("label[for='o-housing.damaged']").click()
    tap(page, "o-housing.damaged-how", "disaster")
    tap(page, "o-housing.damaged-bear", "cannot")
    page.get_by_label("说明", exact=True).last.fill("六月大雨后墙裂了")


@pytest.fixture
def village(page: Page, sign_in) -> Page:
    page.set_viewport_size(PHONE)
    sign_in("village")
    page.goto("/screening/field/")
    return page


def test_household_is_entered_with_the_thumb(village):
    page = village
    assert too_low(page) == []
    page.get_by_role("link", name="填一户").click()
    assert too_low(page) == []
    page.locator(".field-item").first.click()
    expect(page.get_by_text("上次", exact=True)).to_be_visible()
    expect(page.locator("label[for='o-housing.damaged']")).to_be_hidden()
    damaged_house(page)
    assert too_low(page) == []
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator(".note-success")).to_contain_text("住房危险")
    expect(page.locator(".field-item .lamp.red").first).to_be_visible()


def test_income_a_head_is_shown_while_one_types(village):
    page = village
    page.get_by_role("link", name="户册里没有的户").click()
    page.locator("[name=wages]").fill("1.2万")
    page.locator("[name=costs]").fill("3,000")
    page.locator("[name=heads]").fill("4")
    expect(page.locator("[data-sum]")).to_have_text("2,250.00 元")


def test_fault_is_brought_into_sight_and_nothing_is_lost(village):
    page = village
    page.get_by_role("link", name="填一户").click()
    page.locator(".field-item").nth(1).click()
    page.locator("label[for=q-water-yes]").click()
    page.locator("label[for='o-water.dirty']").click()
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator("#fault")).to_contain_text("家里自己扛得住吗")
    expect(page.locator("#fault")).to_be_in_viewport()
    expect(page.locator("[id='o-water.dirty']")).to_be_checked()


def test_hamlet_is_signed_off(village):
    page = village
    page.get_by_role("link", name="本屯排查确认").first.click()
    hamlet = page.locator("h1").inner_text().split(" · ")[0]
    assert too_low(page) == []
    page.get_by_role("button", name="确认本屯已排查").click()
    expect(page.get_by_text("请先和屯长过一遍，再勾选。")).to_be_visible()
    page.get_by_label("和屯长一户一户过了一遍").check()
    page.get_by_role("button", name="确认本屯已排查").click()
    expect(page.locator(".note-success")).to_contain_text(f"{hamlet}已确认")


def test_everything_works_without_scripts(browser: Browser, base_url):
    context = browser.new_context(
        viewport=PHONE, locale="zh-CN", java_script_enabled=False, base_url=base_url
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill("workteam")
    page.locator("#id_password").fill(people.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/screening/field/")
    page.get_by_role("link", name="填一户").click()
    page.locator(".field-item").nth(2).click()
    expect(page.locator("label[for='o-housing.damaged']")).to_be_hidden()
    damaged_house(page)
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator(".note")).to_contain_text(re.compile("已收到"))
    context.close()
