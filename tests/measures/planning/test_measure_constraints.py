"""What the database itself refuses of measures and caps, by the name of the constraint; and each transition ×
state × role."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from fangpin.common.transitions import TransitionRefused, move
from households.models import Case
from households.upkeep import families
from measures import caps
from measures.models import CapUse, Measure, MeasureState, MeasureType, Project
from measures.planning import plan
from tests import factories
from tests.measures import makers
from tests.measures.makers import DAY, officer, wanted
from tests.screening.rounds.tables import everybody

pytestmark = pytest.mark.django_db
YUAN = 100
BEFORE = DAY - datetime.timedelta(days=1)


def award(home=None, amount: int = 1000 * YUAN, **fields) -> Measure:
    home = home or factories.household(status="lifted")
    return plan.plan_measure(
        wanted(home, "industry_award", amount, **fields), by=officer("agriculture"), on=DAY
    )


def refused(name: str):
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("measure_amount_not_negative", {"amount": -1}),
        ("measure_ends_after_beginning", {"planned_to": BEFORE}),
        ("measure_within_ceiling", {"ceiling": 1000 * YUAN - 1}),
        ("measure_special_relief_after_universal", {"code": "special_relief"}),
        (
            "measure_special_relief_after_universal",
            {"code": "special_relief", "kind": "marginal", "route": "R1", "ceiling": 1000 * YUAN},
        ),
        ("measure_raise_for_monitored", {"code": "subsistence_raise"}),
        ("measure_poverty_funds_not_for_marginal", {"kind": "marginal"}),
        ("measure_marginal_funds_for_marginal", {"route": "R1"}),
        ("measure_delivered_after_start", {"delivered_on": DAY}),
        ("measure_dates_as_its_state", {"state": "filed"}),
        ("measure_dates_as_its_state", {"state": "started"}),
        ("measure_dates_as_its_state", {"state": "delivered"}),
        ("measure_dates_as_its_state", {"state": "cancelled"}),
    ],
)
def test_measure(name, changes):
    made = award()
    with refused(name), transaction.atomic():
        Measure.objects.filter(pk=made.pk).update(**changes)


@pytest.mark.parametrize("filed_on", [None, DAY])
def test_measure_started_after_filing(filed_on, office):
    """Not without a filing, and not the day before it (Art. 8)."""
    made = award()
    begun = {
        "state": "started",
        "started_on": BEFORE,
        "filed_on": filed_on,
        "filed_by": office if filed_on else None,
    }
    with refused("measure_started_after_filing"), transaction.atomic():
        Measure.objects.filter(pk=made.pk).update(**begun)


def test_measure_filing_number_once(office):
    numbered = {"filing_number": "451228-2026-00001"}
    first, second = award(), award()
    Measure.objects.filter(pk=first.pk).update(**numbered)
    with refused("measure_filing_number_once|filing_number"), transaction.atomic():
        Measure.objects.filter(pk=second.pk).update(**numbered)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cap_use_within_limit", {"used": 5000 * YUAN + 1}),
        ("cap_use_not_negative", {"used": -1}),
        ("cap_use_within_limit", {"limit": 1}),
    ],
)
def test_cap_use(name, changes):
    award()
    CapUse.objects.update(used=5000 * YUAN)  # the limit itself is within it
    with refused(name), transaction.atomic():
        CapUse.objects.update(**changes)


def test_cap_use_once_a_period():
    use = award().cap_use
    with refused("cap_use_once_a_period|household_id"), transaction.atomic():
        CapUse.objects.create(household=use.household, cap=use.cap, period=use.period, limit=1)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("measure_type_cap_positive", {"cap": 0}),
        ("measure_type_ends_after_beginning", {"ends_on": datetime.date(2025, 12, 31)}),
    ],
)
def test_measure_type(name, changes):
    with refused(name), transaction.atomic():
        makers.standard("medical_aid", **changes)


def test_measure_type_once_a_day():
    makers.standard("medical_aid", cap=1)
    with refused("measure_type_once_a_day|holds_from"), transaction.atomic():
        makers.standard("medical_aid", cap=2)


def test_project_cost_not_negative(office):
    by = officer("water")
    works = MeasureType.objects.get(code="water_repair")
    with refused("project_cost_not_negative"), transaction.atomic():
        Project.objects.create(
            department=by.acting.department,
            village_id=factories.VILLAGE,
            type=works,
            name="水池",
            cost=-1,
            by=by,
        )


# ---- Caps ----
NAMES = {"industry_award": "产业奖补"}


def need(home, amount: int, limit: int = 5000 * YUAN) -> caps.Need:
    return caps.Need(caps.Key(home.pk, "industry_award", "2026"), amount, limit)


def test_cap_says_which_how_much_is_left_and_who_used_it():
    home = factories.household(status="lifted")
    award(home, 4000 * YUAN)
    with pytest.raises(caps.CapExceeded) as refusal:
        caps.reserve_amounts([need(home, 1000 * YUAN + 1)], NAMES)
    for words in (
        str(home),
        "产业奖补上限 5,000.00 元",
        "还可用 1,000.00 元",
        "农业农村局 4,000.00 元（待备案）",
    ):
        assert words in refusal.value.message
    assert CapUse.objects.get().used == 4000 * YUAN


def test_limit_follows_the_policy_and_is_never_below_what_is_used():
    home = factories.household(status="lifted")
    award(home, 4000 * YUAN)
    with pytest.raises(caps.CapExceeded):
        caps.reserve_amounts([need(home, 1, limit=3000 * YUAN)], NAMES)
    assert CapUse.objects.get().limit == 5000 * YUAN
    caps.reserve_amounts([need(home, 2000 * YUAN, limit=6000 * YUAN)], NAMES)
    assert CapUse.objects.values_list("used", "limit").get() == (6000 * YUAN, 6000 * YUAN)


def test_many_are_counted_or_none():
    homes = [factories.household(status="lifted") for _ in range(3)]
    with pytest.raises(caps.CapExceeded):
        caps.reserve_amounts([*(need(home, 5000 * YUAN) for home in homes), need(homes[0], 1)], NAMES)
    assert not CapUse.objects.exists()


@pytest.mark.parametrize("number", [2, 40])
def test_counting_and_giving_back_are_set_based(number, django_assert_num_queries):
    homes = [factories.household(status="lifted") for _ in range(number)]
    with django_assert_num_queries(3):  # savepoint, upsert, release
        use_ids = caps.reserve_amounts([need(home, 5000 * YUAN) for home in homes], NAMES)
    with django_assert_num_queries(2):  # held in order, given back
        caps.give_back_amounts([(pk, 2000 * YUAN) for pk in use_ids.values()])
    assert set(CapUse.objects.values_list("used", flat=True)) == {3000 * YUAN}


# ---- Two households become one ----
def merged(office):
    """What two lifted households had goes on in one."""
    source, target = (factories.household(status="lifted") for _ in range(2))
    award(source, 4000 * YUAN), award(target, 3000 * YUAN)
    award(source, 500 * YUAN, year=2025)
    head = source.members.get()
    families.merge(source, target, relations={head.pk: "sibling"}, on=DAY, reason="户口本已变更", by=office)
    return source, target


def test_measures_and_caps_follow_the_merged_household(office):
    source, target = merged(office)
    assert (
        not Measure.objects.filter(household=source).exists()
        and not CapUse.objects.filter(household=source).exists()
    )
    rows = CapUse.objects.filter(household=target).order_by("period")
    assert list(rows.values_list("period", "used")) == [("2025", 500 * YUAN), ("2026", 7000 * YUAN)]


def test_merged_household_above_the_cap_gets_no_more_and_gives_back(office):
    _, target = merged(office)
    with pytest.raises(Refused, match=r"还可用 0\.00 元"):
        award(target, 1)
    use = CapUse.objects.get(household=target, period="2026")
    caps.give_back_amounts([(use.pk, 3000 * YUAN)])
    with pytest.raises(Refused, match=r"还可用 1,000\.00 元"):
        award(target, 1000 * YUAN + 1)
    award(target, 1000 * YUAN)


# ---- Transition × state × role ----
DEPARTMENT, OFFICE = {Role.DEPARTMENT}, {Role.OFFICE}
MEASURE = {
    "file": ({"planned": "filed", "sent_back": "filed"}, OFFICE),
    "send_back": ({"planned": "sent_back"}, OFFICE),
    "hand_in_again": ({"sent_back": "planned"}, DEPARTMENT),
    "begin": ({"filed": "started"}, DEPARTMENT | {None}),
    "deliver": ({"started": "delivered"}, DEPARTMENT | {None}),
    "undeliver": ({"delivered": "started"}, {None}),
    "cancel": (dict.fromkeys(["planned", "sent_back", "filed", "started"], "cancelled"), DEPARTMENT),
}
STAMPS = {
    "file": {"filed_on": DAY},
    "begin": {"started_on": DAY},
    "deliver": {"delivered_on": DAY},
    "cancel": {"cancel_words": "x"},
    "undeliver": {"delivered_on": None, "delivered": None},
}


def dates_of(state: str, by) -> dict:
    """What a measure of a state has to hold."""
    filed = {"filed_on": DAY, "filed_by": by} if state in ("filed", "started", "delivered") else {}
    begun = {"started_on": DAY} if state in ("started", "delivered") else {}
    nothing = {
        "filed_on": None,
        "filed_by": None,
        "started_on": None,
        "delivered_on": None,
        "cancel_words": "",
    }
    return (
        nothing
        | filed
        | begun
        | (
            {"delivered_on": DAY}
            if state == "delivered"
            else {"cancel_words": "x"}
            if state == "cancelled"
            else {}
        )
    )


@pytest.mark.parametrize("name", MEASURE)
def test_measure_table(name, db):
    actors = everybody()
    made = makers.case("monitored", "medical.out_of_pocket")
    plan.plan_measure(wanted(made.household, "medical_aid", 100 * YUAN), by=officer("insurance"), on=DAY)
    targets, roles = MEASURE[name]
    rows = Measure.objects.all()
    for state in MeasureState.values:
        rows.update(state=state, **dates_of(state, actors[Role.OFFICE]))
        for role, actor in actors.items():
            expected = targets.get(state) if role in roles else None
            assert outcome(rows, name, actor) == expected, (name, state, role)


def outcome(rows, name: str, by) -> str | None:
    with transaction.atomic():
        try:
            move(rows, name, by=by, opinion="办理", stamps=STAMPS.get(name, {}))
            return rows.get().state
        except TransitionRefused:
            return None
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("role", "area", "department"),
    [
        (Role.DEPARTMENT, factories.COUNTY, "education"),
        (Role.DEPARTMENT, factories.OTHER_COUNTY, "insurance"),
        (Role.OFFICE, factories.OTHER_COUNTY, None),
    ],
)
def test_nobody_else_moves_it(role, area, department):
    made = makers.case("monitored", "medical.out_of_pocket")
    plan.plan_measure(wanted(made.household, "medical_aid", 100 * YUAN), by=officer("insurance"), on=DAY)
    stranger = factories.user("stranger", role, area, department)
    assert {outcome(Measure.objects.all(), name, stranger) for name in MEASURE} == {None}
    assert Case.objects.get().helped_since is None and connection.in_atomic_block
