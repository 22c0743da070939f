"""Whatever order people act in: no measure starts before its filing, no household is released before its year
or without its three collective acts, no case ends by silence, no cap is exceeded, and what is derived agrees
with what it is derived from."""

import datetime

import pytest
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fangpin.accounts.models import Division
from fangpin.accounts.roles import Role
from fangpin.common.models import StatusRecord
from fangpin.common.refusals import Refused
from households.models import Case, Risk
from measures import effects
from measures.delivery import delivery, filing
from measures.models import CapUse, Measure, OrderLine, OrderSheet
from measures.orders import lines as order_lines
from measures.orders import risks as order_risks
from measures.orders import sheets as orders
from measures.planning import plan as planning
from measures.releases import releases
from screening.lamps import colours as lamps
from screening.meetings import decisions, members, signing
from screening.meetings import planning as meetings
from screening.meetings import releases as county_releases
from screening.models import Meeting, ReleaseItem
from screening.quarters import Quarter
from screening.rounds.opening import open_round
from tests import factories
from tests.measures import makers
from tests.measures.releases.endings import THREE, today

reached: set[str] = set()
KINDS = st.sampled_from(["monitored", "marginal"])
# Mostly whose step it is, sometimes anybody.
WHO = st.sampled_from(
    [None, None, None, "office", "director", "village", "township", "agriculture", "housing", "leader"]
)
RISKS = ("livelihood.production_loss", "housing.unsafe")
TYPES = st.sampled_from(
    [("industry_award", 300_000), ("industry_award", 250_000), ("housing_renovation", 900_000)]
)
DAYS = st.sampled_from([0, 1, -3])


class Helped(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        county = factories.COUNTY
        self.people = {
            "office": factories.user("office", Role.OFFICE, county),
            "director": factories.user("director", Role.DIRECTOR, county),
            "leader": factories.user("leader", Role.LEADING_GROUP, county),
            "village": factories.user("village", Role.VILLAGE_CADRE, factories.VILLAGE),
            "township": factories.user("township", Role.TOWNSHIP, factories.TOWNSHIP),
            "agriculture": makers.officer("agriculture"),
            "housing": makers.officer("housing"),
        }
        round = open_round(Division.objects.get(pk=county), Quarter(2020, 1), by=self.people["office"])
        type(round).objects.filter(pk=round.pk).update(state="submitted")
        self.round = round
        # A year and a half ago: the year is over, or will be when enough days have gone by.
        begun = today() - datetime.timedelta(days=330)
        self.cases = {kind: makers.case(kind, *RISKS, on=begun) for kind in ("monitored", "marginal")}

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def attempt(self, work, done: str = ""):
        """A refusal is an answer; anything half done is not."""
        try:
            with transaction.atomic():
                work()
            reached.add(done)
        except Refused:
            pass

    def by(self, who, usual):
        return self.people[who or usual]

    # ---- Orders ----
    @rule(who=WHO)
    def prepare(self, who):
        self.attempt(
            lambda: orders.prepare_sheets(
                order_risks.risks_waiting(self.people["office"]), by=self.by(who, "office")
            )
        )
        for sheet in OrderSheet.objects.filter(state="draft", number=""):
            self.attempt(
                lambda s=sheet: orders.change_sheet(
                    s, by=self.people["office"], number=f"测〔2026〕{s.pk}号", basis="", words=""
                )
            )

    @rule(who=WHO)
    def sign_orders(self, who):
        self.attempt(
            lambda: orders.issue_sheets(OrderSheet.objects.filter(state="draft"), by=self.by(who, "director"))
        )

    @rule(who=WHO, department=st.sampled_from(["agriculture", "housing"]), gives_back=st.booleans())
    def answer(self, who, department, gives_back):
        own = OrderLine.objects.filter(department__code=department, state="issued")
        by = self.by(who, department)
        if gives_back and own.count() > 1:
            self.attempt(lambda: order_lines.return_lines(own[:1], by=by, reason="solved", words="已解决"))
        self.attempt(lambda: order_lines.accept_lines(own, by=by))

    # ---- Measures ----
    @rule(who=WHO, kind=KINDS, chosen=TYPES, with_line=st.booleans())
    def plan(self, who, kind, chosen, with_line):
        code, amount = chosen
        department = makers.lead_of(code)
        line = (
            OrderLine.objects.filter(case=self.cases[kind], department__code=department).first()
            if with_line
            else None
        )
        each = makers.wanted(
            self.cases[kind].household,
            code,
            amount,
            line=line,
            warning_words="核对过",
            planned_from=today(),
            planned_to=today(),
        )
        self.attempt(lambda: planning.plan_measure(each, by=self.by(who, department)), "planned")

    @rule(who=WHO, back=st.booleans())
    def file(self, who, back):
        waiting = Measure.objects.filter(state="planned")
        by = self.by(who, "office")
        if back:
            one = waiting.order_by("pk")[:1]
            self.attempt(lambda: filing.send_back_measures(one, by=by, reason="form", words="补"))
        self.attempt(lambda: filing.file_measures(waiting, by=by), "filed")

    @rule(who=WHO, days=DAYS, department=st.sampled_from(["agriculture", "housing"]))
    def begin(self, who, days, department):
        on = today() + datetime.timedelta(days=days)
        own = Measure.objects.filter(department__code=department).exclude(
            state__in=["delivered", "cancelled"]
        )
        for measure in own:
            self.attempt(
                lambda m=measure: delivery.begin_measures(
                    Measure.objects.filter(pk=m.pk), by=self.by(who, department), on=on
                )
            )

    @rule(who=WHO, department=st.sampled_from(["agriculture", "housing"]), less=st.booleans())
    def deliver(self, who, department, less):
        for measure in Measure.objects.filter(department__code=department):
            amount = measure.amount // 2 if less else None
            self.attempt(
                lambda m=measure, a=amount: delivery.deliver_measures(
                    Measure.objects.filter(pk=m.pk),
                    by=self.by(who, department),
                    on=today(),
                    proof="凭证",
                    amount=a,
                ),
                "delivered",
            )

    @rule(who=WHO, department=st.sampled_from(["agriculture", "housing"]))
    def cancel_or_hand_in_again(self, who, department):
        by = self.by(who, department)
        own = Measure.objects.filter(department__code=department)
        self.attempt(lambda: planning.hand_in_measures_again(own.filter(state="sent_back"), by=by))
        self.attempt(lambda: delivery.cancel_measures(own.filter(state="filed")[:1], by=by, words="不要了"))

    @rule()
    def close_lines(self):
        self.attempt(
            lambda: order_lines.close_lines(OrderLine.objects.filter(state="done"), by=self.people["office"])
        )

    # ---- Risks and time ----
    @rule(kind=KINDS)
    def a_new_risk_is_registered(self, kind):
        situations = {"water.unsafe": "水池裂"}
        self.attempt(
            lambda: order_risks.register_risks(self.cases[kind], situations, by=self.people["office"])
        )

    @rule(kind=KINDS)
    def a_risk_is_proposed_and_dismissed(self, kind):
        case = self.cases[kind]
        waiting = Risk.objects.filter(case=case, state="proposed")
        if waiting.exists():
            waiting.delete()
        elif (
            Case.objects.open().filter(pk=case.pk).exclude(risks__subcriterion="other.rigid_expense").exists()
        ):
            Risk.objects.create(case=case, subcriterion="other.rigid_expense", state="proposed")

    @rule()
    def fifty_days_go_by(self):
        """Nobody does anything: what is due is due earlier."""
        gone = datetime.timedelta(days=50)
        active = Case.objects.filter(state="active")
        active.update(
            identified_on=F("identified_on") - gone,
            follow_until=F("follow_until") - gone,
            evaluation_due=F("evaluation_due") - gone,
        )
        before = dict(Case.objects.values_list("pk", "state"))
        orders.fill_dues()
        lamps.recompute_lamps(factories.COUNTY)
        assert dict(Case.objects.values_list("pk", "state")) == before

    # ---- Release ----
    @rule(who=WHO, kind=KINDS, gone=st.booleans())
    def evaluate(self, who, kind, gone):
        case = Case.objects.get(pk=self.cases[kind].pk)
        said = dict.fromkeys(case.risks.filter(state="open"), (gone, ""))
        outcome = "gone" if gone else "continues"
        self.attempt(
            lambda: releases.evaluate_case(
                case,
                by=self.by(who, "village"),
                on=today(),
                participants=THREE,
                outcome=outcome,
                risks=said,
                words="看过",
            ),
            f"evaluated {outcome}",
        )

    @rule(who=WHO, agreed=st.booleans())
    def review(self, who, agreed):
        self.attempt(
            lambda: releases.review_cases(
                Case.objects.filter(state="evaluated"),
                by=self.by(who, "township"),
                on=today(),
                way="党政班子会",
                participants=["镇长"],
                agreed=agreed,
                words="再看看",
            ),
            f"reviewed {agreed}",
        )

    @rule(who=WHO, decision=st.sampled_from(["released", "released", "continued"]))
    def meet(self, who, decision):
        def work():
            office = self.people["office"]
            meeting = meetings.plan_meeting(
                self.round,
                by=office,
                planned_for=timezone.now() - datetime.timedelta(hours=1),
                place="三楼",
                chair="蓝志远",
            )
            members.set_members(meeting, [members.Person("蓝志远", "县政府", "副县长")], by=office)
            county_releases.fill_releases(meeting, by=office)
            county_releases.decide_releases(
                ReleaseItem.objects.filter(meeting=meeting), decision, by=office, reason="再看一季"
            )
            decisions.hold_meeting(meeting, by=office)
            signing.sign_meeting(meeting, by=self.by(who, "leader"))

        self.attempt(work, f"met {decision}")
        Meeting.objects.filter(state__in=["planned", "held"]).delete()

    @rule(kind=KINDS)
    def comes_back(self, kind):
        case = Case.objects.get(pk=self.cases[kind].pk)
        if case.state == "released":
            reached.add("came back")
            self.cases[kind] = Case.objects.create(
                household=case.household,
                category=kind,
                origin="meeting",
                identified_on=today(),
                follow_until=today() + datetime.timedelta(days=365),
                evaluation_due=today() + datetime.timedelta(days=365),
            )
            Risk.objects.create(case=self.cases[kind], subcriterion=RISKS[0])

    # ---- The usual course, so that every run gets somewhere ----
    @rule()
    def ordered_as_usual(self):
        self.prepare(None)
        self.sign_orders(None)
        for department in ("agriculture", "housing"):
            self.answer(None, department, False)

    @rule(kind=KINDS, chosen=TYPES)
    def helped_as_usual(self, kind, chosen):
        self.plan(None, kind, chosen, True)
        self.file(None, False)
        for department in ("agriculture", "housing"):
            self.begin(None, 0, department)
            self.deliver(None, department, False)

    @rule(kind=KINDS)
    def evaluated_as_usual(self, kind):
        self.fifty_days_go_by()
        self.evaluate(None, kind, True)

    @rule()
    def released_as_usual(self):
        self.review(None, True)
        self.meet(None, "released")

    @rule(kind=KINDS)
    def ended_as_usual(self, kind):
        self.evaluated_as_usual(kind)
        self.released_as_usual()

    # ---- What must hold ----
    @invariant()
    def no_measure_started_before_its_filing(self):
        for measure in Measure.objects.exclude(started_on=None):
            records = StatusRecord.objects.filter(model="measures.measure", object_id=measure.pk)
            names = list(records.order_by("id").values_list("transition", flat=True))
            assert names.index("file") < names.index("begin")
            assert measure.filed_on <= measure.started_on

    @invariant()
    def no_release_before_the_year_or_without_its_three_acts(self):
        for case in Case.objects.filter(state="released"):
            reached.add("released")
            evaluation = case.evaluations.filter(outcome="gone").order_by("-pk").first()
            assert evaluation is not None and evaluation.on >= case.follow_until
            assert len(evaluation.participants) >= 3
            assert evaluation.review.is_agreed and evaluation.review.review.by_id != evaluation.by_id
            item = case.release_items.get(decision="released")
            assert item.meeting.state == "signed" and item.meeting.signed_by_id != evaluation.by_id
            assert not case.risks.filter(state__in=["open", "proposed"]).exists()

    @invariant()
    def no_case_ended_by_silence(self):
        """The system ends nothing: what it does to a case by itself keeps it going."""
        acts = StatusRecord.objects.filter(model="households.case", by=None)
        assert set(acts.values_list("to_state", flat=True)) <= {"active"}
        households = Case.objects.values("household").distinct().count()
        assert Case.objects.open().count() + Case.objects.filter(state="released").count() >= households

    @invariant()
    def caps_are_what_the_measures_count(self):
        for use in CapUse.objects.annotate(counts=Sum("measures__counted")):
            assert use.used == (use.counts or 0) <= use.limit

    @invariant()
    def lines_cases_and_lamps_follow_the_measures(self):
        helped = set(Case.objects.open().filter(effects.helped()).values_list("pk", flat=True))
        marked = set(Case.objects.open().exclude(helped_since=None).values_list("pk", flat=True))
        assert marked <= helped
        for line in OrderLine.objects.filter(
            state__in=["accepted", "planned", "filed", "in_progress", "done"]
        ):
            states = set(line.measures.not_cancelled().values_list("state", flat=True))
            assert (line.state == "accepted") == (not states)
            assert (line.state == "done") == (states == {"delivered"})


@pytest.mark.django_db
def test_whatever_the_order():
    run_state_machine_as_test(
        Helped,
        settings=settings(
            max_examples=8,
            stateful_step_count=35,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {"planned", "filed", "delivered", "evaluated gone", "reviewed True", "released"} <= reached
