"""The phone's screens: one column, for a thumb, in Chinese, light on the line."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.handheld.handhelds import (
    PHONE,
    PIN,
    all_sent,
    cut,
    fill,
    households,
    kept_offline,
    mend,
    received,
    sign_in,
    turn_to,
    unlock,
)
from tests.browser.serving import CHROMIUM

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"


def no_serious_fault(page: Page) -> None:
    page.mouse.move(0, 0)
    # A button that is changing its colour has no contrast that holds.
    page.evaluate(
        "Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition)"
        ".map((one) => one.finished.catch(() => null))).then(() => true)"
    )
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    serious = [
        (one["id"], [node["html"][:160] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], page.url


def fit_for_a_thumb(page: Page, name: str) -> None:
    """One column, nothing to hit lower than 48, no English word, nothing serious that axe-core finds."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    assert page.evaluate(_LOW) == [], name
    assert pages.english_words(page) == set(), name
    no_serious_fault(page)


def test_screens_around_the_work_are_fit_for_a_thumb(phone):
    """Signing in, who is using it, the PIN and a wrong one, one sent entry, a phone whose pack is gone."""
    page = phone.go()
    fit_for_a_thumb(page, "sign-in")
    sign_in(page)
    kept_offline(page)
    fill(page, households(page, 1)[0], damaged=True)
    all_sent(page)
    turn_to(page, "outbox")
    page.locator("a.field-item").first.click()
    expect(page.locator("#handheld")).to_have_attribute("data-screen", re.compile("^sent/"))
    fit_for_a_thumb(page, "one sent entry")
    page.evaluate("Handheld.lockNow()")
    expect(page.get_by_role("heading", name="谁在用")).to_be_visible()
    fit_for_a_thumb(page, "who is using it")
    page.locator("a.field-item").first.click()
    page.locator("#pin").fill("000111")
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_role("alert")).to_be_visible()
    fit_for_a_thumb(page, "a wrong PIN")
    page.locator("#pin").fill(PIN)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("#pin")).to_have_count(0)
    cut(phone)
    page.evaluate("Handheld.base().then((db) => db.clear('packs'))")
    page.reload()
    unlock(page)
    expect(page.get_by_role("heading", name="手机上没有村里的资料")).to_be_visible()
    fit_for_a_thumb(page, "no pack")
    mend(phone)


def test_all_kinds_are_sent_and_every_screen_is_fit_for_a_thumb(village_served, phone):
    page = phone.go()
    sign_in(page)
    waits = "state='attention'"
    before, waiting = received(village_served), received(village_served, waits)
    told = page.evaluate(
        "({ home: Handheld.me.pack.households[0].uuid, hamlet: Handheld.me.pack.hamlets.find((one) => "
        "!one.signed).pk, "
        "task: (Handheld.me.pack.tasks.find((one) => !one.answered) || {}).uuid, visit: "
        "(Handheld.me.pack.cases[0] || {}).household })"
    )
    assert told["task"]
    assert told["visit"]
    screens = [
        "",
        f"hamlet/{told['hamlet']}",
        f"home/{told['home']}",
        f"entry/{told['home']}",
        "new",
        f"signoff/{told['hamlet']}",
        f"task/{told['task']}",
        f"visit/{told['visit']}",
        "outbox",
        "more",
        "guide",
        "leave",
    ]
    for screen in screens:
        turn_to(page, screen)
        fit_for_a_thumb(page, screen)
    turn_to(page, f"signoff/{told['hamlet']}")
    page.locator("[name=agreed]").check()
    page.locator("[name=hamlet_head]").fill("韦屯长")
    page.get_by_role("button", name="确认本屯已排查").click()
    expect(page.locator("#handheld")).to_have_attribute("data-screen", re.compile("^hamlet/"))
    turn_to(page, f"task/{told['task']}")
    expect(page.locator("form.handheld-form")).to_be_visible()
    for name in page.evaluate(
        "[...new Set([...document.querySelectorAll('[name^=answer_]')].map((one) => one.name))]"
    ):
        page.locator(f"label:has([name='{name}'][value=cannot_bear])").click()
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator("#handheld")).to_have_attribute("data-screen", "village")
    turn_to(page, f"visit/{told['visit']}")
    expect(page.locator("form.handheld-form")).to_be_visible()
    for name in page.evaluate(
        "[...new Set([...document.querySelectorAll('[name^=risk-], [name^=measure-]')].map((one) => "
        "one.name))]"
    ):
        page.locator(f"label:has([name='{name}'])").first.click()
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator("#handheld")).to_have_attribute("data-screen", "village")
    turn_to(page, "new")
    page.locator("[name=new-name]").fill("罗新户")
    page.locator("[name=nothing_found]").check()
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator("#handheld")).to_have_attribute("data-screen", "village")
    all_sent(page)
    assert received(village_served) == before + 4
    assert received(village_served, waits) == waiting


# What a finger has to hit and is lower than 48: name and height.
_LOW = """() => Array.from(document.querySelectorAll(
    ".field-page a, .field-page button, .field-page .big, .field-page .choices span, .field-page select, "
    + ".field-page .form-control, .field-page summary, .field-page .field-ticks label"))
  .filter((e) => e.offsetParent !== null && !e.classList.contains("visually-hidden"))
  .map((e) => [e.innerText || e.name, e.getBoundingClientRect().height])
  .filter(([name, height]) => height > 0 && height < 47.5)"""


def test_first_load_is_light_and_the_next_costs_next_to_nothing(phone, line):
    """Over the wire, compressed: the page, its files, the pack of a village of some hundred and fifty
    households."""
    line.compresses = True
    made = phone
    devtools = made.context.new_cdp_session(made.page)
    devtools.send("Network.enable")
    sizes: list[int] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page = made.go()
    sign_in(page)
    kept_offline(page)
    first = sum(sizes)
    sizes.clear()
    page.reload()
    unlock(page)
    expect(page.get_by_role("heading", name="入户排查")).to_be_visible()
    page.wait_for_timeout(1500)  # it asks whether the pack is still the same
    print(f"first load {first} bytes, again {sum(sizes)} bytes")
    assert first < 150_000
    assert sum(sizes) < 10_000


def test_in_wechat_the_way_to_the_browser_is_shown(village_served, line, playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    page = browser.new_page(
        viewport=PHONE,
        user_agent="Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/86.0 MicroMessenger/8.0",
    )
    page.goto(f"{line.address}/handheld/")
    page.get_by_role("link", name=re.compile("在微信里也能用")).click()
    expect(page.get_by_text("选“在浏览器打开”")).to_be_visible()
    browser.close()
