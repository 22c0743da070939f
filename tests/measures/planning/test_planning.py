"""Planning of measures: what the text forbids is refused at the edge, all else is a warning (Art. 5, 6,
8)."""

import datetime
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fangpin.common import database
from fangpin.common.refusals import Refused
from measures import caps
from measures.delivery import delivery, filing
from measures.models import CapUse, Measure, OrderLine
from measures.planning import facts as surroundings
from measures.planning import judging, plan
from measures.planning.plan import NotPlanned
from tests import factories
from tests.measures import makers
from tests.measures.makers import DAY, officer, wanted

pytestmark = pytest.mark.django_db
YUAN = 100


def home_of(kind: str, *risks: str, **fields):
    if kind == "lifted":
        return factories.household(status="lifted", **fields)
    return makers.case(kind, *risks, **fields).household


def words_of(each, by) -> str:
    with pytest.raises(Refused) as refused:
        plan.plan_measure(each, by=by, on=DAY)
    assert not Measure.objects.filter(household=each.household).exists()
    return refused.value.message


# ---- Caps of the text: equal passes, one cent above fails ----
@pytest.mark.parametrize("kind", ["lifted", "monitored", "marginal"])
def test_industry_award_ends_at_its_cap(kind):
    by = officer("agriculture")
    risks = ("livelihood.production_loss",)
    plan.plan_measure(wanted(home_of(kind, *risks), "industry_award", 5000 * YUAN), by=by, on=DAY)
    words = words_of(wanted(home_of(kind, *risks), "industry_award", 5000 * YUAN + 1), by)
    assert "上限 5,000.00 元" in words and "第五条" in words


@pytest.mark.parametrize("kind", ["lifted", "monitored", "marginal"])
def test_micro_credit_ends_at_its_open_sum_and_months(kind):
    by = officer("poverty")
    risks = ("livelihood.production_loss",)
    loan = {"months": 36, "lender": "农商行"}
    plan.plan_measure(wanted(home_of(kind, *risks), "micro_credit", 50_000 * YUAN, **loan), by=by, on=DAY)
    assert "上限 50,000.00 元" in words_of(
        wanted(home_of(kind, *risks), "micro_credit", 50_000 * YUAN + 1, **loan), by
    )
    words = words_of(wanted(home_of(kind, *risks), "micro_credit", YUAN, **loan | {"months": 37}), by)
    assert "36 个月" in words


def test_award_of_several_departments_counts_together_and_says_who_used_it():
    home = factories.household(status="lifted")
    plan.plan_measure(wanted(home, "industry_award", 4000 * YUAN), by=officer("agriculture"), on=DAY)
    with pytest.raises(Refused) as refused:
        plan.plan_measure(wanted(home, "industry_award", 1000 * YUAN + 1), by=officer("poverty"), on=DAY)
    assert "已用 4,000.00 元（" in refused.value.message and "还可用 1,000.00 元" in refused.value.message
    assert "农业农村局 4,000.00 元（待备案）" in refused.value.message
    plan.plan_measure(wanted(home, "industry_award", 1000 * YUAN), by=officer("poverty"), on=DAY)
    assert CapUse.objects.get(household=home).used == 5000 * YUAN


def test_award_of_another_year_has_its_own_cap():
    home, by = factories.household(status="lifted"), officer("agriculture")
    plan.plan_measure(wanted(home, "industry_award", 5000 * YUAN), by=by, on=DAY)
    plan.plan_measure(wanted(home, "industry_award", 5000 * YUAN, year=2025), by=by, on=DAY)
    assert CapUse.objects.filter(household=home).count() == 2


# ---- Who may ----
FORBIDDEN = [
    ("lifted", "subsistence_raise"),
    ("marginal", "subsistence_raise"),
    ("marginal", "yulu"),
    ("lifted", "special_relief"),
    ("monitored", "special_relief"),
]


@pytest.mark.parametrize(("kind", "code"), FORBIDDEN)
def test_what_the_text_excludes_is_refused(kind, code):
    home = home_of(kind, "education.hardship")
    words = words_of(
        wanted(home, code, 100 * YUAN, member=home.members.get(), warning_words="核对过"),
        officer(makers.lead_of(code)),
    )
    assert "第八条" in words


ALLOWED = [
    ("marginal", "subsistence_allowance"),
    ("lifted", "subsistence_allowance"),
    ("marginal", "temporary_relief"),
    ("lifted", "temporary_relief"),
    ("marginal", "industry_award"),
    ("marginal", "medical_aid"),
    ("monitored", "subsistence_raise"),
    ("monitored", "yulu"),
    ("marginal", "housing_renovation"),
]


@pytest.mark.parametrize(("kind", "code"), ALLOWED)
def test_what_the_text_does_not_forbid_is_not_refused(kind, code):
    home = home_of(kind, "medical.out_of_pocket")
    each = wanted(home, code, 100 * YUAN, member=home.members.get(), term="2026春")
    (verdict,) = judging.assess([each], by=officer(makers.lead_of(code)), on=DAY)
    assert verdict.refusals == []


@pytest.mark.parametrize("year", [2014, 2015])
def test_early_exits_get_the_industry_award_without_a_word(year):
    home = factories.household(status="lifted", lifted_year=year)
    (verdict,) = judging.assess(
        [wanted(home, "industry_award", 100 * YUAN)], by=officer("agriculture"), on=DAY
    )
    assert verdict.faults == []


@pytest.mark.parametrize(
    ("kind", "year", "warns"), [("lifted", 2023, True), ("lifted", 2024, False), ("monitored", 2014, False)]
)
def test_two_year_limit_warns_of_lifted_households_alone(kind, year, warns):
    home = home_of(kind, "housing.unsafe", lifted_year=year)
    (verdict,) = judging.assess(
        [wanted(home, "housing_renovation", 100 * YUAN)], by=officer("housing"), on=DAY
    )
    assert verdict.refusals == []
    assert any("2年扶持期" in words for words in verdict.warnings) is warns


def test_warnings_want_words_and_are_kept():
    home, by = factories.household(status="lifted", lifted_year=2016), officer("housing")
    each = wanted(home, "housing_renovation", 100 * YUAN)
    with pytest.raises(NotPlanned):
        plan.plan_measure(each, by=by, on=DAY)
    made = plan.plan_measure(
        wanted(home, "housing_renovation", 100 * YUAN, warning_words="按一般农户标准"), by=by, on=DAY
    )
    assert made.warnings and made.warning_words == "按一般农户标准"


def test_household_without_case_and_one_not_yet_lifted_are_told_where_to_go():
    ordinary, registered = factories.household(), factories.household(status="registered")
    assert "还没有认定为边缘户" in words_of(wanted(ordinary, "industry_award", 1), officer("agriculture"))
    assert "未脱贫户" in words_of(wanted(registered, "industry_award", 1), officer("agriculture"))


# ---- Special relief (Art. 8(2)1) ----
GROUNDS = {"universal": "医疗救助", "why_short": "救助后自付仍有三万元"}


def relief(risk: str, department: str, amount: int, **fields):
    made = makers.case("marginal", risk)
    own = makers.line(made, department)
    person = made.household.members.get()
    return wanted(made.household, "special_relief", amount, line=own, member=person, **GROUNDS | fields)


@pytest.mark.parametrize(
    ("risk", "department", "comparator", "extra"),
    [
        ("education.hardship", "education", "yulu", {"term": "2026春"}),
        ("medical.out_of_pocket", "insurance", "medical_aid", {}),
        ("housing.unsafe", "housing", "housing_renovation", {}),
    ],
)
def test_special_relief_ends_at_what_a_lifted_household_gets(risk, department, comparator, extra):
    makers.standard(comparator, cap=3000 * YUAN)
    by = officer(department)
    plan.plan_measure(relief(risk, department, 3000 * YUAN, **extra), by=by, on=DAY)
    assert "3,000.00 元" in words_of(relief(risk, department, 3000 * YUAN + 1, **extra), by)


def test_special_relief_by_a_rate_of_the_bill():
    makers.standard("medical_aid", ceiling_kind="rate", ceiling_rate=7000)
    by, bill = officer("insurance"), {"bill": 10_000 * YUAN, "bill_number": "A1"}
    plan.plan_measure(relief("medical.out_of_pocket", "insurance", 7000 * YUAN, **bill), by=by, on=DAY)
    words = words_of(relief("medical.out_of_pocket", "insurance", 7000 * YUAN + 1, **bill), by)
    assert "70%" in words


@pytest.mark.parametrize("risk", ["livelihood.production_loss", "other.rigid_expense", "water.unsafe"])
def test_special_relief_is_for_three_criteria_alone(risk):
    makers.standard("medical_aid", cap=3000 * YUAN)
    assert "只解决教育、医疗、住房" in words_of(relief(risk, "insurance", 100), officer("insurance"))


@pytest.mark.parametrize("lacking", ["universal", "why_short"])
def test_special_relief_names_the_universal_policy_and_why_it_falls_short(lacking):
    makers.standard("medical_aid", cap=3000 * YUAN)
    words = words_of(relief("medical.untreated", "insurance", 100, **{lacking: " "}), officer("insurance"))
    assert "普惠政策" in words


def test_special_relief_without_a_standard_is_refused():
    assert "还没有公布" in words_of(relief("housing.unsafe", "housing", 100), officer("housing"))


# ---- Lines and departments ----
def test_measure_of_another_department_or_line_is_refused():
    made = makers.case("monitored", "housing.unsafe")
    own = makers.line(made, "housing")
    assert "不由本部门承办" in words_of(
        wanted(made.household, "housing_renovation", 1, line=own), officer("education")
    )
    other = makers.line(makers.case("monitored", "housing.unsafe"), "housing")
    assert "不属于这户" in words_of(
        wanted(made.household, "housing_renovation", 1, line=other), officer("housing")
    )


def test_line_that_is_not_accepted_yet_is_refused():
    made = makers.case("monitored", "housing.unsafe")
    own = makers.line(made, "housing", state="issued")
    assert "请先接收" in words_of(
        wanted(made.household, "housing_renovation", 1, line=own), officer("housing")
    )


def test_many_are_planned_together_or_none():
    by = officer("agriculture")
    homes = [factories.household(status="lifted") for _ in range(3)]
    each = [wanted(home, "industry_award", 5000 * YUAN) for home in homes]
    with pytest.raises(NotPlanned) as refused:
        plan.plan_measures([*each, wanted(homes[0], "industry_award", 1)], by=by, on=DAY)
    assert [position for position, _ in refused.value.faults] == [3]
    assert not Measure.objects.exists() and not CapUse.objects.exists()
    assert len(plan.plan_measures(each, by=by, on=DAY)) == 3


def test_planning_takes_as_many_statements_for_twelve_as_for_two():
    by = officer("agriculture")
    counts = []
    for number in (2, 12):  # SQLite takes no more values in one statement
        each = [wanted(factories.household(status="lifted"), "industry_award", YUAN) for _ in range(number)]
        with CaptureQueriesContext(connection) as seen:
            plan.plan_measures(each, by=by, on=DAY)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# ---- On its way ----
def filed(kind="monitored", amount=1000 * YUAN, office=None):
    made = makers.case(kind, "livelihood.production_loss")
    own = makers.line(made, "agriculture")
    measure = plan.plan_measure(
        wanted(made.household, "industry_award", amount, line=own), by=officer("agriculture"), on=DAY
    )
    filing.file_measures(Measure.objects.filter(pk=measure.pk), by=office, on=DAY)
    measure.refresh_from_db()
    return measure


def all_of(measure):
    return Measure.objects.filter(pk=measure.pk)


def test_a_measure_goes_its_way_and_takes_line_case_and_lamp_along(office):
    measure, by = filed(office=office), officer("agriculture")
    assert measure.filing_number == "451228-2026-00001"
    assert OrderLine.objects.get().state == "filed"
    delivery.begin_measures(all_of(measure), by=by, on=DAY)
    assert OrderLine.objects.get().state == "in_progress"
    delivery.deliver_measures(all_of(measure), by=by, on=DAY, proof="一卡通 3 月 12 日")
    measure.refresh_from_db()
    assert (measure.state, measure.delivered, OrderLine.objects.get().state) == (
        "delivered",
        1000 * YUAN,
        "done",
    )
    measure.household.refresh_from_db()
    assert measure.case.helped_since and measure.household.lamp == "blue"


def test_nothing_begins_before_its_filing(office):
    made = factories.household(status="lifted")
    measure = plan.plan_measure(wanted(made, "industry_award", YUAN), by=officer("agriculture"), on=DAY)
    with pytest.raises(Refused):
        delivery.begin_measures(all_of(measure), by=officer("agriculture"), on=DAY)
    filing.file_measures(all_of(measure), by=office, on=DAY)
    with pytest.raises(Refused):
        delivery.begin_measures(
            all_of(measure), by=officer("agriculture"), on=DAY - datetime.timedelta(days=1)
        )


def test_measure_started_after_filing(office):
    measure = filed(office=office)
    with pytest.raises(IntegrityError, match="measure_started_after_filing"), transaction.atomic():
        all_of(measure).update(state="started", started_on=DAY - datetime.timedelta(days=1))


def test_less_than_planned_frees_the_cap(office):
    measure, by = filed(office=office), officer("agriculture")
    delivery.begin_measures(all_of(measure), by=by, on=DAY)
    with pytest.raises(Refused):
        delivery.deliver_measures(all_of(measure), by=by, on=DAY, proof="x", amount=1000 * YUAN + 1)
    delivery.deliver_measures(all_of(measure), by=by, on=DAY, proof="凭证 7", amount=600 * YUAN)
    assert CapUse.objects.get().used == 600 * YUAN


def test_cancelled_measure_frees_the_cap_and_its_line(office):
    measure = filed(office=office)
    delivery.cancel_measures(all_of(measure), by=officer("agriculture"), words="农户不养了")
    assert (CapUse.objects.get().used, OrderLine.objects.get().state) == (0, "accepted")


def test_repaid_principal_frees_the_open_sum(office):
    home, by = factories.household(status="lifted"), officer("poverty")
    measure = plan.plan_measure(
        wanted(home, "micro_credit", 50_000 * YUAN, months=36, lender="农商行"), by=by, on=DAY
    )
    filing.file_measures(all_of(measure), by=office, on=DAY)
    delivery.begin_measures(all_of(measure), by=by, on=DAY)
    delivery.deliver_measures(all_of(measure), by=by, on=DAY, proof="借据 1")
    assert surroundings.room(home, "micro_credit", on=DAY).left == 0
    delivery.record_repayment(measure, by=by, amount=20_000 * YUAN)
    assert surroundings.room(home, "micro_credit", on=DAY).left == 20_000 * YUAN


def test_loan_is_repaid_to_the_last_fen_and_not_one_more(office):
    """Art. 5."""
    home, by = factories.household(status="lifted"), officer("poverty")
    measure = plan.plan_measure(
        wanted(home, "micro_credit", 50_000 * YUAN, months=36, lender="农商行"), by=by, on=DAY
    )
    filing.file_measures(all_of(measure), by=office, on=DAY)
    delivery.begin_measures(all_of(measure), by=by, on=DAY)
    delivery.deliver_measures(all_of(measure), by=by, on=DAY, proof="借据 1")
    delivery.record_repayment(measure, by=by, amount=20_000 * YUAN)
    for amount in (0, -1, 30_000 * YUAN + 1):
        with pytest.raises(Refused, match="不超过未还的本金 30,000.00 元"):
            delivery.record_repayment(measure, by=by, amount=amount)
    assert delivery.record_repayment(measure, by=by, amount=30_000 * YUAN).repaid == 50_000 * YUAN
    assert (measure.counted, CapUse.objects.get().used) == (0, 0)
    assert surroundings.room(home, "micro_credit", on=DAY).left == 50_000 * YUAN
    with pytest.raises(Refused, match="不超过未还的本金 0.00 元"):
        delivery.record_repayment(measure, by=by, amount=1)


def test_loan_is_repaid_in_one_go(office):
    home, by = factories.household(status="lifted"), officer("poverty")
    measure = plan.plan_measure(
        wanted(home, "micro_credit", 1000 * YUAN, months=12, lender="农商行"), by=by, on=DAY
    )
    filing.file_measures(all_of(measure), by=office, on=DAY)
    delivery.begin_measures(all_of(measure), by=by, on=DAY)
    delivery.deliver_measures(all_of(measure), by=by, on=DAY, proof="借据 1")
    assert delivery.record_repayment(measure, by=by, amount=1000 * YUAN).repaid == 1000 * YUAN
    assert CapUse.objects.get().used == 0


def test_change_counts_what_it_counted_before_as_free():
    home, by = factories.household(status="lifted"), officer("agriculture")
    measure = plan.plan_measure(wanted(home, "industry_award", 4000 * YUAN), by=by, on=DAY)
    plan.change_measure(measure, wanted(home, "industry_award", 5000 * YUAN), by=by, on=DAY)
    assert CapUse.objects.get().used == 5000 * YUAN
    with pytest.raises(NotPlanned):
        plan.change_measure(measure, wanted(home, "industry_award", 5000 * YUAN + 1), by=by, on=DAY)
    assert CapUse.objects.get().used == 5000 * YUAN


def test_sent_back_for_one_of_five_reasons_and_handed_in_again(office):
    home, by = factories.household(status="lifted"), officer("agriculture")
    measure = plan.plan_measure(wanted(home, "industry_award", YUAN), by=by, on=DAY)
    with pytest.raises(Refused):
        filing.send_back_measures(all_of(measure), by=office, reason="", words="不合适")
    filing.send_back_measures(all_of(measure), by=office, reason="proof", words="缺验收单")
    plan.hand_in_measures_again(all_of(measure), by=by)
    measure.refresh_from_db()
    assert (measure.state, measure.send_back_reason) == ("planned", "")


def test_household_that_is_something_else_meanwhile_is_not_filed(office):
    made = makers.case("monitored", "livelihood.production_loss")
    measure = plan.plan_measure(
        wanted(made.household, "industry_award", YUAN), by=officer("agriculture"), on=DAY
    )
    factories.released(type(made).objects.filter(pk=made.pk))
    with pytest.raises(Refused, match="拟定时是脱贫监测户"):
        filing.file_measures(all_of(measure), by=office, on=DAY)


# ---- The last 1,000 yuan ----
@pytest.mark.skipif(not database.is_postgres(), reason="concurrent transactions need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_thirty_two_ask_for_the_last_thousand_and_one_gets_it():
    home = factories.household(status="lifted")
    plan.plan_measure(wanted(home, "industry_award", 4000 * YUAN), by=officer("agriculture"), on=DAY)
    askers = [officer("agriculture"), officer("poverty")]
    ready, answers = threading.Barrier(32), []

    def ask(position: int) -> None:
        try:
            ready.wait()
            plan.plan_measure(wanted(home, "industry_award", 1000 * YUAN), by=askers[position % 2], on=DAY)
            answers.append("given")
        except (caps.CapExceeded, NotPlanned) as refused:
            answers.append(refused.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("given") == 1 and len(answers) == 32
    assert all("还可用 0.00 元" in words for words in answers if words != "given")
    assert CapUse.objects.get(household=home).used == 5000 * YUAN
    assert sum(Measure.objects.values_list("amount", flat=True)) == 5000 * YUAN
