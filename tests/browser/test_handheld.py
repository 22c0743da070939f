"""The phone's page on a bad line, in a real browser: nothing lost, nothing twice, nothing read by others."""

import contextlib
import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from demo import people
from tests.browser import pages
from tests.browser.conftest import CHROMIUM, Served, serve
from tests.browser.lines import Line
from tests.handheld.phones_makers import picture

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PIN, OTHER_PIN = "135790", "246802"


@pytest.fixture(scope="session")
def village_served(playwright, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Served]:
    """A county whose first village has more than thirty households. The database is opened beside the running browser,
    as in the other browser tests: what was opened before it would stay open, and could be neither copied nor dropped."""
    with django_db_blocker.unblock(), serve(tmp_path_factory.mktemp("handheld"), 300) as found:
        found.site.rows(
            "UPDATE households_household SET village_id='451228100001', hamlet_id="
            "(SELECT id FROM households_hamlet WHERE village_id='451228100001' ORDER BY id LIMIT 1) "
            "WHERE id IN (SELECT id FROM households_household h WHERE village_id LIKE '451228%' AND closed_on IS NULL "
            "AND village_id <> '451228100001' AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE v.household_id=h.id) "
            "AND NOT EXISTS (SELECT 1 FROM households_case c WHERE c.household_id=h.id) ORDER BY id LIMIT 120)"
        )
        yield found


@pytest.fixture
def line(village_served) -> Iterator[Line]:
    made = Line(village_served.address)
    yield made
    made.close()


class Phone:
    """One browser with its own folder; it can be killed and opened again."""

    def __init__(self, playwright, folder: Path, line: Line):
        self.playwright, self.folder, self.line = playwright, folder, line
        self.context: BrowserContext | None = None
        self.faults: list[str] = []
        self.open()

    def open(self) -> Page:
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic", "--disable-features=StaticStorageQuota"], viewport=PHONE,
            locale="zh-CN", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        self.page = self.context.pages[0]
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.set_default_timeout(20_000)
        return self.page

    def go(self) -> Page:
        self.page.goto(f"{self.line.address}/handheld/")
        return self.page

    def kill(self) -> None:
        """As the system does with an app that it needs the room of."""
        own = [
            pid
            for pid in _processes()
            if str(self.folder) in _command(pid) and "--type=" not in _command(pid)
        ]
        assert own
        for pid in own:
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(Error):  # it is gone already
            self.context.close()
        (self.folder / "SingletonLock").unlink(missing_ok=True)

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def phone(village_served, playwright, line, tmp_path) -> Iterator[Phone]:
    made = Phone(playwright, tmp_path / "phone", line)
    yield made
    made.close()


def sign_in(page: Page, username: str = "village", pin: str = PIN) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(people.PASSWORD)
    page.locator("#pin1").fill(pin)
    page.locator("#pin2").fill(pin)
    page.get_by_role("button", name="登录，带上村里的资料").click()
    expect(page.get_by_role("heading", name="入户排查")).to_be_visible()


def kept_offline(page: Page) -> None:
    """The worker has all files, and nothing is on its way."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.wait_for_load_state("networkidle")


def unlock(page: Page, name: str = "", pin: str = PIN) -> None:
    row = page.locator("a.field-item", has_text=name) if name else page.locator("a.field-item")
    row.first.click()
    page.locator("#pin").fill(pin)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("#pin")).to_have_count(0)


def cut(phone: Phone) -> None:
    phone.line.state = "down"
    phone.context.set_offline(True)


def mend(phone: Phone) -> None:
    phone.line.state = "up"
    phone.context.set_offline(False)


def households(page: Page, count: int) -> list[str]:
    return page.evaluate(
        "(count) => Handheld.me.pack.households.filter((one) => !one.last).slice(0, count).map((one) => one.uuid)",
        count,
    )


def turn_to(page: Page, screen: str) -> None:
    page.evaluate(f"location.hash = '#/{screen}'")
    expect(page.locator("#handheld")).to_have_attribute("data-screen", screen or "village")


def fill(
    page: Page, uuid: str, *, damaged: bool = False, photo: bytes | None = None, save: bool = True
) -> None:
    turn_to(page, f"entry/{uuid}")
    if damaged:
        page.locator("label[for=q-housing-yes]").click()
        page.locator("label[for='o-housing.damaged']").click()
        page.locator("label:has([name='o-housing.damaged-how'][value=disaster])").click()
        page.locator("label:has([name='o-housing.damaged-bear'][value=cannot])").click()
    else:
        page.locator("[name=nothing_found]").check()
    if photo:
        page.locator("#handheld-photos").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo}
        )
        expect(page.locator(".handheld-photos img")).to_have_count(1)
    if save:
        page.get_by_role("button", name="存好了，下一项").click()
        expect(page.locator("#toast")).to_contain_text("存好了")
        expect(page.locator("#handheld")).to_have_attribute("data-screen", re.compile("^hamlet/"))


def all_sent(page: Page) -> None:
    """Sends until the phone says that nothing is left."""
    until = time.monotonic() + 120
    while page.evaluate("Handheld.sendNow().then(() => Handheld.countUnsent())"):
        assert time.monotonic() < until
        page.wait_for_timeout(200)


def received(village_served: Served, where: str = "1=1") -> int:
    return village_served.site.rows(f"SELECT count(*) FROM handheld_phoneentry WHERE {where}")[0][0]


def no_serious_fault(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    serious = [
        (one["id"], [node["html"][:160] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == [], page.url


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
            "Handheld.base().then((db) => db.getAll('entries')).then((rows) => { const row = rows.find((one) => one.person !== "
            "Handheld.me.person.uuid); return Handheld.unsealJson(Handheld.me.key, row, row.person + '/' + row.uuid); })"
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
  for (const store of db.objectStoreNames) for (const row of await db.getAll(store)) for (const value of Object.values(row))
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


def test_pack_goes_when_its_days_are_over_and_entries_stay(phone):
    page = phone.go()
    sign_in(page)
    kept_offline(page)
    home = households(page, 1)[0]
    cut(phone)
    fill(page, home)
    page.evaluate(
        "Handheld.base().then(async (db) => { const pack = (await db.getAll('packs'))[0]; pack.until = Date.now() - 1; "
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
    """Where the browser tells its room beforehand, as those of phones do, and where the store refuses while it writes."""
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


# The store refuses entries as a full disk makes it do: nothing else can be filled here without filling the machine.
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


def test_all_kinds_are_sent_and_every_screen_is_fit_for_a_thumb(village_served, phone):
    page = phone.go()
    no_serious_fault(page)
    sign_in(page)
    waits = "state='attention'"
    before, waiting = received(village_served), received(village_served, waits)
    told = page.evaluate(
        "({ home: Handheld.me.pack.households[0].uuid, hamlet: Handheld.me.pack.hamlets.find((one) => !one.signed).pk, "
        "task: (Handheld.me.pack.tasks.find((one) => !one.answered) || {}).uuid, visit: (Handheld.me.pack.cases[0] || {}).household })"
    )
    assert told["task"]
    assert told["visit"]
    screens = ["", f"hamlet/{told['hamlet']}", f"home/{told['home']}", f"entry/{told['home']}", "new", f"signoff/{told['hamlet']}",
               f"task/{told['task']}", f"visit/{told['visit']}", "outbox", "more", "guide", "leave"]  # fmt: skip
    for screen in screens:
        turn_to(page, screen)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], screen
        assert page.evaluate(_LOW) == [], screen
        assert pages.english_words(page) == set(), screen
        no_serious_fault(page)
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
        "[...new Set([...document.querySelectorAll('[name^=risk-], [name^=measure-]')].map((one) => one.name))]"
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
    """Over the wire, compressed: the page, its files, the pack of a village of some hundred and fifty households."""
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
