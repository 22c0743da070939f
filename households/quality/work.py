"""Checks of school, labour and work."""

from django.db.models import Q

from households import quality
from households.codelists import Labour, Student
from households.models import Member
from households.quality import Check, Mender, Severity
from households.quality.members import FORM, birth_sentence, blank
from households.quality.terms import NOTHING, aged, several, text, younger

SCHOOL, WORK = "在校情况", "劳动和务工"
ABLE, UNABLE = (Labour.ORDINARY, Labour.SKILLED), (Labour.LOST, Labour.NONE)
AT_SCHOOL = ~Q(student__in=("", Student.PRESCHOOL_AGE))
_STUDENT, _LABOUR = dict(Student.choices), dict(Labour.choices)

_JUNIOR = (Student.GRADE_7, Student.GRADE_8, Student.GRADE_9)
_SENIOR = (
    Student.SENIOR_1,
    Student.SENIOR_2,
    Student.SENIOR_3,
    Student.VOCATIONAL_1,
    Student.VOCATIONAL_2,
    Student.VOCATIONAL_3,
)
_HIGHER = tuple(
    value
    for value in Student.values
    if value.startswith(("higher_", "technician_", "bachelor_")) or value == Student.MASTER
)
# Level → the youngest and the oldest in it; a few years of leeway on both sides.
LEVELS = (
    ((Student.PRESCHOOL_AGE, Student.KINDERGARTEN), 0, 8),
    ((Student.PRIMARY,), 5, 17),
    (_JUNIOR, 10, 20),
    (_SENIOR, 13, 25),
    (_HIGHER, 14, 30),
)


def _wrong_level(members, day):
    wrong = Q()
    for values, youngest, oldest in LEVELS:
        wrong |= Q(student__in=values) & (younger(day, youngest) | aged(day, oldest + 1))
    # Beyond these ages nobody is at school at all: that is told by another check.
    return members.filter(wrong, aged(day, 3, 30)).annotate(value=several("student", "birth_date"))


def _student_words(value: str) -> str:
    student, birth = value.split("/")
    return f"{_STUDENT[student]}，{birth} 出生"


def _labour_words(value: str) -> str:
    return _LABOUR[value]


def _months_words(value: str) -> str:
    months, labour = value.split("/")
    return f"务工 {months} 个月，{_LABOUR[labour]}"


def _labour_birth_words(value: str) -> str:
    labour, birth = value.split("/")
    return f"{_LABOUR[labour]}，{birth} 出生"


def _check(
    code: str, title: str, group: str, severity: Severity, mender: Mender, find, words, why: str, remedy: str
):
    quality.register(Check(code, title, group, why, remedy, mender, severity, Member, find, words))


_check(
    "pupil_blank",
    "6 至 15 岁没有在校生状况",
    SCHOOL,
    Severity.REFUSED,
    Mender.VILLAGE,
    lambda members, day: members.filter(aged(day, 6, 15), student="").annotate(value=text("birth_date")),
    birth_sentence,
    "义务教育阶段的孩子须写明在哪一级上学，否则看不出有没有失学辍学。",
    "问家里和学校，补填在校生状况；已经辍学的，请村里在入户排查中填报。",
)
_check(
    "student_age",
    "30 岁以上或不满 3 岁在校",
    SCHOOL,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda members, day: (
        members.filter(AT_SCHOOL)
        .filter(aged(day, 31) | younger(day, 3))
        .annotate(value=several("student", "birth_date"))
    ),
    _student_words,
    "多半是毕业以后没有改，或填错了人。",
    "已毕业的清空在校生状况、补填文化程度；确实在读的，注明“已核实无误”。",
)
_check(
    "student_level",
    "就读年级与年龄不符",
    SCHOOL,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    _wrong_level,
    _student_words,
    "年级没有随学年更新，教育帮扶会按错的学段算。",
    "按本学年的年级更正；确实留级、休学的，注明“已核实无误”。",
)
_check(
    "labour_blank",
    "16 至 59 岁没有劳动技能",
    FORM,
    Severity.REFUSED,
    Mender.VILLAGE,
    lambda members, day: (
        members.filter(aged(day, 16, 59), labour="").exclude(AT_SCHOOL).annotate(value=NOTHING)
    ),
    blank,
    "劳动年龄内的人须写明劳动能力，缺了录不进全国系统，也判断不了就业、劳动力风险。",
    "按本人情况补填：普通、技能、弱或半劳动力、丧失、无劳动力。",
)
_check(
    "labour_age",
    "不满 16 岁或年过 80 写为有劳动力",
    WORK,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda members, day: (
        members.filter(labour__in=ABLE)
        .filter(younger(day, 16) | aged(day, 80))
        .annotate(value=several("labour", "birth_date"))
    ),
    _labour_birth_words,
    "孩子和高龄老人写成普通劳动力、技能劳动力，会使这户看起来有人能挣钱。",
    "更正劳动技能；孩子填“无劳动力”。",
)
_check(
    "months_unable",
    "没有劳动力却有务工月数",
    WORK,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda members, _day: members.filter(labour__in=UNABLE, work_months__gt=0).annotate(
        value=several("work_months", "labour")
    ),
    _months_words,
    "丧失劳动力、无劳动力的人不应有务工时间，两项至少错一项。",
    "问清是否还在务工，更正劳动技能或务工月数。",
)
_check(
    "months_blank",
    "有劳动力没有务工月数",
    WORK,
    Severity.DOUBTFUL,
    Mender.VILLAGE,
    lambda members, day: (
        members.filter(aged(day, 16, 59), labour__in=ABLE, work_months=None)
        .exclude(AT_SCHOOL)
        .annotate(value=text("labour"))
    ),
    _labour_words,
    "没有务工月数的按 0 个月算，就业不稳的比对会多报。",
    "补填今年务工几个月；没有外出务工的填 0。",
)
_check(
    "months_range",
    "务工月数超过 12",
    WORK,
    Severity.REFUSED,
    Mender.VILLAGE,
    lambda members, _day: members.filter(work_months__gt=12).annotate(value=text("work_months")),
    lambda value: f"{value} 个月",
    "一年最多 12 个月，多半是填成了天数或累计数。",
    "按今年务工的月数更正。",
)
