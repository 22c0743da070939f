"""Who counts as labour: of working age and not in school. Shared by the rules over work and over lost
labour."""

import datetime

from fangpin.policy.services import PolicySet
from households.codelists import NOT_IN_SCHOOL
from households.models import Member
from households.rules import age_on, years_before


def births(policy: PolicySet, day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """(latest birth that counts, latest birth that counts no more) for the working age on `day`."""
    return years_before(day, policy["labour.age_from"]), years_before(day, policy["labour.age_to"] + 1)


def lacking(member: Member, policy: PolicySet, day: datetime.date, then: str = "") -> list[str]:
    """Why somebody is not labour on `day` (`then` in words), in words; nothing where he is."""
    low, high = policy["labour.age_from"], policy["labour.age_to"]
    age = age_on(member.birth_date, day)
    missing = [] if low <= age <= high else [f"{then or f'{day} 时'} {age} 岁，不在 {low} 至 {high} 岁"]
    if member.student not in NOT_IN_SCHOOL:
        missing.append(f"在校（{member.get_student_display()}）")
    return missing
