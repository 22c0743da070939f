"""Checks of who somebody is: relation, sex, birth, the same person twice, what the national form asks."""

from django.db.models import Exists, F, Min, OuterRef, Q, Subquery

from households import quality
from households.codelists import Education, Relation
from households.models import Member
from households.quality import Check, Mender, Severity
from households.quality.terms import NOTHING, aged, day_number, several, text, with_head, younger

PERSON, FAMILY, FORM = "人员身份", "家庭关系", "必填内容"

MEN = (
    Relation.SON,
    Relation.SON_IN_LAW,
    Relation.GRANDSON,
    Relation.DAUGHTERS_SON,
    Relation.FATHER,
    Relation.WIFES_FATHER,
    Relation.HUSBANDS_FATHER,
    Relation.GRANDFATHER,
    Relation.MOTHERS_FATHER,
    Relation.GREAT_GRANDSON,
    Relation.NEPHEW,
    Relation.UNCLE,
)
WOMEN = (
    Relation.DAUGHTER,
    Relation.DAUGHTER_IN_LAW,
    Relation.GRANDDAUGHTER,
    Relation.DAUGHTERS_DAUGHTER,
    Relation.MOTHER,
    Relation.WIFES_MOTHER,
    Relation.HUSBANDS_MOTHER,
    Relation.GRANDMOTHER,
    Relation.MOTHERS_MOTHER,
    Relation.GREAT_GRANDDAUGHTER,
    Relation.NIECE,
    Relation.SIBLINGS_WIFE,
)
_SEX = {"male": "男", "female": "女"}
_RELATION = dict(Relation.choices)
_EDUCATION = dict(Education.choices)
# The youngest at which one can have finished, two years early counted in.
YOUNGEST_EDUCATED = {
    Education.PRIMARY: 9,
    Education.JUNIOR: 12,
    Education.SENIOR: 15,
    Education.COLLEGE: 18,
    Education.BACHELOR: 19,
}
PARENT_YEARS = 14


def relation_and_sex(value: str) -> str:
    relation, sex = value.split("/")
    return f"{_RELATION[relation]}，{_SEX[sex]}"


def relation_and_births(value: str) -> str:
    relation, own, head = value.split("/")
    return f"{_RELATION[relation]}，{own} 出生；户主 {head} 出生"


def birth_sentence(value: str) -> str:
    return f"{value} 出生"


def blank(_value: str) -> str:
    return "没有填"


def _too_near(*relations: str, parent: bool):
    """Relatives of another generation who are less than PARENT_YEARS apart from the head, or the wrong way
    round."""

    def find(members, _day):
        beside = with_head(members.filter(relation__in=relations))
        own, heads = day_number("birth_date"), day_number("head__birth_date")
        apart = heads - own if parent else own - heads
        return beside.annotate(
            apart=apart, value=several("relation", "birth_date", "head__birth_date")
        ).filter(apart__lt=PARENT_YEARS * 10000)

    return find


def _spouses(members, _day):
    return (
        with_head(members.filter(relation=Relation.SPOUSE))
        .filter(head__sex=F("sex"))
        .annotate(value=several("relation", "sex"))
    )


def _namesakes(members, _day):
    """Same name, sex and birth date in another household of the county under another number."""
    twin = Member.objects.filter(
        name=OuterRef("name"),
        birth_date=OuterRef("birth_date"),
        removed_on=None,
        sex=OuterRef("sex"),
        household__county=OuterRef("household__county"),
    ).exclude(household=OuterRef("household"))
    other = twin.order_by().values("name").annotate(first=Min("pk")).values("first")
    return (
        members.filter(Exists(twin))
        .annotate(twin=Subquery(other))
        .annotate(value=several("birth_date", "twin"))
    )


def _dead_and_here(members, _day):
    gone = Member.objects.filter(
        id_index=OuterRef("id_index"), removed_reason__startswith="死亡", removed_on__isnull=False
    )
    last = gone.order_by("-removed_on").values("removed_on")[:1]
    return members.filter(Exists(gone)).annotate(gone=Subquery(last)).annotate(value=text("gone"))


def _educated_too_young(members, day):
    too_young = Q()
    for education, age in YOUNGEST_EDUCATED.items():
        too_young |= Q(education=education) & younger(day, age)
    return members.filter(too_young).annotate(value=several("education", "birth_date"))


def _education_words(value: str) -> str:
    education, birth = value.split("/")
    return f"{_EDUCATION[education]}，{birth} 出生"


def _blank(column: str, *conditions):
    def find(members, day):
        return members.filter(*[condition(day) for condition in conditions], **{column: ""}).annotate(
            value=NOTHING
        )

    return find


def _check(
    code: str, title: str, group: str, severity: Severity, mender: Mender, find, words, why: str, remedy: str
):
    quality.register(Check(code, title, group, why, remedy, mender, severity, Member, find, words))


_check(
    "relation_sex",
    "与户主关系和性别不符",
    FAMILY,
    Severity.REFUSED,
    Mender.TOWNSHIP,
    lambda members, _day: members.filter(
        Q(relation__in=MEN, sex="female") | Q(relation__in=WOMEN, sex="male")
    ).annotate(value=several("relation", "sex")),
    relation_and_sex,
    "性别从证件号码读出。关系写“之子”而号码是女性，不是关系填错，就是号码填错。",
    "对照户口本和身份证，更正“与户主关系”；号码错的更正证件号码。",
)
_check(
    "spouse_sex",
    "户主和配偶性别相同",
    FAMILY,
    Severity.REFUSED,
    Mender.TOWNSHIP,
    _spouses,
    relation_and_sex,
    "夫妻二人的证件号码读出同一性别，至少有一个号码或关系有误。",
    "对照身份证更正号码，或更正“与户主关系”。",
)
_check(
    "child_age",
    "子女与户主年龄相差不到 14 岁",
    FAMILY,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _too_near(Relation.SON, Relation.DAUGHTER, parent=False),
    relation_and_births,
    "子女比户主大，或只小几岁，多半是户主变更以后没有把关系重新填，或号码有误。继子女、养子女可能属实。",
    "问清与现户主的关系后更正；确是继子女、养子女的，注明“已核实无误”。",
)
_check(
    "parent_age",
    "父母与户主年龄相差不到 14 岁",
    FAMILY,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _too_near(
        Relation.FATHER,
        Relation.MOTHER,
        Relation.WIFES_FATHER,
        Relation.WIFES_MOTHER,
        Relation.HUSBANDS_FATHER,
        Relation.HUSBANDS_MOTHER,
        parent=True,
    ),
    relation_and_births,
    "父母比户主小，或只大几岁，多半是户主变更以后没有把关系重新填。继父母可能属实。",
    "问清与现户主的关系后更正；确是继父母的，注明“已核实无误”。",
)
_check(
    "head_young",
    "户主不满 16 岁",
    FAMILY,
    Severity.DOUBTFUL,
    Mender.TOWNSHIP,
    lambda members, day: members.filter(younger(day, 16), relation=Relation.HEAD).annotate(
        value=text("birth_date")
    ),
    birth_sentence,
    "未成年人做户主，通知、签字、银行卡都办不了；孤儿户可能属实。",
    "有成年家人的，办理户主变更；确是孤儿户的，注明“已核实无误”。",
)
_check(
    "person_twice",
    "同名同日生的人在两户",
    PERSON,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _namesakes,
    lambda value: f"{value.split('/')[0]} 出生，另一户也有",
    "姓名、性别、出生日期都相同，号码不同，又在两户：可能是同一个人登记了两次，其中一个号码有误。",
    "查明是不是同一个人：是的，删去一处并更正号码；确是两个人的，注明“已核实无误”。",
)
_check(
    "dead_and_here",
    "已登记死亡，又在另一户",
    PERSON,
    Severity.REFUSED,
    Mender.TOWNSHIP,
    _dead_and_here,
    lambda value: f"{value} 登记死亡",
    "已经登记死亡的人又在册，会给死亡人员发放补助，审计必查。",
    "查明此人是否在世：误办死亡的，由原乡镇说明；确已死亡的，在现在这户办理死亡。",
)
_check(
    "birth_future",
    "出生日期晚于今天",
    PERSON,
    Severity.REFUSED,
    Mender.TOWNSHIP,
    lambda members, day: members.filter(birth_date__gt=day).annotate(value=text("birth_date")),
    birth_sentence,
    "出生日期来自证件号码，晚于今天说明号码有误。",
    "对照户口本更正证件号码。",
)
_check(
    "very_old",
    "年龄超过 110 岁",
    PERSON,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda members, day: members.filter(aged(day, 111)).annotate(value=text("birth_date")),
    birth_sentence,
    "多半是号码有误，或者已经去世没有办理减少。",
    "核实本人：已去世的办理死亡；号码有误的更正；确实在世的，注明“已核实无误”。",
)
_check(
    "education_age",
    "文化程度与年龄不符",
    PERSON,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _educated_too_young,
    _education_words,
    "按年龄不可能已经取得这个学历，多半是把在校年级填成了文化程度。",
    "文化程度填已经毕业的学历，正在读的填“在校生状况”。",
)
_check(
    "ethnic_blank",
    "没有民族",
    FORM,
    Severity.REFUSED,
    Mender.VILLAGE,
    _blank("ethnic_group"),
    blank,
    "标注录入时民族必填，缺了录不进全国系统。",
    "对照户口本补填。",
)
_check(
    "education_blank",
    "16 岁以上没有文化程度",
    FORM,
    Severity.REFUSED,
    Mender.VILLAGE,
    _blank("education", lambda day: aged(day, 16), lambda _day: Q(student="")),
    blank,
    "不在校的成年人须有文化程度，缺了录不进全国系统。",
    "问本人后补填；没有上过学的填“文盲或半文盲”。",
)
_check(
    "health_blank",
    "没有健康状况",
    FORM,
    Severity.REFUSED,
    Mender.VILLAGE,
    _blank("health"),
    blank,
    "标注录入时健康状况必填，判断因病、因残风险也要用。",
    "问本人后补填；没有病的填“健康”。",
)
_check(
    "health_contradicts",
    "健康状况前后矛盾",
    PERSON,
    Severity.REFUSED,
    Mender.VILLAGE,
    lambda members, _day: (
        members.filter(health__contains="健康").exclude(health="健康").annotate(value=text("health"))
    ),
    lambda value: value.replace(",", "、"),
    "写了“健康”，又写了疾病或残疾，两样不能同时成立。",
    "查看残疾证、诊断证明，只留一种说法。",
)
