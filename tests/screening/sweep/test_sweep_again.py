"""A sweep done again: what is gone is closed, what somebody acted on is flagged, what comes back stands
again."""

import pytest
from django.utils import timezone

from households.models import Case, Household
from screening.models import Lead, LeadReason, Round
from tests import factories
from tests.books import dangerous_home, dropout, family, head, settlement
from tests.running import COUNTY, QUARTER, run


@pytest.fixture(autouse=True)
def _round(round_2020q1):
    pass


@pytest.fixture
def home(db) -> Household:
    return factories.household(status="lifted", number="H")


@pytest.fixture
def swept(desk, home) -> Lead:
    """One lead, of a dangerous home."""
    desk.feed("unsafe_housing", dangerous_home(home.members.get()))
    desk.sweep()
    return Lead.objects.get()


def take_back(desk, home) -> dict:
    """The department's newer list says that the house was repaired."""
    desk.feed("unsafe_housing", dangerous_home(home.members.get(), 改造情况="已改造"))
    return desk.sweep()


def give_back(desk, home) -> dict:
    desk.feed("unsafe_housing", dangerous_home(home.members.get(), 鉴定等级="C"))
    return desk.sweep()


def everything() -> list[tuple]:
    leads = Lead.objects.order_by("id").values_list()
    reasons = LeadReason.objects.order_by("id").values_list(
        "id", "lead", "rule", "value", "found_at", "closed_at"
    )
    return [*leads, *reasons]


def test_sweep_again_changes_nothing(desk, swept):
    before = everything()
    result = desk.sweep()
    assert everything() == before
    assert (result["leads"], result["withdrawn"], result["reopened"], result["reasons_closed"]) == (
        1,
        0,
        0,
        0,
    )


def test_sweep_result_tells_the_counts(desk, swept, home):
    child = factories.household(status="lifted").members.get()
    desk.feed("medical_settlement", settlement(home.members.get()), settlement(child))
    result = desk.sweep()
    assert (result["leads"], result["households"]) == (3, 2)
    assert (result["county"], result["quarter"]) == (COUNTY, QUARTER)


def test_sweep_withdraws_what_is_gone(desk, swept, home):
    result = take_back(desk, home)
    swept.refresh_from_db()
    assert swept.withdrawn_at
    assert LeadReason.objects.get().closed_at
    assert (result["reasons_closed"], result["withdrawn"], result["leads"]) == (1, 1, 0)
    assert desk.leads() == []


def test_sweep_flags_what_somebody_acted_on(desk, swept, home):
    Lead.objects.update(acted_at=timezone.now())
    result = take_back(desk, home)
    swept.refresh_from_db()
    assert swept.withdrawn_at is None
    assert swept.flagged_at
    assert (result["flagged"], result["leads"]) == (1, 1)
    (lead,) = desk.leads()
    assert "依据已消失" in lead["explanation"]


@pytest.mark.parametrize("acted", [False, True])
def test_sweep_reopens_what_came_back(desk, swept, home, acted):
    if acted:
        Lead.objects.update(acted_at=timezone.now())
    take_back(desk, home)
    result = give_back(desk, home)
    lead = Lead.objects.get()
    assert lead.pk == swept.pk
    assert (lead.withdrawn_at, lead.flagged_at) == (None, None)
    assert LeadReason.objects.get().closed_at is None
    assert (result["reopened"], result["leads"]) == (1, 1)
    (lead,) = desk.leads()
    assert "C 级" in lead["explanation"]


def test_sweep_keeps_a_lead_while_one_of_its_members_supports_it(desk, home):
    one = home.members.get()
    two = factories.member(home, one.birth_date, name="韦二")
    desk.feed("medical_settlement", settlement(one), settlement(two))
    desk.sweep()
    desk.feed("medical_settlement", settlement(two))
    desk.sweep()
    assert LeadReason.objects.get().value == 2_000_000
    assert len(desk.leads()) == 1


def test_sweep_closes_one_subcriterion_and_leaves_the_other(desk, swept, home):
    desk.feed("medical_settlement", settlement(home.members.get()))
    desk.sweep()
    take_back(desk, home)
    assert [lead["subcriterion"] for lead in desk.leads()] == ["medical.out_of_pocket"]


def test_sweep_follows_the_status(desk, swept, home):
    member = home.members.get()
    row = head(姓名=member.name, 证件号码=member.id_number)
    desk.registry(family("H", row, status="建档立卡未脱贫户"))
    desk.sweep()
    assert desk.leads() == []
    desk.registry(family("H", row))
    desk.sweep()
    assert [lead["category"] for lead in desk.leads()] == ["marginal"]


def test_sweep_follows_the_income(desk, swept, home):
    factories.income(home, "5000.01", 2019)
    desk.sweep()
    assert [lead["above_line"] for lead in desk.leads()] == [True]


def test_sweep_follows_the_case(desk, swept, home):
    Case.objects.create(
        household=home, category="monitored", origin="meeting", identified_on=timezone.localdate()
    )
    desk.sweep()
    assert [lead["in_case"] for lead in desk.leads()] == [True]


def test_sweep_leaves_other_leads_alone(desk, swept, home, county, office):
    """Those from the field, and those of another round."""
    from screening.quarters import Quarter
    from screening.rounds.opening import open_round

    open_round(county, Quarter(2020, 2), by=office)
    desk.feed("unsafe_housing", dangerous_home(home.members.get()), quarter="2020Q2")
    desk.sweep("2020Q2")
    offline = Lead.objects.get(pk=swept.pk)
    offline.pk, offline.uuid, offline.source = None, "0" * 32, "offline"
    offline.save()
    take_back(desk, home)
    assert [lead["source"] for lead in desk.leads()] == ["offline"]
    assert len(desk.leads("2020Q2")) == 1


def test_leads_by_source(desk, swept):
    offline = Lead.objects.get(pk=swept.pk)
    offline.pk, offline.uuid, offline.source = None, "0" * 32, "offline"
    offline.save()
    assert [lead["source"] for lead in desk.leads(QUARTER, "--source", "online")] == ["online"]
    assert [lead["source"] for lead in desk.leads(QUARTER, "--source", "offline")] == ["offline"]
    assert len(desk.leads()) == 2


def test_lead_stands_under_the_policy_of_its_round(desk, home):
    desk.feed("medical_settlement", settlement(home.members.get(), "23650.00"))
    desk.sweep()
    reason = LeadReason.objects.get()
    assert (reason.value, reason.threshold, str(reason.threshold_since)) == (
        2_365_000,
        2_000_000,
        "2020-01-19",
    )
    assert reason.article == "Art. 7(1)2"


def test_sweep_two_children_are_one_lead(desk):
    import datetime

    births = [datetime.date(1980, 1, 1), datetime.date(2009, 1, 1), datetime.date(2010, 1, 1)]
    home = factories.household(births=births)
    desk.feed("school_dropout", *map(dropout, home.members.all()[1:]))
    desk.sweep()
    (lead,) = desk.leads()
    assert "等 2 行" in lead["explanation"]


def test_sweep_sets_the_lamp_and_takes_it_back(desk, swept, home):
    home.refresh_from_db()
    assert home.lamp == "red"
    take_back(desk, home)
    home.refresh_from_db()
    assert (home.lamp, home.lamp_since) == ("none", None)


@pytest.mark.parametrize(
    ("state", "code"), [("open", 0), ("compared", 0), ("submitted", 1), ("determined", 1)]
)
def test_sweep_while_the_round_takes_one(desk, swept, state, code):
    Round.objects.update(state=state)
    ran = run("sweep", "--county", COUNTY, "--quarter", QUARTER, "--as", "office", "--json")
    assert (ran.code, bool(ran.out)) == (code, code == 0)


@pytest.mark.parametrize("role", ["director", "township_officer", "insurance_officer", "administrator"])
def test_sweep_by_the_office_only(request, swept, role):
    username = request.getfixturevalue(role).username
    assert run("sweep", "--county", COUNTY, "--quarter", QUARTER, "--as", username).code == 1
