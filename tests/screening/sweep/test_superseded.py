"""A newer list takes the place of an earlier one: what it no longer says goes at the next sweep; what
somebody has acted on stays, and everybody who acts on it further is told."""

import pytest
from django.urls import reverse

from screening.comparison import answering, confirming, proposal
from screening.comparison import compare as comparison
from screening.feeds import receiving
from screening.models import Candidate, Feed, Lead, LeadReason, Verification
from tests import factories
from tests.books import settlement
from tests.screening.rounds import pages

LEAD = "medical.out_of_pocket"


@pytest.fixture
def member(round_2020q1):
    return factories.household(status="lifted", number="H").members.get()


@pytest.fixture
def swept(desk, member):
    desk.feed("medical_settlement", settlement(member, "23000.00"))
    desk.sweep()
    return Lead.objects.get()


def supersede(desk) -> dict:
    """A newer list of the same department, without the household."""
    desk.feed("medical_settlement")
    assert list(Feed.objects.order_by("pk").values_list("state", flat=True)) == ["superseded", "matched"]
    return desk.sweep()


@pytest.fixture
def answered(round_2020q1, office, village_cadre, swept, desk):
    """Compared and answered by the village; then the department's newer list has it no more."""
    comparison.compare_round(round_2020q1, by=office)
    task = Verification.objects.get()
    answering.answer_task(task, {LEAD: ("cannot_bear", "")}, by=village_cadre, words="看过了")
    result = supersede(desk)
    assert result["flagged"] == 1
    return task


def todo(client, user) -> str:
    client.force_login(user)
    return pages.words(client.get("/"))


def test_untouched_lead_of_a_superseded_list_is_withdrawn(desk, swept, client, office):
    assert supersede(desk)["withdrawn"] == 1
    swept.refresh_from_db()
    assert (swept.withdrawn_at is None, swept.flagged_at) == (False, None)
    assert LeadReason.objects.get().closed_at
    assert "依据已消失" not in todo(client, office)


def test_untouched_candidate_goes_with_its_list(desk, swept, round_2020q1, office):
    comparison.compare_round(round_2020q1, by=office)
    supersede(desk)
    assert Candidate.objects.get().state == "withdrawn"


def test_office_is_told_of_what_was_acted_on(client, office, answered):
    shown = todo(client, office)
    assert "依据已消失，已有人办理：1 户，请看" in shown
    address = reverse("screening:lead-list") + f"?round={answered.round.uuid}&gone=on"
    assert address.replace("&", "&amp;") in shown
    response = client.get(address)
    assert response.context["page"].count == 1
    assert "合规自付合计 23,000.00 元" in pages.words(response)


@pytest.mark.parametrize(
    "name", ["candidate", "verification", "household", "candidates", "board", "verifications"]
)
def test_every_page_of_the_household_tells_what_is_gone_and_what_it_was(client, office, answered, name):
    round, candidate = answered.round, answered.candidate
    address = {
        "candidate": reverse("screening:candidate-detail", args=[candidate.uuid]),
        "verification": reverse("screening:verification-detail", args=[answered.uuid]),
        "household": reverse("households:household-detail", args=[answered.household.uuid]),
        "candidates": reverse("screening:candidate-list", args=[round.uuid]),
        "board": reverse("screening:candidate-board", args=[round.uuid]),
        "verifications": reverse("screening:verification-list"),
    }[name]
    client.force_login(office)
    shown = pages.words(client.get(address))
    assert "依据已消失" in shown
    assert "23,000.00" in shown


def test_line_goes_once_the_household_is_decided(client, office, township_officer, answered):
    confirming.dismiss_tasks(
        Verification.objects.filter(pk=answered.pk), by=township_officer, reason="名单已改正"
    )
    assert Candidate.objects.get().state == "dismissed"
    assert "依据已消失，已有人办理" not in todo(client, office)


def test_line_goes_once_the_list_says_it_again(client, desk, office, answered, member):
    desk.feed("medical_settlement", settlement(member, "23000.00"))
    assert desk.sweep()["reopened"] == 1
    assert "依据已消失，已有人办理" not in todo(client, office)


def test_listed_household_is_flagged_too(
    client, desk, round_2020q1, office, township_officer, village_cadre, swept
):
    comparison.compare_round(round_2020q1, by=office)
    task = Verification.objects.get()
    answering.answer_task(task, {LEAD: ("cannot_bear", "")}, by=village_cadre, words="看过了")
    confirming.settle_tasks(Verification.objects.filter(pk=task.pk), by=township_officer)
    proposal.put_on_list(Candidate.objects.all(), by=office)
    supersede(desk)
    assert "依据已消失，已有人办理：1 户" in todo(client, office)


def test_list_of_another_department_keeps_the_lead(desk, swept, round_2020q1, office):
    """Only the list of the same department is replaced."""
    other = Feed.objects.get()
    Feed.objects.filter(pk=other.pk).update(
        department=factories.user("c", "department", factories.COUNTY, "civil").acting.department
    )
    desk.feed("medical_settlement")
    assert desk.sweep()["withdrawn"] == 0
    assert receiving.Feed.objects.filter(state="matched").count() == 2
