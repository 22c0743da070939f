"""What holds for every page, and how a person reaches things."""

import re

from playwright.sync_api import Locator, Page, expect

DESK, PHONE, SMALL_PHONE = (1366, 768), (390, 844), (360, 740)

# Formats, sizes and file names are the only words that need no Chinese.
_FILE = re.compile(r"\S*\.(xlsx|xls|csv|pdf)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_ALLOWED = {"ID", "Excel", "CSV", "MB", "KB", "WPS", "PDF", "JPG", "PNG", "Ctrl", "Esc"}
_TEXT = """() => [document.title, document.body.innerText,
  ...Array.from(document.querySelectorAll("[aria-label], [placeholder], [title]"))
    .flatMap((e) => ["aria-label", "placeholder", "title"]
        .map((name) => e.getAttribute(name) || ""))].join("\\n")"""


# User names, one-time codes and checksums are no words of a language.
_CODES = """() => Array.from(document.querySelectorAll("code")).map((e) => e.innerText).join("\\n")"""

_CUT = """() => Array.from(document.querySelectorAll("main .table-responsive"))
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => box.innerText.split("\\n")[0] + ` ${box.scrollWidth} in ${box.clientWidth}`)"""


def english_words(page: Page) -> set[str]:
    found = set(_WORD.findall(_FILE.sub("", page.evaluate(_TEXT))))
    return found - _ALLOWED - set(_WORD.findall(page.evaluate(_CODES)))


def look_over(page: Page, *sizes: tuple[int, int]) -> list[str]:
    """What is wrong with the page, at the desk and on the phone; leaves the window as it was."""
    faults, before = [], page.viewport_size
    for width, height in sizes or (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > page.evaluate("window.innerWidth"):
            faults.append(f"{page.url} at {width}: {needed} wide")
        if width >= DESK[0] and (cut := page.evaluate(_CUT)):
            faults.append(f"{page.url} at {width}: tables are cut at the right: {cut}")
        if words := english_words(page):
            faults.append(f"{page.url} at {width}: English words {sorted(words)}")
    page.set_viewport_size(before)
    return faults


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def confirm(page: Page, label: str) -> None:
    dialog(page).get_by_role("button", name=label).click()


def figure(page: Page, label: str) -> Locator:
    """The figure above a label, as `components/figures.html` shows it."""
    return page.locator(".fig > *", has=page.get_by_text(label, exact=True)).locator(".n")


def expect_figures(page: Page, **wanted: int) -> None:
    for label, number in wanted.items():
        expect(figure(page, label)).to_have_text(re.compile(rf"^{number}\s*(行|户|人)?$"))


def tab_to(page: Page, goal: Locator, most: int = 60) -> None:
    """Presses Tab until `goal` has the focus."""
    for _ in range(most):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{goal} is not reached with the Tab key")
