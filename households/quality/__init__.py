"""户册疑点: what cadres and the national system stumble over, each check one small declaration.

A check stands in `households`, `members`, `pupils` or `work` of this package; another app adds its own when
it is ready:

    quality.register(Check( code="helped_and_able", title="…", group="…", why="…", remedy="…",
    mender=Mender.VILLAGE, severity=Severity.DOUBTFUL, subject=Member, find=lambda members, day:
    members.filter(…).annotate(value=…), words=lambda value: "…", ))

`find(rows, day)` takes the current members, or the households that are not closed, of an area and gives those
in doubt with `value`: the stored value as text. A doubt that somebody has marked as known stays away as long
as `value` is the same, so it holds what is stored (a birth date), never what changes by itself (an age).
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from households.models import Household, KnownDoubt, Member


class Severity(models.TextChoices):
    REFUSED = "refused", "全国系统不接收"
    DOUBTFUL = "doubtful", "存疑，请核对"


class Mender(models.TextChoices):
    TOWNSHIP = "township", "乡镇在“户册变动”中更正"
    OFFICE = "office", "县办公室办理"
    VILLAGE = "village", "村里查明后报乡镇更正"
    IMPORT = "import", "补进户册或收入表后重新导入"


@dataclass(frozen=True)
class Check:
    code: str
    title: str
    group: str
    why: str
    remedy: str
    mender: Mender
    severity: Severity
    subject: type[models.Model]  # Household or Member
    find: Callable[[QuerySet, datetime.date], QuerySet]
    words: Callable[[str], str]  # `value` in the words of the page

    @property
    def is_of_member(self) -> bool:
        return self.subject is Member

    @property
    def village_path(self) -> str:
        return "household__village_id" if self.is_of_member else "village_id"


_checks: dict[str, Check] = {}


def register(check: Check) -> Check:
    _checks[check.code] = check
    return check


def checks() -> list[Check]:
    return list(_checks.values())


def find(code: str) -> Check | None:
    return _checks.get(code)


def base(check: Check, households: QuerySet[Household]) -> QuerySet:
    """The rows that a check looks at, of `households` (in scope already)."""
    current = households.filter(closed_on=None)
    if not check.is_of_member:
        return current
    return Member.objects.current().filter(household__in=current)


def base_of_area(check: Check, code: str) -> QuerySet:
    """The same of a whole division, as one range: for counting, and for commands."""
    if check.is_of_member:
        return Member.objects.current().filter(household__closed_on=None).in_area(code)
    return Household.objects.filter(closed_on=None).in_area(code)


def doubts(check: Check, rows: QuerySet, day: datetime.date, *, known: bool = False) -> QuerySet:
    """Rows in doubt, each with `value`; those marked as known only where `known` asks for them, and only
    those."""
    in_doubt = check.find(rows, day)
    marked = Exists(_marks(check))
    return in_doubt.filter(marked) if known else in_doubt.filter(~marked)


def _marks(check: Check) -> QuerySet[KnownDoubt]:
    about = (
        {"member": OuterRef("pk")} if check.is_of_member else {"household": OuterRef("pk"), "member": None}
    )
    return KnownDoubt.objects.filter(check_code=check.code, found=OuterRef("value"), **about)
