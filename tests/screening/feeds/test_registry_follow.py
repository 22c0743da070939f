"""Households that become one by hand, and a round under way."""

import datetime

from households.models import Household
from households.upkeep import families, people
from screening.models import FeedRow, Lead
from screening.sweep import jobs
from tests import factories
from tests.books import accident
from tests.screening.rounds.pages import deliver, heads, ill_households, medical_list

ACT = {"on": datetime.date(2020, 3, 1), "reason": "户口本已变更"}


def test_rows_of_the_merged_make_the_lead_of_the_household_that_stays(
    round_2020q1, insurance_officer, office
):
    (source,) = ill_households(1)
    target = factories.household()
    deliver(round_2020q1, insurance_officer, medical_list(*heads([source])))
    ill = source.members.get()
    families.merge(source, target, relations={ill.pk: "sibling"}, by=office, **ACT)
    row = FeedRow.objects.get()
    assert (row.household, row.member.household) == (target, target)
    jobs.sweep_now(round_2020q1, by=office)
    assert [lead.household for lead in Lead.objects.all()] == [target]


def test_a_closed_household_gets_no_lead(round_2020q1, insurance_officer, office):
    (alone,) = ill_households(1)
    deliver(round_2020q1, insurance_officer, medical_list(*heads([alone])))
    people.let_go(alone.members.get(), kind="death", by=office, **ACT)
    assert Household.objects.get(pk=alone.pk).closed_on
    jobs.sweep_now(round_2020q1, by=office)
    assert not Lead.objects.exists()


def test_rows_follow_who_has_split_off_at_the_next_sweep(round_2020q1, insurance_officer, office):
    home = factories.household(members=2, status="lifted")
    stays, goes = home.members.order_by("pk")
    deliver(round_2020q1, insurance_officer, medical_list(goes))
    made = families.split(home, leaving=[goes.pk], head=goes.pk, relations={}, by=office, **ACT).household
    jobs.sweep_now(round_2020q1, by=office)
    assert [lead.household for lead in Lead.objects.current()] == [made]
    row = FeedRow.objects.get()
    assert (row.member.household, row.division_id) == (made, made.village_id)
    assert stays.household_id == home.pk


def test_rows_of_an_accident_stay_with_the_household_of_that_day(desk, round_2020q1, office):
    home = factories.household(members=2, status="lifted", births=[datetime.date(1980, 1, 1)] * 2)
    goes = home.members.order_by("pk").last()
    desk.feed("traffic_accident", accident(goes, on="2020-02-01"))
    families.split(home, leaving=[goes.pk], head=goes.pk, relations={}, by=office, **ACT)
    jobs.sweep_now(round_2020q1, by=office)
    assert [lead.household for lead in Lead.objects.current()] == [home]
