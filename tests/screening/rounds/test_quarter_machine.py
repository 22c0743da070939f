"""Whatever order people act in: nothing stands on the list that is neither consistent nor confirmed, nobody
signs what he prepared or verified, a household has one open case, and each case is traceable to a signed
meeting."""

import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.refusals import Refused
from households.models import Case
from screening.comparison import answering, confirming, proposal, submission
from screening.comparison import compare as comparison
from screening.lamps import colours as lamps
from screening.meetings import agenda, decisions, members, planning, signing
from screening.models import (
    Answer,
    Candidate,
    CandidateState,
    Lead,
    Meeting,
    Round,
    Verification,
    VerificationState,
)
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import factories
from tests.screening.rounds import quarter

reached: set[str] = set()  # a machine that never opens a case proves nothing
HOMES = 4
# Mostly the person whose step it is, sometimes anybody.
WHO = st.sampled_from(
    [None, None, None, None, "office", "director", "leader", "secretary", "village", "township"]
)


def decided(meeting: Meeting, decision: str, *, by) -> None:
    reason = "" if decision == "approved" else "材料不足"
    decisions.decide_items(meeting.items.all(), decision, by=by, reason=reason)
    decisions.hold_meeting(meeting, by=by)


class Quarterly(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        places = {
            "village": (Role.VILLAGE_CADRE, factories.VILLAGE),
            "township": (Role.TOWNSHIP, factories.TOWNSHIP),
        }
        roles = {
            "office": Role.OFFICE,
            "director": Role.DIRECTOR,
            "leader": Role.LEADING_GROUP,
            "secretary": Role.SECRETARY,
        }
        self.people = {
            name: factories.user(name, role, place)
            for name, (role, place) in {
                **places,
                **{n: (r, factories.COUNTY) for n, r in roles.items()},
            }.items()
        }
        county = Division.objects.get(code=factories.COUNTY)
        self.round = open_round(county, Quarter(2020, 1), by=self.people["office"])
        self.homes = [factories.household(status=s) for s in ("ordinary", "lifted", "ordinary", "lifted")]
        for home in self.homes:
            factories.income(home, "4000", year=2019)

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def person(self, who, usual):
        return self.people[who or usual]

    def attempt(self, work):
        """A refusal is an answer; anything half done is not."""
        try:
            with transaction.atomic():
                work()
        except Refused:
            pass

    @initialize()
    def what_is_known(self):
        """One in both lists, one in each: a round without a lead ends before anybody has acted."""
        for home, source in ((0, "online"), (0, "offline"), (1, "online"), (2, "offline")):
            self.lead(home, source, quarter.MEDICAL)

    @rule(
        home=st.integers(0, HOMES - 1),
        source=st.sampled_from(["online", "offline"]),
        code=st.sampled_from([quarter.MEDICAL, quarter.HOUSING]),
    )
    def lead(self, home, source, code):
        if not Round.objects.get(pk=self.round.pk).is_sweepable:
            return
        home = self.homes[home]
        if Lead.objects.filter(household=home, source=source, subcriterion=code).exists():
            return
        if source == "online":
            quarter.online(self.round, home, code)
        else:
            quarter.offline(self.round, home, code, by=self.people["village"])
        comparison.join_new_leads(self.round)
        lamps.recompute_lamps(factories.COUNTY)  # as the sweep and the intake do

    @rule(who=WHO)
    def compare(self, who):
        self.attempt(lambda: comparison.compare_round(self.round, by=self.person(who, "office")))

    @rule(who=WHO, home=st.integers(0, HOMES - 1), given=st.sampled_from(Answer.values))
    def answer(self, who, home, given):
        task = Verification.objects.filter(household=self.homes[home]).first()
        if task is not None:
            answers = dict.fromkeys(answering.situations(task), (given, "看过"))
            self.attempt(
                lambda: answering.answer_task(task, answers, by=self.person(who, "village"), words="看过")
            )

    @rule(who=WHO)
    def settle(self, who):
        tasks = Verification.objects.filter(state=VerificationState.ANSWERED)
        self.attempt(lambda: confirming.settle_tasks(tasks, by=self.person(who, "township")))

    @rule(who=WHO, home=st.integers(0, HOMES - 1))
    def dismiss(self, who, home):
        tasks = Verification.objects.filter(household=self.homes[home])
        by = self.person(who, "township")
        self.attempt(lambda: confirming.dismiss_tasks(tasks, by=by, reason="不符合"))

    @rule(who=WHO, home=st.integers(0, HOMES - 1))
    def ask_again(self, who, home):
        tasks = Verification.objects.filter(household=self.homes[home])
        self.attempt(lambda: confirming.ask_again(tasks, by=self.person(who, "township"), reason="再看看"))

    @rule(who=WHO, home=st.integers(0, HOMES - 1))
    def carry(self, who, home):
        chosen = Candidate.objects.filter(household=self.homes[home])
        self.attempt(lambda: proposal.carry_over(chosen, by=self.person(who, "office"), reason="外出"))

    @rule(who=WHO, everyone=st.booleans(), home=st.integers(0, HOMES - 1))
    def put_on_list(self, who, everyone, home):
        chosen = Candidate.objects.filter(round=self.round)
        chosen = chosen.eligible() if everyone else chosen.filter(household=self.homes[home])
        self.attempt(lambda: proposal.put_on_list(chosen, by=self.person(who, "office")))

    @rule(who=WHO)
    def submit(self, who):
        self.attempt(lambda: submission.submit_round(self.round, by=self.person(who, "director")))

    @rule(who=WHO)
    def plan(self, who):
        def work():
            when = datetime.datetime(2020, 3, 30, 9, tzinfo=datetime.UTC)
            meeting = planning.plan_meeting(
                self.round,
                by=self.person(who, "office"),
                planned_for=when,
                place="会议室",
                chair="蓝志远",
                document="都扶领发〔2020〕5号",
            )
            members.set_members(meeting, [members.Person("蓝志远", "县政府")], by=self.person(who, "office"))
            agenda.fill_agenda(meeting, by=self.person(who, "office"))

        self.attempt(work)

    @rule(who=WHO, decision=st.sampled_from(["approved", "declined", "deferred"]))
    def decide_and_hold(self, who, decision):
        for meeting in Meeting.objects.filter(state="planned"):
            self.attempt(lambda meeting=meeting: decided(meeting, decision, by=self.person(who, "office")))

    @rule(who=WHO)
    def sign(self, who):
        for meeting in Meeting.objects.filter(state="held"):
            self.attempt(lambda meeting=meeting: signing.sign_meeting(meeting, by=self.person(who, "leader")))

    @rule(decision=st.sampled_from(["approved", "approved", "declined", "deferred"]), steps=st.integers(1, 4))
    def go_on(self, decision, steps):
        """The next steps, by the people whose steps they are, so that the end is reached often enough."""
        for _ in range(steps):
            self.one_step(decision)

    def one_step(self, decision):
        state = Round.objects.get(pk=self.round.pk).state
        if state == "open":
            self.compare(None)
        elif state == "compared":
            for home in range(HOMES):
                self.answer(None, home, Answer.CANNOT_BEAR)
            self.settle(None)
            self.put_on_list(None, True, 0)
            self.submit(None)
        elif not Meeting.objects.filter(state__in=["planned", "held"]).exists():
            self.plan(None)
        else:
            self.decide_and_hold(None, decision)
            self.sign(None)

    @invariant()
    def listed_only_if_consistent_or_confirmed(self):
        never = [
            CandidateState.TO_VERIFY,
            CandidateState.DISMISSED,
            CandidateState.CARRIED,
            CandidateState.WITHDRAWN,
        ]
        assert not Candidate.objects.filter(state__in=never).exclude(listed_at=None).exists()
        for candidate in Candidate.objects.exclude(listed_at=None):
            sources = {
                (lead.source, lead.subcriterion.split(".")[0])
                for lead in Lead.objects.filter(household=candidate.household_id)
            }
            both = {c for s, c in sources if s == "online"} & {c for s, c in sources if s == "offline"}
            assert both or candidate.confirmed_by_id, "on the list, neither consistent nor confirmed"

    @invariant()
    def lamps_say_what_leads_and_cases_say(self):
        assert lamps.recompute_lamps(factories.COUNTY) == 0, "an act left a lamp behind"

    @invariant()
    def nobody_signs_what_he_prepared_or_verified(self):
        for meeting in Meeting.objects.exclude(signed_by=None):
            assert meeting.signed_by_id != meeting.prepared_by_id
            candidates = Candidate.objects.filter(agenda_items__meeting=meeting)
            assert meeting.signed_by_id not in candidates.values_list("confirmed_by", flat=True)
            assert not Verification.objects.filter(
                candidate__in=candidates, answered_by=meeting.signed_by
            ).exists()

    @invariant()
    def one_open_case_and_each_traceable(self):
        cases = list(Case.objects.all())
        reached.add("case" if cases else "no case")
        assert len({case.household_id for case in cases if case.state in Case.OPEN}) == sum(
            case.state in Case.OPEN for case in cases
        )
        for case in cases:
            assert case.agenda_item.meeting.state == "signed"
            assert case.agenda_item.candidate.household_id == case.household_id
            assert case.category == case.household.category


@pytest.mark.django_db
def test_whatever_the_order():
    run_state_machine_as_test(
        Quarterly,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert "case" in reached
