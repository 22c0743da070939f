"""试算: what another policy would add and drop, without a row of any table being changed."""

import datetime

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from fangpin.accounts.roles import Role
from fangpin.common import database
from fangpin.common.database import readonly
from fangpin.policy import revisions
from fangpin.policy.services import PolicySet
from households.models import AnnualIncome, Household
from screening.models import Change, Lead, Round, Simulation, SimulationRow
from screening.simulation import requests as simulations
from screening.simulation.run import simulate
from tests import factories
from tests.books import dangerous_home, dropout, settlement
from tests.running import COUNTY, QUARTER, run

pytestmark = pytest.mark.django_db
MEDICAL, INCOME, GATE = "medical.threshold", "income.line", "income.gate"
DAY = datetime.date(2021, 1, 1)


@pytest.fixture
def region(db):
    return factories.user("region", Role.REGION, "450000000000", name="区办")


@pytest.fixture
def homes(desk, round_2020q1) -> list[Household]:
    """Own shares of 12,000 to 30,000 yuan in two townships, a dangerous home, a child out of school,
    incomes."""
    births = [datetime.date(1970, 5, 4), datetime.date(2010, 5, 4)]
    made = [
        factories.household(
            status="lifted" if n % 2 else "ordinary",
            births=births,
            village=factories.VILLAGE if n < 4 else factories.OTHER_TOWNSHIP_VILLAGE,
        )
        for n in range(7)
    ]
    heads = [home.members.get(relation="head") for home in made]
    spent = [12_000, 15_000, 20_000, 30_000, 15_000, 25_000]
    desk.feed(
        "medical_settlement", *[settlement(h, f"{own}.00") for h, own in zip(heads, spent, strict=False)]
    )
    desk.feed("unsafe_housing", dangerous_home(heads[6]), dangerous_home(heads[3]))
    desk.feed("school_dropout", dropout(made[0].members.get(relation="other")))
    for home, net in zip(made, ("9000", "11000", "12001", "20000", "9000", "12000", "4000"), strict=True):
        factories.income(home, net, year=2019)
    factories.income(made[3], "11000", year=2020)  # the latest up to the round's year counts
    factories.income(made[3], "1", year=2021)
    return made


def state() -> dict:
    """Every row of every table."""
    tables = {}
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            tables[model._meta.db_table] = sorted(map(_plain, cursor.fetchall()))
    return tables


def _plain(row: tuple) -> str:
    return repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row])


def leads(round: Round) -> dict:
    rows = Lead.objects.filter(round=round).current()
    return {
        (lead.household_id, lead.subcriterion): (lead.category, lead.above_line, lead.per_head)
        for lead in rows
    }


def kept(simulation: Simulation, change: str) -> set:
    rows = SimulationRow.objects.filter(simulation=simulation, change=change)
    return set(rows.values_list("household_id", "subcriterion"))


def done(round: Round, policy: PolicySet, by) -> Simulation:
    """A simulation with its rows, run here; pages and jobs run it in the background."""
    made = simulations.request_simulation(round, policy, "试一试", by=by)
    from fangpin.common import jobs

    jobs.execute(simulations.job_of(made).pk)
    made.refresh_from_db()
    return made


# ---- Read only ----
def test_nothing_is_changed(homes, round_2020q1, desk):
    desk.sweep()
    round_2020q1.refresh_from_db()
    before = state()
    simulate(round_2020q1, round_2020q1.parameters.with_values({MEDICAL: 1_500_000, GATE: "require"}, DAY))
    assert state() == before


def test_database_refuses_to_write_while_the_rules_run(homes):
    database.make_temporary("simulation_rows", {"household_id": "int"})
    with pytest.raises(DatabaseError), readonly.reading_only(), transaction.atomic():
        Household.objects.update(head_name="改")
    with readonly.reading_only():
        assert database.run("INSERT INTO simulation_rows (household_id) VALUES (1)") == 1
    Household.objects.update(phone="1")  # and takes it again after
    database.run("DROP TABLE simulation_rows")


def test_temporary_tables_are_gone(homes, round_2020q1):
    simulate(round_2020q1, round_2020q1.parameters)
    for name in ("simulation_rows", "simulation_lead", "simulation_change"):
        with pytest.raises(DatabaseError), transaction.atomic():
            database.rows(f"SELECT * FROM {name}")


# ---- What differs ----
def test_own_policy_adds_and_drops_nothing(homes, round_2020q1):
    outcome = simulate(round_2020q1, round_2020q1.parameters)
    assert {change for change, *_ in outcome.leads} == {""}
    assert outcome.differing == [] and outcome.before == outcome.after == 5
    assert outcome.of_leads("") == 6


OTHERS = [
    {MEDICAL: 1_500_000},
    {MEDICAL: 2_500_001},
    {GATE: "require"},
    {INCOME: 600_000, MEDICAL: 1_200_000},
    {INCOME: 400_000, GATE: "require"},
    {"education.poverty_reasons": ["别的"], "education.school_age_to": 16},
    {"screening.window_months": 1},
]


@pytest.mark.parametrize("values", OTHERS)
def test_outcome_is_what_a_round_under_that_policy_finds(homes, round_2020q1, desk, office, values):
    """Against two real sweeps: under the round's own policy, and under the other one."""
    policy = round_2020q1.parameters.with_values(values, DAY)
    made = done(round_2020q1, policy, office)
    desk.sweep()
    before = leads(round_2020q1)
    Round.objects.filter(pk=round_2020q1.pk).update(policy=policy.snapshot())
    desk.sweep()
    after = leads(round_2020q1)
    assert before != after or values in OTHERS[5:]
    assert kept(made, Change.ADDED) == set(after) - set(before)
    assert kept(made, Change.DROPPED) == set(before) - set(after)
    both = set(before) & set(after)
    assert kept(made, Change.CHANGED) == {pair for pair in both if before[pair][1] != after[pair][1]}
    rows = SimulationRow.objects.filter(simulation=made).exclude(change=Change.DROPPED)
    for row in rows:
        expected = after[row.household_id, row.subcriterion]
        assert (row.category, row.above_line, row.per_head) == expected
    households = {home for home, _ in before}, {home for home, _ in after}
    outcome = simulate(Round.objects.get(pk=round_2020q1.pk), policy)
    assert outcome.of_leads() == len(after)
    assert (made.result["present"], len(households[0])) == (0, simulations_before(made))


def simulations_before(simulation: Simulation) -> int:
    from screening.simulation.run import Outcome

    return Outcome.restore(simulation.result).before


def test_counts_by_situation_township_and_category(homes, round_2020q1):
    outcome = simulate(round_2020q1, round_2020q1.parameters.with_values({MEDICAL: 1_500_000}, DAY))
    added = {key[1:]: n for key, n in outcome.leads.items() if key[0] == Change.ADDED}
    code = "medical.out_of_pocket"
    assert added == {(code, "451228100"): 1, (code, "451228101"): 1}
    assert outcome.households[Change.ADDED, "monitored", False] == 1
    assert outcome.households[Change.ADDED, "marginal", False] == 1


def test_household_with_another_lead_is_not_counted_as_added(homes, round_2020q1):
    outcome = simulate(round_2020q1, round_2020q1.parameters.with_values({MEDICAL: 1_200_000}, DAY))
    assert outcome.of_leads(Change.ADDED) == 3
    assert outcome.of_households(Change.ADDED) == 2  # the first has a child out of school


def test_determined_round_can_be_simulated(homes, round_2020q1):
    Round.objects.update(state="determined")
    round = Round.objects.get(pk=round_2020q1.pk)
    outcome = simulate(round, round.parameters.with_values({MEDICAL: 1_500_000}, DAY))
    assert outcome.of_leads(Change.ADDED) == 2


# ---- Under which values ----
def test_draft_is_put_over_the_rounds_own(homes, round_2020q1, region):
    draft = revisions.draft({MEDICAL: 1_500_000}, holds_from=DAY, document="一", reason="试", by=region)
    policy, about = simulations.other_policy(round_2020q1, revision=draft)
    assert policy.differing(round_2020q1.parameters) == [MEDICAL]
    assert "草稿" in about


def test_draft_of_the_region_leaves_a_countys_own_value(round_2020q1, region, office, director):
    own = revisions.draft({MEDICAL: 1_800_000}, holds_from=DAY, document="县", reason="试", by=office)
    revisions.release(own, seen=revisions.digest(own), by=director)
    draft = revisions.draft({MEDICAL: 1_500_000}, holds_from=DAY, document="一", reason="试", by=region)
    policy, _ = simulations.other_policy(round_2020q1, revision=draft)
    assert policy[MEDICAL] == 2_000_000


def test_day_takes_all_that_holds_then(round_2020q1, region):
    draft = revisions.draft({MEDICAL: 1_500_000}, holds_from=DAY, document="一", reason="试", by=region)
    revisions.release(draft, seen=revisions.digest(draft), by=region)
    policy, _ = simulations.other_policy(round_2020q1, day=DAY)
    assert policy[MEDICAL] == 1_500_000


# ---- Kept ----
def test_rows_tell_why(homes, round_2020q1, office):
    made = done(round_2020q1, round_2020q1.parameters.with_values({MEDICAL: 1_500_000}, DAY), office)
    rows = SimulationRow.objects.for_user(office).select_related("simulation__round")
    sentences = [row.sentences for row in simulations.explained_rows(rows)]
    assert len(sentences) == 2
    assert all(
        "合规自付合计 15,000.00 元，达到本县标准 15,000.00 元（2021-01-01 起）" in first
        for first, *_ in sentences
    )
    assert made.done_at


def test_rows_go_after_some_days(homes, round_2020q1, office):
    made = done(round_2020q1, round_2020q1.parameters.with_values({MEDICAL: 1_500_000}, DAY), office)
    Simulation.objects.filter(pk=made.pk).update(made_at=made.made_at - datetime.timedelta(days=15))
    assert not SimulationRow.objects.for_user(office).exists()
    simulations.remove_old()
    assert not SimulationRow.objects.exists() and not Simulation.objects.exists()


def test_each_place_sees_its_own(homes, round_2020q1, office, director, region, township_officer):
    values = round_2020q1.parameters.with_values({MEDICAL: 1_500_000}, DAY)
    done(round_2020q1, values, office)
    done(round_2020q1, values, region)
    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    users = (office, director, region, township_officer, other)
    seen = [
        (Simulation.objects.for_user(user).count(), SimulationRow.objects.for_user(user).count())
        for user in users
    ]
    assert seen == [(1, 2), (1, 2), (1, 0), (0, 0), (0, 0)]


def test_other_county_is_refused(homes, round_2020q1):
    other = factories.user("other", Role.OFFICE, factories.OTHER_COUNTY)
    with pytest.raises(simulations.Refused):
        simulations.request_simulation(round_2020q1, round_2020q1.parameters, "x", by=other)


# ---- The command ----
def command(*words, by="office"):
    return run("simulate", "--county", COUNTY, "--quarter", QUARTER, "--as", by, "--json", *words)


def test_command_tells_what_differs_and_writes_nothing(homes):
    before = state()
    answer = command("--set", f"{MEDICAL}=15000.00").json
    assert state() == before
    assert answer["households"] == {"before": 5, "after": 7, "added": 2, "dropped": 0, "present": 0}
    assert answer["differing"] == [MEDICAL]
    assert [line for line in answer["leads"] if line["change"] == "added"] == [
        {
            "change": "added",
            "criterion": "medical",
            "subcriterion": "medical.out_of_pocket",
            "township": f"{township}000",
            "households": 1,
        }
        for township in ("451228100", "451228101")
    ]


def test_command_takes_a_draft_by_its_number(homes, region):
    draft = revisions.draft({MEDICAL: 1_500_000}, holds_from=DAY, document="一", reason="试", by=region)
    assert command("--draft", draft.pk, by="region").json["households"]["added"] == 2
    assert command("--draft", draft.pk).code == 1  # no draft of the region for a county


def test_command_takes_a_day(homes):
    assert command("--on", "2020-06-30").json["differing"] == []
    assert command("--on", "2019-06-30").code == 1


@pytest.mark.parametrize(
    "words", [[], ["--set", "medical.threshold=-1"], ["--set", "nothing=1"], ["--draft", "9999"]]
)
def test_command_refuses_in_words(homes, words):
    with_code = command_or_usage(words)
    assert with_code != 0
    assert AnnualIncome.objects.count() == 9


def command_or_usage(words) -> int:
    return command(*words).code
