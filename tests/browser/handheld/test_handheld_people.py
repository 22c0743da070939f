"""Whose phone it is: PIN, sharing, signing out; nothing is read by others."""

import re

import pytest
from playwright.sync_api import Error, expect

from demo import people
from tests.browser import pages
from tests.browser.handheld.handhelds import (
    OTHER_PIN,
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

pytestmark = pytest.mark.browser


def test_two_people_share_a_phone_and_read_nothing_of_each_other(village_served, phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    home = households(page, 1)[0]
    name = page.evaluate(f"Handheld.me.pack.households.find((one) => one.uuid === '{home}').head")
    phone.line.deaf_to, before = "/handheld/", received(village_served)
    cut(phone)
    fill(page, home, damaged=True)
    turn_to(page, "more")
    page.get_by_role("button", name="锁上，换人用").click()
    expect(page.get_by_role("heading", name="谁在用")).to_be_visible()
    mend(phone)
    page.get_by_role("link", name="其他人登录").click()
    sign_in(page, "workteam", OTHER_PIN)
    turn_to(page, "outbox")
    expect(page.get_by_text("还没有填过")).to_be_visible()
    page.evaluate("Handheld.sendNow()")
    assert received(village_served) == before
    raw = page.evaluate(_EVERYTHING)
    assert name not in raw
    assert "housing" not in raw
    with pytest.raises(Error, match="OperationError|null"):
        page.evaluate(
            "Handheld.base().then((db) => db.getAll('entries')).then((rows) => { const row = "
            "rows.find((one) => one.person !== "
            "Handheld.me.person.uuid); return Handheld.unsealJson(Handheld.me.key, row, row.person + '/' + "
            "row.uuid); })"
        )
    turn_to(page, "leave")
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_role("heading", name="谁在用")).to_be_visible()
    expect(page.locator("a.field-item")).to_contain_text("有 1 条没有上传")
    unlock(page)
    all_sent(page)
    assert received(village_served) == before + 1


# Every record of every store of the phone, sealed bytes as they lie there.
_EVERYTHING = """async () => {
  const db = await Handheld.base(), words = [];
  for (const store of db.objectStoreNames) for (const row of await db.getAll(store))
    for (const value of Object.values(row))
    words.push(value instanceof ArrayBuffer ? new TextDecoder("utf-8").decode(value) : String(value));
  return words.join("\\n") + JSON.stringify(localStorage);
}"""


def test_signed_out_with_something_unsent_it_stays_sealed_for_its_author(village_served, phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    before, home = received(village_served), households(page, 1)[0]
    cut(phone)
    fill(page, home)
    turn_to(page, "leave")
    expect(page.get_by_text("还有 1 条没有上传。")).to_be_visible()
    page.get_by_role("button", name="封存没有上传的，退出").click()
    expect(page.locator("a.field-item")).to_contain_text("已封存，用密码打开")
    assert page.evaluate("Handheld.base().then((db) => db.count('packs'))") == 0
    mend(phone)
    page.locator("a.field-item").click()
    sign_in(page, pin=OTHER_PIN)
    all_sent(page)
    assert received(village_served) == before + 1


def test_five_wrong_pins_wipe_the_pack_and_keep_what_is_unsent(village_served, phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    before, home = received(village_served), households(page, 1)[0]
    cut(phone)
    fill(page, home)
    page.evaluate("Handheld.lockNow()")
    page.locator("a.field-item").first.click()
    for _ in range(5):
        page.locator("#pin").fill("000111")
        page.get_by_role("button", name="打开").click()
        page.wait_for_function("() => !document.querySelector('button:disabled')")
    assert page.evaluate("Handheld.base().then((db) => db.count('packs'))") == 0
    expect(page.get_by_label("用户名")).to_be_visible()
    mend(phone)
    sign_in(page)
    all_sent(page)
    assert received(village_served) == before + 1


def test_idle_phone_locks_and_keeps_what_was_typed(phone):
    page = phone.go()
    sign_in(page)
    home = households(page, 1)[0]
    fill(page, home, damaged=True, save=False)
    page.evaluate("Handheld.me.pack.idle_minutes = 0")
    expect(page.get_by_role("heading", name="谁在用")).to_be_visible(timeout=15_000)
    assert page.evaluate("Handheld.me") is None
    unlock(page)
    page.locator("a.field-item", has_text="没填完").first.click()
    expect(page.locator("[name='o-housing.damaged']")).to_be_checked()


def test_signing_out_at_the_desk_asks_and_wipes_the_pack(village_served, phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    home = households(page, 1)[0]
    phone.line.state = "deaf"  # the rest of the site answers
    fill(page, home)
    page.goto(f"{phone.line.address}/accounts/login/")
    page.get_by_label("用户名").fill("village")
    page.locator("#id_password").fill(people.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name=re.compile("蓝桂芳")).click()
    page.get_by_role("button", name="退出").click()
    expect(pages.dialog(page)).to_contain_text("没有上传")
    pages.confirm(page, "确定")
    expect(page.locator("#id_password")).to_be_visible()
    page.wait_for_timeout(1000)
    phone.go()
    expect(page.locator("a.field-item")).to_contain_text("已封存，用密码打开")
    assert page.evaluate("Handheld.base().then((db) => db.count('packs'))") == 0


def test_token_that_has_ended_asks_for_the_password_and_loses_nothing(village_served, phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    before, home = received(village_served), households(page, 1)[0]
    village_served.site.rows("UPDATE handheld_phone SET password_mark='changed'")
    fill(page, home, damaged=True)
    expect(page.get_by_text("登录已过期，现在传不上去")).to_be_visible()
    assert received(village_served) == before
    page.get_by_role("link", name="输密码，接着上传").click()
    sign_in(page)
    all_sent(page)
    assert received(village_served) == before + 1
