"""A phone at the door: a browser with its own folder on a line that can be cut, and how its person goes
about."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, expect

from demo import people
from tests.browser.handheld.lines import Line
from tests.browser.serving import CHROMIUM, Served

PHONE = {"width": 360, "height": 740}
PIN, OTHER_PIN = "135790", "246802"


class Phone:
    """One browser with its own folder; it can be killed and opened again."""

    def __init__(self, playwright, folder: Path, line: Line):
        self.playwright, self.folder, self.line = playwright, folder, line
        self.context: BrowserContext | None = None
        self.faults: list[str] = []
        self.open()

    def open(self) -> Page:
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-quic", "--disable-features=StaticStorageQuota"],
            viewport=PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
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
        (
            "(count) => Handheld.me.pack.households.filter((one) => !one.last).slice(0, count).map((one) => "
            "one.uuid)"
        ),
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
