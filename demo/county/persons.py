"""What a registry writes of one person: schooling, labour, health by age. Pure functions of a random
source."""

import datetime
import random

from households import rules
from households.codelists import Education, Labour, Student

_SENIOR = (Student.SENIOR_1, Student.SENIOR_2, Student.SENIOR_3)
_VOCATIONAL = (Student.VOCATIONAL_1, Student.VOCATIONAL_2, Student.VOCATIONAL_3)
_BACHELOR = (Student.BACHELOR_1, Student.BACHELOR_2, Student.BACHELOR_3, Student.BACHELOR_4)
_COLLEGE = (Student.HIGHER_VOCATIONAL_1, Student.HIGHER_VOCATIONAL_2, Student.HIGHER_VOCATIONAL_3)
_JUNIOR = (Student.GRADE_7, Student.GRADE_8, Student.GRADE_9)
# Ages from → shares of none, primary, junior, senior, college, bachelor.
_EDUCATION = (
    (65, (45, 45, 9, 1, 0, 0)),
    (45, (6, 42, 42, 8, 2, 0)),
    (25, (0, 10, 55, 20, 11, 4)),
    (0, (0, 2, 50, 33, 12, 3)),
)


def describe(rng: random.Random, birth: datetime.date, day: datetime.date) -> dict:
    """Cells of a person born on `birth`, as the registry of `day` has them."""
    age = rules.age_on(birth, day)
    student = _student(rng.random(), rules.age_on(birth, _school_year(day)))
    health = _health(rng.random(), age)
    labour = Labour.NONE if age < 16 or student else _labour(rng.random(), age, health)
    working = labour in (Labour.ORDINARY, Labour.SKILLED)
    return {
        "student": student,
        "education": _education(rng, age, student),
        "health": health,
        "labour": labour,
        "work_months": _months(rng) if working else None,
        "major_illness_insured": rng.random() < 0.97,
    }


def _school_year(day: datetime.date) -> datetime.date:
    """The first of September on or before `day`: who is six by then goes to school."""
    return datetime.date(day.year - (day.month < 9), 9, 1)


def _student(chance: float, age: int) -> str:
    if age < 3:
        return Student.PRESCHOOL_AGE
    if age < 6:
        return Student.KINDERGARTEN
    if age < 15:
        if chance < 0.01:
            return ""  # out of school
        return Student.PRIMARY if age < 12 else _JUNIOR[age - 12]
    if age < 18:
        return _SENIOR[age - 15] if chance < 0.6 else _VOCATIONAL[age - 15] if chance < 0.88 else ""
    if age < 22 and chance < 0.3:
        return _BACHELOR[age - 18]
    if age < 21 and chance < 0.55:
        return _COLLEGE[age - 18]
    return ""


def _education(rng: random.Random, age: int, student: str) -> str:
    if student in _BACHELOR or student in _COLLEGE:
        return Education.SENIOR
    if age < 16 or student:
        return ""
    shares = next(shares for since, shares in _EDUCATION if age >= since)
    return rng.choices(list(Education), shares)[0]


def _health(chance: float, age: int) -> str:
    disabled, ill, chronic = (
        (0.06, 0.08, 0.33) if age > 60 else (0.03, 0.04, 0.1) if age > 15 else (0.01,) * 3
    )
    if chance < disabled:
        return "残疾"
    return "患有大病" if chance < ill else "长期慢性病" if chance < chronic else "健康"


def _labour(chance: float, age: int, health: str) -> str:
    if health == "残疾":
        return Labour.LOST if chance < 0.5 else Labour.WEAK
    if health == "患有大病" or age > 65:
        return Labour.NONE if age > 65 and chance < 0.7 else Labour.WEAK
    if age > 60:
        return Labour.WEAK if chance < 0.6 else Labour.ORDINARY
    return Labour.SKILLED if chance < 0.12 else Labour.ORDINARY


def _months(rng: random.Random) -> int:
    chance = rng.random()
    return rng.randint(6, 11) if chance < 0.55 else rng.randint(1, 5) if chance < 0.75 else 0
