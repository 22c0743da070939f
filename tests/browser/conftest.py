"""One demo county for all browser tests, served as `make demo` serves it: pages, worker and beat in a process
of their own, on a copy of the test database. Every test opens a quarter or imports households of its own.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from demo import people
from tests.browser.handheld.handhelds import Phone
from tests.browser.handheld.lines import Line
from tests.browser.serving import CHROMIUM, Served, serve

HOUSEHOLDS = 40
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def served(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Served]:
    with django_db_blocker.unblock(), serve(tmp_path_factory.mktemp("browser"), HOUSEHOLDS) as found:
        yield found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict:
    """The system's Chromium; a missing one fails these tests."""
    if not os.access(CHROMIUM, os.X_OK):
        pytest.fail(f"browser tests need Chromium, and there is none at CHROMIUM={CHROMIUM}", pytrace=False)
    return browser_type_launch_args | {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--disable-quic"],
    }


@pytest.fixture(scope="session")
def base_url(served) -> str:
    return served.address


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args) -> dict:
    return browser_context_args | {
        "viewport": {"width": 1366, "height": 768},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "permissions": ["clipboard-read", "clipboard-write"],
    }


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose console stays silent: no script error, nothing that the content policy had to refuse."""
    faults = []

    def heard(line):
        is_form_shown_again = "status of 422" in line.text  # the browser's own word on it
        if line.type == "error" and not is_form_shown_again:
            faults.append(f"{page.url}: {line.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "response", lambda answer: answer.status >= 500 and faults.append(f"{answer.status} {answer.url}")
    )
    page.set_default_timeout(15_000)
    yield page
    assert not faults, "\n".join(faults)


@pytest.fixture
def sign_in(page: Page) -> Callable[..., None]:
    def enter(username: str, password: str = people.PASSWORD) -> None:
        page.goto("/accounts/login/")
        page.get_by_label("用户名").fill(username)
        page.locator("#id_password").fill(password)
        page.get_by_role("button", name="登录").click()
        expect(page.locator("#id_password")).to_have_count(0)

    return enter


@pytest.fixture
def by_office(served) -> Callable[..., None]:
    """Commands of the office, run beside the server: what a test needs beforehand."""

    def run(*commands: list) -> None:
        served.site.run_all(*([*words, "--county", "451228", "--as", "office"] for words in commands))

    return run


# ---- The phone at the door ----
@pytest.fixture(scope="session")
def village_served(playwright, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Served]:
    """A county whose first village has more than thirty households. The database is opened beside the running
    browser, as in the other browser tests: what was opened before it would stay open, and could be neither
    copied nor dropped."""
    with django_db_blocker.unblock(), serve(tmp_path_factory.mktemp("handheld"), 300) as found:
        found.site.rows(
            "UPDATE households_household SET village_id='451228100001', hamlet_id="
            "(SELECT id FROM households_hamlet WHERE village_id='451228100001' ORDER BY id LIMIT 1) "
            "WHERE id IN (SELECT id FROM households_household h WHERE village_id LIKE '451228%' AND "
            "closed_on IS NULL "
            "AND village_id <> '451228100001' AND NOT EXISTS (SELECT 1 FROM screening_verification v WHERE "
            "v.household_id=h.id) "
            "AND NOT EXISTS (SELECT 1 FROM households_case c WHERE c.household_id=h.id) ORDER BY id LIMIT "
            "120)"
        )
        yield found


@pytest.fixture
def line(village_served) -> Iterator[Line]:
    made = Line(village_served.address)
    yield made
    made.close()


@pytest.fixture
def phone(village_served, playwright, line, tmp_path) -> Iterator[Phone]:
    made = Phone(playwright, tmp_path / "phone", line)
    yield made
    made.close()
