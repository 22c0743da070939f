"""Every measure type × kind of household: who may, as `catalogue.md` says it; caps at their edge; what is
never refused."""

import dataclasses
import datetime

import pytest

from measures import rules
from measures.catalogue.first_rows import BY_CODE, ROWS

DAY = datetime.date(2020, 3, 2)
KINDS = ("lifted", "monitored", "marginal")
T, G, NO = "text", "general", "forbidden"
# code → lifted, monitored, marginal; whether the two years bind; money of marginal households where it is
# another
TABLE = {
    "industry_award": (T, T, T, False, "R2", "R1"),
    "micro_credit": (T, T, T, False, "R4", "R4"),
    "interest_subsidy": (T, T, T, False, "R2", "R1"),
    "farm_training": (T, T, T, False, "R3", "R3"),
    "skill_training": (T, T, T, False, "R3", "R3"),
    "job_referral": (T, T, T, False, "R3", "R3"),
    "job_post": (T, T, T, False, "R3", "R3"),
    "temporary_relief": (G, T, G, False, "R3", "R3"),
    "subsistence_allowance": (G, T, G, False, "R3", "R3"),
    "subsistence_raise": (NO, T, NO, False, "R3", "R3"),
    "two_exempt_one_subsidy": (G, T, G, True, "R3", "R3"),
    "yulu": (G, T, NO, True, "R2", ""),
    "school_aid": (G, G, G, False, "R3", "R3"),
    "student_loan": (G, T, T, False, "R4", "R4"),
    "dropout_return": (G, G, G, False, "R3", "R3"),
    "medical_insurance": (G, G, T, False, "R3", "R3"),
    "medical_aid": (G, T, G, True, "R3", "R3"),
    "treatment_arrangement": (G, G, G, False, "R3", "R3"),
    "housing_renovation": (G, T, T, True, "R3", "R3"),
    "housing_appraisal": (G, G, G, False, "R3", "R3"),
    "temporary_resettlement": (G, G, G, False, "R3", "R3"),
    "water_repair": (G, G, G, False, "R3", "R3"),
    "water_delivery": (G, G, G, False, "R3", "R3"),
    "disability_subsidy": (G, G, G, False, "R3", "R3"),
    "farm_insurance": (G, G, G, False, "R5", "R5"),
    "prevention_insurance": (G, G, T, False, "R5", "R5"),
    "special_relief": (NO, NO, T, False, "R1", "R1"),
}
TEXT_CAPS = {"industry_award": 500_000, "micro_credit": 5_000_000}
MONTHS = {"micro_credit": 36}
# What the regulation leaves to the county: a standard of it warns, for marginal households it binds in Art. 5
# and 6 (Art. 8(2)2).
STANDARD = 300_000


def facts(code: str, kind: str, **given) -> rules.Facts:
    row = BY_CODE[code]
    eligibility = row.who[KINDS.index(kind)]
    cap = TEXT_CAPS.get(code, STANDARD if row.cap_by_county else None)
    own = rules.Type(
        code,
        row.name,
        row.article,
        row.form,
        row.period,
        eligibility,
        cap,
        code in TEXT_CAPS,
        MONTHS.get(code),
        row.needs,
        row.is_two_years,
        row.subcriteria,
    )
    usual = {
        "amount": 100,
        "lifted_year": 2019,
        "risks": row.subcriteria[:1],
        "months": 12,
        "monthly_pay": 100,
        "has_member": True,
        "term": "2020春",
        "universal": "医疗救助",
        "why_short": "仍有三万元",
        "standards": [rules.Standard("医疗救助", "fixed", STANDARD)],
    }
    return rules.Facts(**{"kind": kind, "type": own, "day": DAY} | usual | given)


def test_the_table_holds_every_type():
    assert set(TABLE) == set(BY_CODE)


@pytest.mark.parametrize("code", TABLE)
def test_row_is_as_the_table_says(code):
    row, expected = BY_CODE[code], TABLE[code]
    assert row.who == expected[:3]
    assert row.is_two_years is expected[3]
    assert row.route == expected[4]
    if expected[2] != NO:
        assert (row.route_marginal or row.route) == expected[5]
        assert (row.route_marginal or row.route) != "R2"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", TABLE)
def test_only_what_the_text_forbids_is_refused(code, kind):
    judged = rules.judge(facts(code, kind))
    is_forbidden = TABLE[code][KINDS.index(kind)] == NO
    assert bool(judged.refusals) is is_forbidden, judged.refusals
    assert not is_forbidden or "第八条" in judged.refusals[0]


CAPPED = [(code, kind) for code in TEXT_CAPS for kind in KINDS]


@pytest.mark.parametrize(("used", "more"), [(0, 0), (1, 0), (100_000, 0), (0, 1), (1, 1), (100_000, 1)])
@pytest.mark.parametrize(("code", "kind"), CAPPED)
def test_cap_of_the_text_at_its_edge(code, kind, used, more):
    """Equal passes, one cent above fails, whatever is used already."""
    asked = facts(code, kind, used=used, amount=TEXT_CAPS[code] - used + more, users="某局")
    refusals = rules.judge(asked).refusals
    assert bool(refusals) is bool(more)
    assert not more or ("第五条" in refusals[0] and (not used or "某局" in refusals[0]))


@pytest.mark.parametrize(("months", "is_refused"), [(1, False), (36, False), (37, True), (600, True)])
@pytest.mark.parametrize("kind", KINDS)
def test_term_of_a_micro_credit_at_its_edge(kind, months, is_refused):
    assert bool(rules.judge(facts("micro_credit", kind, months=months)).refusals) is is_refused


COUNTY = [
    row.code for row in ROWS if row.cap_by_county and row.form != "post" and row.code != "special_relief"
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", COUNTY)
def test_county_standard_at_its_edge(code, kind):
    """Equal passes; above it a word is wanted, and in Art. 5 and 6 a marginal household is refused (Art.
    8(2)2)."""
    if TABLE[code][KINDS.index(kind)] == NO:
        return
    fits = rules.judge(facts(code, kind, amount=STANDARD))
    above = rules.judge(facts(code, kind, amount=STANDARD + 1))
    assert not any("标准" in words for words in [*fits.refusals, *fits.warnings])
    binds = kind == "marginal" and BY_CODE[code].article in ("Art. 5", "Art. 6")
    assert any("标准" in words for words in (above.refusals if binds else above.warnings))
    assert bool(above.refusals) is binds


@pytest.mark.parametrize(
    ("kind", "is_refused"), [("lifted", False), ("monitored", False), ("marginal", True)]
)
def test_pay_of_a_post_above_the_standard(kind, is_refused):
    assert not rules.judge(facts("job_post", kind, monthly_pay=STANDARD)).refusals
    above = rules.judge(facts("job_post", kind, monthly_pay=STANDARD + 1))
    assert bool(above.refusals) is is_refused and (is_refused or above.warnings)


RISKS = {
    "education.hardship": True,
    "education.dropout": True,
    "medical.untreated": True,
    "medical.out_of_pocket": True,
    "housing.unsafe": True,
    "water.unsafe": False,
    "livelihood.production_loss": False,
    "livelihood.unstable_employment": False,
    "other.rigid_expense": False,
    "other.labour_loss": False,
}


@pytest.mark.parametrize(("risk", "may"), RISKS.items())
def test_special_relief_answers_three_criteria(risk, may):
    for asked in (
        facts("special_relief", "marginal", risk=risk, risks=[risk]),
        facts("special_relief", "marginal", risks=[risk]),
    ):
        assert bool(rules.judge(asked).refusals) is not may


def test_special_relief_of_an_order_looks_at_its_own_risk():
    asked = facts("special_relief", "marginal", risk="water.unsafe", risks=["water.unsafe", "housing.unsafe"])
    assert rules.judge(asked).refusals


@pytest.mark.parametrize("used", [0, 1000])
@pytest.mark.parametrize(
    "standard",
    [
        rules.Standard("医疗救助", "fixed", STANDARD),
        rules.Standard("雨露计划", "term", STANDARD, "term"),
        rules.Standard("医疗救助", "rate", 3000, "rate"),
        rules.Standard("危房改造", "fixed", STANDARD, "once"),
    ],
    ids=["year", "term", "rate", "once"],
)
def test_special_relief_at_the_edge_of_its_ceiling(standard, used):
    given = {"standards": [standard], "bill": 1_000_000, "bill_number": "A1", "used": used}
    fits = rules.judge(facts("special_relief", "marginal", amount=STANDARD - used, **given))
    above = rules.judge(facts("special_relief", "marginal", amount=STANDARD - used + 1, **given))
    assert not fits.refusals and fits.ceiling.amount == STANDARD and fits.ceiling.period == standard.period
    assert "第八条（二）1" in above.refusals[0]


def test_best_of_the_matching_policies_is_the_ceiling_and_the_own_standard_only_lowers_it():
    both = [
        rules.Standard("雨露计划", "term", 150_000, "term"),
        rules.Standard("学校资助", "term", 100_000, "term"),
    ]
    assert rules.ceiling(both, None, "", None).amount == 150_000
    assert rules.ceiling(both, None, "", 120_000).amount == 120_000
    assert rules.ceiling(both, None, "", 900_000).amount == 150_000


@pytest.mark.parametrize("lacking", [{"term": ""}, {"has_member": False}])
def test_ceiling_of_a_term_wants_person_and_term(lacking):
    asked = facts(
        "special_relief",
        "marginal",
        standards=[rules.Standard("雨露计划", "term", STANDARD, "term")],
        **lacking,
    )
    assert "学期" in rules.judge(asked).refusals[0]


@pytest.mark.parametrize("lacking", [{"bill": None}, {"bill_number": ""}])
def test_ceiling_by_a_rate_wants_the_bill_and_its_number(lacking):
    given = {
        "standards": [rules.Standard("医疗救助", "rate", 7000, "rate")],
        "bill": 100,
        "bill_number": "A1",
    }
    assert "票据号" in rules.judge(facts("special_relief", "marginal", **given | lacking)).refusals[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", [code for code in TABLE if TABLE[code][KINDS.index("lifted")] != NO])
def test_two_years_bind_some_types_of_lifted_households_alone(code, kind):
    if TABLE[code][KINDS.index(kind)] == NO:
        return
    for year, is_past in ((2014, True), (2015, True), (2018, False)):
        judged = rules.judge(facts(code, kind, lifted_year=year))
        warns = any("2年扶持期" in words for words in judged.warnings)
        assert warns is (TABLE[code][3] and kind == "lifted" and is_past), (code, kind, year)
        assert not judged.refusals


@pytest.mark.parametrize(("day", "is_within"), [("2020-12-31", True), ("2021-01-01", False)])
def test_the_two_years_end_with_the_second_year(day, is_within):
    asked = facts("yulu", "lifted", lifted_year=2018, day=datetime.date.fromisoformat(day))
    assert rules.within_two_years(asked) is is_within


@pytest.mark.parametrize("code", ["subsistence_raise", "interest_subsidy"])
def test_what_it_needs_is_asked_for(code):
    asked = facts(code, "monitored", has_needed=False, needed_name="前项")
    assert any("前项" in words for words in rules.judge(asked).warnings)
    assert rules.judge(dataclasses.replace(asked, has_needed=True)).warnings == []


@pytest.mark.parametrize(
    ("status", "is_open", "kind"),
    [
        ("lifted", False, "lifted"),
        ("lifted", True, "monitored"),
        ("ordinary", True, "marginal"),
        ("ordinary", False, None),
        ("registered", False, None),
        ("registered", True, None),
    ],
)
def test_kind_follows_from_status_and_case(status, is_open, kind):
    assert rules.kind_of(status, is_open) == kind


@pytest.mark.parametrize("typed", ["2020春", "2020年春", " 2020 春季学期", "２０２０年春学期"])
def test_a_term_is_one_word(typed):
    assert rules.plain_term(typed) == "2020春"


def test_other_terms_stay_as_typed():
    assert rules.plain_term(" 2020-03 ") == "2020-03"
    assert rules.plain_number(" ａ 1-b ") == "A1-B"
