"""The catalogue's first rows: the regulation's measures and the general policies beside it (Art. 5, 6, 8). Amounts that no
text names are left open: a county sets its standard. Kept as data; the rows in the database are what holds."""

from dataclasses import dataclass

from measures.models.catalogue import CeilingKind, Eligibility, Form, Period, Route, Unit

TEXT, GENERAL, NO = Eligibility.TEXT, Eligibility.GENERAL, Eligibility.FORBIDDEN


@dataclass(frozen=True)
class Row:
    """As the columns of MeasureType; `who` is lifted, monitored, marginal."""

    code: str
    name: str
    department: str
    article: str
    form: str
    unit: str
    who: tuple[str, str, str]
    route: str
    route_marginal: str = ""
    period: str = ""
    cap_key: str = ""
    months_key: str = ""
    cap_by_county: bool = False
    also: tuple[str, ...] = ()
    subcriteria: tuple[str, ...] = ()
    is_universal: bool = False
    ceiling_kind: str = ""
    comparators: tuple[str, ...] = ()
    needs: str = ""
    is_two_years: bool = False
    is_on_application: bool = False


_LIVELIHOOD = ("livelihood.production_loss", "livelihood.unstable_employment")
_WORK = ("livelihood.unstable_employment", "other.labour_loss")
_SCHOOL = ("education.dropout", "education.hardship")
_ILL = ("medical.untreated", "medical.out_of_pocket")
_OTHER = ("other.rigid_expense", "other.labour_loss")

ROWS = (
    Row(
        "industry_award", "产业奖补", "agriculture", "Art. 5", Form.MONEY, Unit.HOUSEHOLD_YEAR, (TEXT, TEXT, TEXT),
        Route.POVERTY, Route.MARGINAL, Period.YEAR, cap_key="cap.industry_award", also=("poverty",),
        subcriteria=("livelihood.production_loss",),
    ),
    Row(
        "micro_credit", "扶贫小额信贷", "poverty", "Art. 5", Form.LOAN, Unit.LOAN, (TEXT, TEXT, TEXT), Route.LOAN,
        period=Period.OPEN, cap_key="cap.micro_credit", months_key="cap.micro_credit_months",
        subcriteria=("livelihood.production_loss",), is_on_application=True,
    ),
    Row(
        "interest_subsidy", "小额信贷财政贴息", "poverty", "Art. 5", Form.MONEY, Unit.LOAN, (TEXT, TEXT, TEXT), Route.POVERTY,
        Route.MARGINAL, subcriteria=("livelihood.production_loss",), needs="micro_credit",
    ),
    Row(
        "farm_training", "产业技能培训", "agriculture", "Art. 5", Form.SERVICE, Unit.PERSON_TIME, (TEXT, TEXT, TEXT),
        Route.SECTOR, subcriteria=("livelihood.production_loss",),
    ),
    Row(
        "skill_training", "就业技能培训补助", "labour", "Art. 6", Form.MONEY, Unit.PERSON_TIME, (TEXT, TEXT, TEXT), Route.SECTOR,
        period=Period.TIME, cap_by_county=True, subcriteria=_WORK,
    ),
    Row(
        "job_referral", "推荐就业", "labour", "Art. 6", Form.SERVICE, Unit.PERSON, (TEXT, TEXT, TEXT), Route.SECTOR,
        subcriteria=_WORK,
    ),
    Row(
        "job_post", "就业岗位（公益性岗位等）", "labour", "Art. 6", Form.POST, Unit.PERSON_MONTH, (TEXT, TEXT, TEXT),
        Route.SECTOR, period=Period.MONTH, cap_by_county=True, subcriteria=_WORK,
    ),
    Row(
        "temporary_relief", "临时救助", "civil", "Art. 8(1)1", Form.MONEY, Unit.TIME, (GENERAL, TEXT, GENERAL), Route.SECTOR,
        period=Period.TIME, cap_by_county=True, subcriteria=(*_ILL, *_LIVELIHOOD, *_OTHER, "education.dropout"),
        is_universal=True, is_on_application=True,
    ),
    Row(
        "subsistence_allowance", "最低生活保障（低保）", "civil", "Art. 8(1)1", Form.MONEY, Unit.PERSON_MONTH,
        (GENERAL, TEXT, GENERAL), Route.SECTOR, period=Period.MONTH, cap_by_county=True,
        subcriteria=("medical.out_of_pocket", *_OTHER), is_universal=True, is_on_application=True,
    ),
    Row(
        "subsistence_raise", "低保提高一档或A档", "civil", "Art. 8(1)1", Form.MONEY, Unit.PERSON_MONTH, (NO, TEXT, NO),
        Route.SECTOR, period=Period.MONTH, cap_by_county=True, subcriteria=("medical.out_of_pocket", *_OTHER),
        needs="subsistence_allowance",
    ),
    Row(
        "two_exempt_one_subsidy", "两免一补", "education", "Art. 8(1)2", Form.MONEY, Unit.PERSON_TERM, (GENERAL, TEXT, GENERAL),
        Route.SECTOR, period=Period.TERM, cap_by_county=True, subcriteria=_SCHOOL, is_universal=True, is_two_years=True,
    ),
    Row(
        "yulu", "雨露计划", "poverty", "Art. 8(1)2", Form.MONEY, Unit.PERSON_TERM, (GENERAL, TEXT, NO), Route.POVERTY,
        period=Period.TERM, cap_by_county=True, subcriteria=("education.hardship",), is_two_years=True,
    ),
    Row(
        "school_aid", "学校资助", "education", "", Form.MONEY, Unit.PERSON_TERM, (GENERAL, GENERAL, GENERAL), Route.SECTOR,
        period=Period.TERM, cap_by_county=True, subcriteria=("education.hardship",), is_universal=True,
    ),
    Row(
        "student_loan", "助学贷款", "education", "Art. 8(1)2", Form.LOAN, Unit.PERSON_SCHOOL_YEAR, (GENERAL, TEXT, TEXT),
        Route.LOAN, subcriteria=("education.hardship",), is_universal=True, is_on_application=True,
    ),
    Row(
        "dropout_return", "控辍保学劝返", "education", "", Form.SERVICE, Unit.PERSON, (GENERAL, GENERAL, GENERAL), Route.SECTOR,
        subcriteria=("education.dropout",), also=("civil", "disabled"),
    ),
    Row(
        "medical_insurance", "医疗保险待遇（基本、大病）", "insurance", "Art. 8(2)1", Form.BENEFIT, Unit.TIME,
        (GENERAL, GENERAL, TEXT), Route.SECTOR, subcriteria=_ILL, is_universal=True,
    ),
    Row(
        "medical_aid", "医疗救助", "insurance", "Art. 8(1)2", Form.MONEY, Unit.PERSON_YEAR, (GENERAL, TEXT, GENERAL),
        Route.SECTOR, period=Period.YEAR, cap_by_county=True, subcriteria=_ILL, is_universal=True, is_two_years=True,
    ),
    Row(
        "treatment_arrangement", "救治安排、家庭医生签约", "health", "", Form.SERVICE, Unit.PERSON, (GENERAL, GENERAL, GENERAL),
        Route.SECTOR, subcriteria=("medical.untreated",),
    ),
    Row(
        "housing_renovation", "危房改造", "housing", "Art. 8(1)2", Form.MONEY, Unit.HOUSEHOLD, (GENERAL, TEXT, TEXT),
        Route.SECTOR, period=Period.ONCE, cap_by_county=True, subcriteria=("housing.unsafe",), is_universal=True,
        is_two_years=True,
    ),
    Row(
        "housing_appraisal", "房屋安全鉴定", "housing", "", Form.SERVICE, Unit.HOUSEHOLD, (GENERAL, GENERAL, GENERAL),
        Route.SECTOR, subcriteria=("housing.unsafe",),
    ),
    Row(
        "temporary_resettlement", "临时安置", "housing", "", Form.SERVICE, Unit.HOUSEHOLD, (GENERAL, GENERAL, GENERAL),
        Route.SECTOR, subcriteria=("housing.unsafe",),
    ),
    Row(
        "water_repair", "饮水设施修缮", "water", "", Form.WORKS, Unit.HAMLET, (GENERAL, GENERAL, GENERAL), Route.SECTOR,
        subcriteria=("water.unsafe",),
    ),
    Row(
        "water_delivery", "应急送水、水质处理", "water", "", Form.SERVICE, Unit.HOUSEHOLD, (GENERAL, GENERAL, GENERAL),
        Route.SECTOR, subcriteria=("water.unsafe",),
    ),
    Row(
        "disability_subsidy", "残疾人两项补贴", "civil", "", Form.MONEY, Unit.PERSON_MONTH, (GENERAL, GENERAL, GENERAL),
        Route.SECTOR, period=Period.MONTH, cap_by_county=True, subcriteria=("other.labour_loss",), is_universal=True,
        also=("disabled",), is_on_application=True,
    ),
    Row(
        "farm_insurance", "农业保险理赔", "agriculture", "", Form.BENEFIT, Unit.TIME, (GENERAL, GENERAL, GENERAL),
        Route.INSURANCE, subcriteria=("livelihood.production_loss",),
    ),
    Row(
        "prevention_insurance", "防贫保险理赔", "poverty", "Art. 11", Form.BENEFIT, Unit.TIME, (GENERAL, GENERAL, TEXT),
        Route.INSURANCE, subcriteria=(*_ILL, *_OTHER),
    ),
    Row(
        "special_relief", "特殊救助", "insurance", "Art. 8(2)1", Form.MONEY, Unit.TIME, (NO, NO, TEXT), Route.MARGINAL,
        Route.MARGINAL, cap_by_county=True, also=("education", "housing"),
        subcriteria=(*_SCHOOL, *_ILL, "housing.unsafe"), ceiling_kind=CeilingKind.FIXED,
        comparators=("yulu", "two_exempt_one_subsidy", "school_aid", "medical_aid", "housing_renovation"),
    ),
)  # fmt: skip

BY_CODE = {row.code: row for row in ROWS}
