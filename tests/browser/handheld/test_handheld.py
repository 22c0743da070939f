"""The phone on a bad line: nothing lost, nothing twice."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.handheld.handhelds import (
    OTHER_PIN,
    Phone,
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
from tests.handheld.phones_makers import picture

pytestmark = pytest.mark.browser


def test_thirty_households_with_photos_survive_a_killed_browser(village_served, phone):
    before, photo = received(village_served), picture((1200, 900))
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    homes = households(page, 30)
    assert len(homes) == 30
    cut(phone)
    for number, home in enumerate(homes[:20]):
        fill(page, home, damaged=number % 5 == 0, photo=photo if number % 3 == 0 else None)
    expect(page.locator("#unsent")).to_contain_text("还有 20 条没有上传")
    fill(page, homes[20], damaged=True, photo=photo, save=False)  # killed while it is typed
    page.wait_for_timeout(1000)
    phone.kill()
    page = phone.open()
    phone.context.set_offline(True)
    phone.go()
    unlock(page)
    expect(page.get_by_role("heading", name="没填完的")).to_be_visible()
    page.locator("a.field-item", has_text="没填完").first.click()
    expect(page.locator("[name='o-housing.damaged']")).to_be_checked()
    expect(page.locator(".handheld-photos img")).to_have_count(1)
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator("#toast")).to_contain_text("存好了")
    for home in homes[21:]:
        fill(page, home)
    expect(page.locator("#unsent")).to_contain_text("还有 30 条没有上传")
    assert received(village_served) == before
    mend(phone)
    all_sent(page)
    assert received(village_served) == before + 30
    photos = village_served.site.rows(
        "SELECT count(*), count(DISTINCT p.entry_id) FROM handheld_phonephoto p JOIN screening_entryphoto e "
        "ON e.stored_name = p.stored_name"
    )
    assert photos[0] == (8, 8)
    assert (
        village_served.site.rows("SELECT count(*) - count(DISTINCT uuid) FROM screening_fieldentry")[0][0]
        == 0
    )
    expect(page.locator("#unsent")).to_have_count(0)


def test_answer_lost_after_the_commit_and_twenty_repeats_have_one_effect(village_served, phone):
    page = phone.go()
    sign_in(page)
    before = received(village_served)
    phone.line.state = "deaf"
    homes = households(page, 3)
    for home in homes:
        fill(page, home, damaged=True)
    page.evaluate("Handheld.sendNow()")
    page.wait_for_timeout(1500)
    assert phone.line.lost >= 1
    assert received(village_served) > before
    phone.line.state = "up"
    all_sent(page)
    assert received(village_served) == before + 3
    leads = village_served.site.rows("SELECT count(*) FROM screening_leadreason")[0][0]
    for path, body, token in {body: one for one in phone.line.sent for body in [one[1]]}.values():
        for _ in range(20):
            ask = urllib.request.Request(
                village_served.address + path,
                body,
                {"Authorization": token, "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(ask) as answer:
                assert json.load(answer)["is_new"] is False
    assert received(village_served) == before + 3
    assert village_served.site.rows("SELECT count(*) FROM screening_leadreason")[0][0] == leads


def test_two_phones_on_one_household_are_set_before_a_person(village_served, phone, playwright, tmp_path):
    beside = "SELECT count(*) FROM screening_fieldentry WHERE state='attention' AND beside_id IS NOT NULL"
    waiting = village_served.site.rows(beside)[0][0]
    other = Phone(playwright, tmp_path / "other", phone.line)
    page, second = phone.go(), other.go()
    sign_in(page)
    sign_in(second, "workteam", OTHER_PIN)
    kept_offline(page)
    kept_offline(second)
    home = households(page, 1)[0]
    cut(phone)
    other.context.set_offline(True)
    fill(page, home, damaged=True)
    fill(second, home)
    mend(phone)
    all_sent(page)
    other.context.set_offline(False)
    all_sent(second)
    turn_to(second, "outbox")
    expect(second.locator("a.field-item").first).to_contain_text("待乡镇处理")
    second.locator("a.field-item").first.click()
    expect(second.get_by_text("两份不一样")).to_be_visible()
    assert village_served.site.rows(beside)[0][0] == waiting + 1
    other.close()


def test_pack_goes_when_its_days_are_over_and_entries_stay(phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    home = households(page, 1)[0]
    cut(phone)
    fill(page, home)
    page.evaluate(
        "Handheld.base().then(async (db) => { const pack = (await db.getAll('packs'))[0]; pack.until = "
        "Date.now() - 1; "
        "await db.put('packs', pack); })"
    )
    page.reload()
    unlock(page)
    expect(page.get_by_role("heading", name="手机上没有村里的资料")).to_be_visible()
    page.get_by_role("link", name="我填的").click()
    expect(page.locator("a.field-item")).to_contain_text("在手机上，待上传")
    mend(phone)
    all_sent(page)


def test_new_worker_comes_in_between_and_loses_nothing(village_served, phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    before, homes = received(village_served), households(page, 2)
    cut(phone)
    fill(page, homes[0])
    mend(phone)
    phone.line.deaf_to = "/handheld/entries/"
    phone.line.state = "deaf"
    phone.line.worker_note = "next"
    fill(page, homes[1], damaged=True, save=False)
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    expect(page.get_by_text("有新版本。")).to_be_visible()
    page.get_by_role("button", name="更新页面").click()
    expect(page.get_by_role("heading", name="谁在用")).to_be_visible()
    names = page.evaluate("caches.keys()")
    assert [name for name in names if "next" in name] == names
    phone.line.state = "up"
    unlock(page)
    page.locator("a.field-item", has_text="没填完").first.click()
    expect(page.locator("[name='o-housing.damaged']")).to_be_checked()
    page.get_by_role("button", name="存好了，下一项").click()
    all_sent(page)
    assert received(village_served) == before + 2


def test_full_phone_says_so_before_anything_is_lost(village_served, phone):
    """Where the browser tells its room beforehand, as those of phones do, and where the store refuses while
    it writes."""
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    before, homes = received(village_served), households(page, 2)
    devtools = phone.context.new_cdp_session(page)
    used = page.evaluate("navigator.storage.estimate().then((told) => told.usage)")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.line.address, "quotaSize": used // 2})
    cut(phone)
    refused_and_kept_on_the_screen(page, homes[0])
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.line.address})
    saved_after_all(page)
    page.evaluate(_REFUSING)
    refused_and_kept_on_the_screen(page, homes[1])
    page.evaluate("window.refusing = false")
    saved_after_all(page)
    mend(phone)
    all_sent(page)
    assert received(village_served) == before + 2


# The store refuses entries as a full disk makes it do: nothing else can be filled here without filling the
# machine.
_REFUSING = """() => {
  const put = IDBObjectStore.prototype.put;
  window.refusing = true;
  IDBObjectStore.prototype.put = function (value) {
    if (window.refusing && this.name === "entries") throw new DOMException("full", "QuotaExceededError");
    return put.call(this, value);
  };
}"""


def refused_and_kept_on_the_screen(page: Page, home: str) -> None:
    left = page.evaluate("Handheld.countUnsent()")
    fill(page, home, damaged=True, save=False)
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.get_by_text("手机存储已满").first).to_be_visible()
    expect(page.locator("[name='o-housing.damaged']")).to_be_checked()
    assert page.evaluate("Handheld.countUnsent()") == left


def saved_after_all(page: Page) -> None:
    page.get_by_role("button", name="存好了，下一项").click()
    expect(page.locator("#handheld")).to_have_attribute("data-screen", re.compile("^hamlet/"))
