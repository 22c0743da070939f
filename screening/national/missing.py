"""What the national system demands of a household and the registry lacks (Art. 7(2)3)."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from households import rules
from households.codelists import Category
from households.models import Household, Member
from screening.models import NationalItem


def missing_fields(household: Household) -> list[str]:
    """What the national system demands and the registry lacks, a line a person; empty where nothing is
    missing. A marginal household is entered whole, of a monitored one the system has the members already."""
    return missing_of([household]).get(household.pk, [])


def missing_of(households: QuerySet[Household] | Iterable[Household]) -> dict[int, list[str]]:
    """Household → what it lacks, for those that lack something; one query more than `households`."""
    homes = {home.pk: home for home in households}
    members: dict[int, list[Member]] = {}
    whole = [pk for pk, home in homes.items() if home.category != Category.MONITORED]
    for member in (
        Member.objects.current().filter(household__in=whole).defer("id_number", "phone").order_by("id")
    ):
        members.setdefault(member.household_id, []).append(member)
    lacking = {pk: _lacks(home, members.get(pk, [])) for pk, home in homes.items()}
    return {pk: lines for pk, lines in lacking.items() if lines}


def _lacks(home: Household, members: list[Member]) -> list[str]:
    own = ["户联系电话"] if not home.phone else []
    if home.category != Category.MONITORED:
        own += ["自然村"] if home.hamlet_id is None else []
        own += ["危房户（住房等级）"] if not home.housing_grade else []
        own += ["是否解决安全饮用水"] if home.water_secured is None else []
        if not any(member.is_head for member in members):
            own += ["户主"]
    lines = [f"本户：{'、'.join(own)}"] if own else []
    for member in members:
        if lacks := _member_lacks(member):
            lines.append(f"{member.name}：{'、'.join(lacks)}")
    return lines


def _member_lacks(member: Member) -> list[str]:
    """Education or schooling is always needed, a labour skill from 16 years on."""
    asked = {
        "民族": member.ethnic_group,
        "文化程度或在校生状况": member.education or member.student,
        "健康状况": member.health,
        "劳动技能": member.labour or rules.age_on(member.birth_date, timezone.localdate()) < 16,
        "是否参加大病保险": member.major_illness_insured is not None,
    }
    return [name for name, filled in asked.items() if not filled]


def lacking_households(items: QuerySet[NationalItem]) -> list[int]:
    """Households of `items` that lack something that the national system demands."""
    return list(missing_of(Household.objects.filter(pk__in=items.order_by().values("case__household"))))
