"""Meetings at every point, for tests of what they do and of their pages."""

import datetime

from django.utils import timezone

from fangpin.accounts.roles import Role
from households.models import Household
from screening.comparison import compare as comparison
from screening.comparison import proposal, submission
from screening.meetings import agenda, decisions, planning, signing
from screening.meetings import members as attendance
from screening.models import AgendaItem, Candidate, Decision, Meeting, Round
from tests import factories
from tests.screening.rounds import quarter

PDF = b"%PDF-1.4 signed minutes"
NUMBER = "都扶领发〔2020〕5号"


def leader(name: str = "蓝志远", username: str = "leader"):
    return factories.user(username, Role.LEADING_GROUP, factories.COUNTY, name=name)


def secretary(name: str = "苏会务", username: str = "secretary"):
    return factories.user(username, Role.SECRETARY, factories.COUNTY, name=name)


def homes_of(count: int, **fields) -> list[Household]:
    made = [factories.household(members=2, **fields) for _ in range(count)]
    for home in made:
        factories.income(home, "6000", year=2019)
    return made


def submitted(round: Round, homes: list[Household], *, office, director, village) -> Round:
    """Every household consistent, on the list, and the list submitted."""
    for home in homes:
        quarter.online(round, home)
        quarter.offline(round, home, by=village)
    comparison.compare_round(round, by=office)
    proposal.put_on_list(Candidate.objects.filter(round=round).eligible(), by=office)
    return submission.submit_round(round, by=director)


def planned(round: Round, *, by, fill: bool = True, members=("蓝志远", "黄建华")) -> Meeting:
    meeting = planning.plan_meeting(
        round,
        by=by,
        planned_for=timezone.now() - datetime.timedelta(hours=2),
        place="县政府三楼会议室",
        chair="蓝志远",
        recorder="韦晓宁",
    )
    attendance.set_members(meeting, [attendance.Person(name, "县政府", "副县长") for name in members], by=by)
    if fill:
        agenda.fill_agenda(meeting, by=by)
    return meeting


def items(meeting: Meeting, *homes: Household):
    chosen = AgendaItem.objects.filter(meeting=meeting)
    return chosen.filter(candidate__household__in=homes) if homes else chosen


def held(meeting: Meeting, *, by, declined=(), deferred=()) -> Meeting:
    """Every household taken in but those named."""
    decisions.decide_items(items(meeting), Decision.APPROVED, by=by)
    if declined:
        decisions.decide_items(items(meeting, *declined), Decision.DECLINED, by=by, reason="家里能解决")
    if deferred:
        decisions.decide_items(items(meeting, *deferred), Decision.DEFERRED, by=by, reason="等出院再看")
    return decisions.hold_meeting(meeting, by=by)


def registered(meeting: Meeting, *, by) -> Meeting:
    return signing.register_minutes(
        meeting, by=by, document=NUMBER, signer="蓝志远", signed_on=timezone.localdate(), scan=PDF
    )


def typed_back(meeting: Meeting) -> dict[str, int]:
    return {place.code: n for place, n in decisions.approved_by_township(meeting).items()}


def confirmed(meeting: Meeting, *, by) -> Meeting:
    return signing.confirm_minutes(
        meeting, by=by, document=NUMBER, signer="蓝志远", approved=typed_back(meeting)
    )
