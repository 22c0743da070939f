"""The sweep over random small counties, against the plain reading of the same rules."""

import csv
import datetime
import io

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from households.models import Case, Hamlet, Household, Member
from screening import criteria
from screening.feeds import receiving
from screening.models import FeedRow, Lead, Round
from screening.sweep.jobs import sweep_now
from tests import books, factories
from tests.screening.criteria import plain_facts, plain_reading
from tests.screening.criteria.plain_facts import Home, Row
from tests.screening.criteria.small_counties import (
    DEPARTMENTS,
    HAMLETS,
    LABOUR,
    PLACES,
    ROWS,
    STATUS,
    STUDENT,
    stories,
    yuan,
)

CODES = [factories.VILLAGE, factories.OTHER_TOWNSHIP_VILLAGE]


def test_every_rule_is_covered_by_the_property():
    assert set(criteria.rules()) == set(plain_reading.RULES)
    assert set(criteria.feed_kinds()) == set(ROWS) == set(plain_facts.NUMBER_OF)


def test_every_rule_says_why_it_leaves_a_household_out():
    silent = {code for code, rule in criteria.rules().items() if rule.why_not is None}
    assert silent == set()


def put(homes: list[Home]) -> None:
    """Into the registry, as an import would leave it."""
    hamlets = {
        (village, name): Hamlet.objects.get_or_create(
            village_id=CODES[[place[1] for place in PLACES].index(village)], name=name
        )[0]
        for village, name in HAMLETS
    }
    for home in homes:
        made = factories.household(
            number=home.number,
            village=CODES[PLACES.index((home.township, home.village))],
            status=STATUS[home.status],
            members=0,
            births=[home.persons[0].birth_date],
            names=[home.persons[0].name],
            hamlet=hamlets.get((home.village, home.hamlet)),
        )
        made.members.all().delete()
        for position, person in enumerate(home.persons):
            factories.member(
                made,
                person.birth_date,
                name=person.name,
                number=person.number,
                relation="head" if position == 0 else "other",
                removed_on=person.left_on,
                student=STUDENT[person.student],
                labour=LABOUR[person.labour],
                work_months=person.months,
            )
        Household.objects.filter(pk=made.pk).update(size=len(home.members))
        for year, net in home.incomes.items():
            factories.income(made, yuan(net), year)
        if home.case:
            opened = Case.objects.create(
                household=made,
                category="monitored",
                origin="look_back",
                identified_on=datetime.date(2019, 12, 1),
            )
            factories.stands(Case.objects.filter(pk=opened.pk), home.case)


def deliver(round: Round, kind: str, rows: list[Row], by, department: str) -> int:
    stream = io.StringIO()
    table = csv.DictWriter(stream, books.FEEDS[kind])
    table.writeheader()
    table.writerows(rows)
    content = stream.getvalue().encode("gb18030")
    outcome = receiving.deliver_feed(
        round,
        criteria.feed_kinds()[kind],
        file_name="名单.csv",
        content=content,
        by=by,
        department=department,
    )
    assert outcome.read == len(rows)
    return outcome.good


def written_leads(round: Round) -> set[plain_reading.ExpectedLead]:
    return set(
        Lead.objects.current()
        .filter(round=round, reasons__closed_at=None)
        .values_list(
            "household__number",
            "subcriterion",
            "reasons__rule",
            "category",
            "above_line",
            "in_case",
            "reasons__value",
        )
    )


def reasons_why_not(round: Round) -> None:
    """A rule has words for exactly those households that it does not find."""
    policy = round.parameters
    homes = list(Household.objects.all())
    for rule in criteria.rules().values():
        if rule.why_not is None:
            continue
        finds = {line[0] for line in rule.find(round, policy)}
        live = FeedRow.objects.live(round, rule.kind.code)
        for home in homes:
            rows = rule.rows_of(home, live) if rule.rows_of else live.filter(household=home)
            words = rule.why_not(home, list(rows.select_related("member")), round, policy)
            assert (words == "") == (home.pk in finds), (rule.code, home.number, words)


@settings(
    derandomize=True,
    max_examples=28,
    deadline=None,
    phases=[Phase.generate],  # a story is too large to be shrunk in the time of a test run
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(story=stories(tuple(ROWS)))
def test_sweep_finds_what_a_plain_reading_finds(round_2020q1, office, story):
    homes, rules = story.homes, story.rules
    accepted: dict[tuple[str, int], tuple[list[Row], int]] = {}  # the accepted files
    with transaction.atomic():
        put(homes)
        round_2020q1.policy["income.gate"]["value"] = rules.gate
        round_2020q1.policy["medical.threshold"]["value"] = rules.medical
        round_2020q1.save(update_fields=["policy"])
        for files in story.generations:
            for kind, of_kind in files.items():
                for place, department in enumerate(DEPARTMENTS.get(kind, ("",))):
                    good = deliver(round_2020q1, kind, of_kind[place], office, department)
                    assert good == plain_facts.matched_rows(kind, of_kind[place], homes, HAMLETS), kind
                    earlier, matched = accepted.get((kind, place), ([], 0))
                    if of_kind[place] and not good and matched:
                        # A file of which nothing is matched takes the place of none that had rows.
                        of_kind[place], good = earlier, matched
                    accepted[kind, place] = of_kind[place], good
            sweep_now(round_2020q1, by=office)
            assert written_leads(round_2020q1) == plain_reading.leads(homes, files, rules)
            reasons_why_not(round_2020q1)
        transaction.set_rollback(True)
    assert not Member.objects.exists()
