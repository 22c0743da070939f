"""Every place of the navigation, for every role, at the desk and on the phone."""

import pytest
from playwright.sync_api import Page

from demo.people import PEOPLE
from tests.browser.pages import look_over

pytestmark = pytest.mark.browser
# One has a list waiting to confirm, one was served by the office, one has no list to deliver.
OFFICERS = ["dept-insurance", "dept-education", "dept-police"]
BESIDE = ["/jobs/exports/", "/accounts/password/change/"]  # in the menu of one's own name, the same for all


@pytest.mark.parametrize("username", [*PEOPLE, *OFFICERS])
def test_pages_of_a_role_are_whole(page: Page, sign_in, username):
    sign_in(username)
    faults, waiting, seen = [], addresses(page, "#side li a"), set()
    assert "/" in waiting
    waiting += BESIDE if username == "office" else []
    while waiting:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = page.goto(address)
        if answer.status != 200:
            faults.append(f"{address}: {answer.status}")
        faults += look_over(page)
        # One step further: what the first row of each list opens.
        waiting += addresses(
            page, "main table[data-rows] tbody:first-of-type tr:first-child td:first-child a"
        )
        waiting += addresses(page, "main table[data-rows] tbody:first-of-type tr:first-child .act a")
    assert not faults, "\n".join(faults)


def addresses(page: Page, selector: str) -> list[str]:
    return page.locator(selector).evaluate_all("links => links.map((a) => a.pathname + a.search)")


def test_page_that_is_not_there_leads_back(page: Page, sign_in):
    sign_in("office")
    other = page.context.new_page()  # the browser itself tells its console of a missing page
    answer = other.goto("/households/00000000-0000-4000-8000-000000000000/")
    assert answer.status == 404
    assert look_over(other) == []
    assert "/" in addresses(other, "main a")
