"""Checks of a household as a whole: its head, place, numbers, income, and what it is as a prevention
subject."""

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat

from households import quality
from households.codelists import CATEGORY_OF_STATUS, Category, HouseholdStatus, Relation
from households.models import AnnualIncome, Case, Household, Member
from households.quality import Check, Mender, Severity
from households.quality.members import blank
from households.quality.terms import NOTHING, TEXT, several, text

HOUSEHOLD, INCOME, SUBJECT = "户", "收入", "防贫对象"
SHARED_BY_MORE_THAN = 3
PER_HEAD_HIGH = 100_000 * 100  # fen
_STATUS, _CATEGORY = dict(HouseholdStatus.choices), dict(Category.choices)


def _people(**conditions):
    return Member.objects.filter(household=OuterRef("pk"), removed_on=None, **conditions)


def _in_case(households):
    """Narrows first: a few in a hundred have a case."""
    return households.filter(pk__in=Case.objects.filter(state__in=Case.OPEN).values("household"))


def _open_cases():
    return Case.objects.filter(household=OuterRef("pk"), state__in=Case.OPEN)


def _shared_phones(households, _day):
    """One number for more than SHARED_BY_MORE_THAN households of the county: the cadre's own, as a rule."""
    # One text of county and number: the subquery stands by itself, and is asked once, not once a household.
    pair = Concat(text("phone_index"), "county_id", output_field=TEXT)
    often = (
        Household.objects.filter(closed_on=None, phone_index__isnull=False)
        .annotate(pair=pair)
        .order_by()
        .values("pair")
        .annotate(times=Count("pk"))
        .filter(times__gt=SHARED_BY_MORE_THAN)
        .values("pair")
    )
    with_phone = households.filter(phone_index__isnull=False).annotate(pair=pair)
    return with_phone.filter(pair__in=often).annotate(value=text("phone_index"))


def _latest_income(households):
    latest = AnnualIncome.objects.filter(household=OuterRef("pk")).order_by("-year")
    return households.filter(size__gt=0).annotate(
        income_year=Subquery(latest.values("year")[:1]), net=Subquery(latest.values("net")[:1])
    )


def _income_words(value: str) -> str:
    year, net, size = value.split("/")
    return f"{year} 年全户纯收入 {int(net) / 100:,.2f} 元，{size} 人"


def _category_against_status(households, _day):
    fits = Q()
    for status, category in CATEGORY_OF_STATUS.items():
        fits |= Q(status=status, case_category=category)
    cases = _open_cases().values("category")[:1]
    return (
        _in_case(households)
        .annotate(case_category=Subquery(cases))
        .filter(case_category__isnull=False)
        .exclude(fits)
        .annotate(value=several("status", "case_category"))
    )


def _illness_unseen(households, _day):
    ill = _people().filter(Q(health__contains="病") | Q(health__contains="残疾"))
    words = _open_cases().filter(risk_words__contains="因病").values("risk_words")[:1]
    return (
        _in_case(households)
        .annotate(risk=Subquery(words))
        .filter(~Exists(ill), risk__isnull=False)
        .annotate(value=text("risk"))
    )


def _status_category_words(value: str) -> str:
    status, category = value.split("/")
    return f"{_STATUS[status]}，登记为{_CATEGORY[category]}"


def _check(
    code: str, title: str, group: str, severity: Severity, mender: Mender, find, words, why: str, remedy: str
):
    quality.register(Check(code, title, group, why, remedy, mender, severity, Household, find, words))


_check(
    "head_missing",
    "没有户主",
    HOUSEHOLD,
    Severity.REFUSED,
    Mender.TOWNSHIP,
    lambda households, _day: households.filter(~Exists(_people(relation=Relation.HEAD)), size__gt=0).annotate(
        value=text("size")
    ),
    lambda value: f"{value} 人，没有户主",
    "没有户主，整户录不进全国系统，部门数据按户主也比对不上。",
    "办理“户主变更”，选定户主，重新填每个人与户主的关系。（两个户主的，系统不会收下。）",
)
_check(
    "household_empty",
    "户内没有人",
    HOUSEHOLD,
    Severity.REFUSED,
    Mender.OFFICE,
    lambda households, _day: households.filter(size=0).annotate(value=NOTHING),
    lambda _value: "0 人",
    "人都离开了，户还在册：多半是防贫对象没有办结，或导入时只有户没有人。",
    "查明人去了哪里：并入别户的办理合户；是防贫对象的，先按程序取消重点关注。",
)
_check(
    "hamlet_blank",
    "没有自然屯",
    HOUSEHOLD,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda households, _day: households.filter(hamlet=None).annotate(value=NOTHING),
    blank,
    "入户排查按屯确认，没有屯的户容易漏排查；饮水等按屯报送的名单也对不上。",
    "在“户信息更正”中填写自然屯。",
)
_check(
    "lifted_year",
    "脱贫年度不合理",
    HOUSEHOLD,
    Severity.REFUSED,
    Mender.OFFICE,
    lambda households, day: households.filter(Q(lifted_year__gt=day.year) | Q(lifted_year__lt=2014)).annotate(
        value=text("lifted_year")
    ),
    lambda value: f"{value} 年脱贫",
    "脱贫年度在 2014 年以后，不能晚于今年。（脱贫户没有年度的，系统不会收下。）",
    "对照建档立卡资料，改好户册表后重新导入。",
)
_check(
    "phone_shared",
    f"同一个电话登记在 {SHARED_BY_MORE_THAN} 户以上",
    HOUSEHOLD,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _shared_phones,
    lambda _value: "与别的户相同",
    "几户用同一个电话，多半填的是村干部的电话，真要联系时找不到本人。",
    "换成户里人自己的电话；确实没有电话的，清空。",
)
_check(
    "number_odd",
    "一般农户却有外来户编号",
    HOUSEHOLD,
    Severity.DOUBTFUL,
    Mender.OFFICE,
    lambda households, _day: households.filter(
        ~Exists(Case.objects.filter(household=OuterRef("pk"))),
        status=HouseholdStatus.ORDINARY,
        own_number=False,
    ).annotate(value=text("number")),
    lambda value: f"户编号 {value}",
    "全国系统的户编号只有建档立卡户和监测对象才有。一般农户带着编号，可能户类型填错了。",
    "核对户类型；编号是本县自己编的，注明“已核实无误”。",
)
_check(
    "income_missing",
    "没有上年收入",
    INCOME,
    Severity.DOUBTFUL,
    Mender.IMPORT,
    lambda households, day: households.filter(
        ~Exists(AnnualIncome.objects.filter(household=OuterRef("pk"), year=day.year - 1)), size__gt=0
    ).annotate(value=Value(str(day.year - 1), output_field=TEXT)),
    lambda value: f"没有 {value} 年收入",
    "没有收入的按“不详”处理，提请审定前还要逐户补收入测算。",
    "把上年收入补进收入表后导入。",
)
_check(
    "income_negative",
    "人均纯收入为负",
    INCOME,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda households, _day: (
        _latest_income(households).filter(net__lt=0).annotate(value=several("income_year", "net", "size"))
    ),
    _income_words,
    "支出大于全部收入，多半是生产经营支出填重了或单位错了；确实亏本的，是风险，不是差错。",
    "核对收入台账后重新导入；确实亏本的，注明“已核实无误”。",
)
_check(
    "income_high",
    "人均纯收入高于 100,000 元",
    INCOME,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda households, _day: (
        _latest_income(households)
        .filter(net__gt=PER_HEAD_HIGH * F("size"))
        .annotate(value=several("income_year", "net", "size"))
    ),
    _income_words,
    "多半是金额多写了零，或把毛收入当成了纯收入。",
    "核对收入台账后重新导入；属实的，注明“已核实无误”。",
)
_check(
    "case_status",
    "防贫对象类别与户类型不符",
    SUBJECT,
    Severity.REFUSED,
    Mender.OFFICE,
    _category_against_status,
    _status_category_words,
    "脱贫户对应脱贫监测户，一般农户对应边缘户（第二条）；对不上的录不进全国系统。",
    "核对户类型，改好户册表后导入；认定有误的，由县级审定会更正。",
)
_check(
    "case_no_phone",
    "防贫对象没有联系电话",
    SUBJECT,
    Severity.REFUSED,
    Mender.VILLAGE,
    lambda households, _day: households.filter(
        Exists(_open_cases()), ~Exists(_people(phone_index__isnull=False)), phone_index=None
    ).annotate(value=NOTHING),
    blank,
    "跟踪责任人、部门联系不上这一户；标注录入时联系电话必填。",
    "问来电话，在“户信息更正”中填写。",
)
_check(
    "case_illness",
    "因病的防贫对象户里没有病人",
    SUBJECT,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _illness_unseen,
    lambda value: f"风险：{value}",
    "风险写的是因病，家庭成员的健康状况却都没有病：不是健康状况没有更新，就是风险写错了。",
    "查看病历、残疾证，更正健康状况。",
)
