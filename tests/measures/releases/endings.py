"""Cases on their way to a release, for tests."""

import datetime

from django.utils import timezone

from fangpin.accounts.models import User
from fangpin.accounts.roles import Role
from households.models import Case
from measures.models import Evaluation, Review
from measures.releases import releases
from screening.meetings import members, planning
from screening.models import Meeting
from tests import factories
from tests.measures import makers

THREE = ("蓝支书", "韦主任", "农队长")


def today() -> datetime.date:
    return timezone.localdate()


def ripe(kind: str = "marginal", *risks: str, **fields) -> Case:
    """A case whose year is over."""
    return makers.case(
        kind, *(risks or ("housing.unsafe",)), on=today() - datetime.timedelta(days=380), **fields
    )


def evaluated(case: Case, *, by, gone: bool = True, **changed) -> Evaluation:
    given = {
        "on": today() - datetime.timedelta(days=6),
        "participants": THREE,
        "outcome": "gone" if gone else "continues",
        "risks": dict.fromkeys(case.risks.filter(state="open"), (gone, "")),
        "words": "房子修好了，住得踏实",
    }
    return releases.evaluate_case(case, by=by, **given | changed)


def reviewed(*cases: Case, by, agreed: bool = True, words: str = "", **changed) -> Review:
    given = {"on": today() - datetime.timedelta(days=3), "way": "党政班子会", "participants": ("镇长",)}
    chosen = Case.objects.filter(pk__in=[case.pk for case in cases])
    return releases.review_cases(chosen, by=by, agreed=agreed, words=words, **given | changed)


def sitting(round, *, by) -> Meeting:
    """A meeting with members and an empty agenda, of a round that has been submitted."""
    type(round).objects.filter(pk=round.pk).update(state="submitted")
    meeting = planning.plan_meeting(
        round, by=by, planned_for=timezone.now() - datetime.timedelta(hours=2), place="三楼", chair="蓝志远"
    )
    members.set_members(meeting, [members.Person("蓝志远", "县政府", "副县长")], by=by)
    return meeting


def leader() -> User:
    known = User.objects.filter(username="leader").first()
    return (
        known.act_in(known.duties.get())
        if known
        else factories.user("leader", Role.LEADING_GROUP, factories.COUNTY)
    )
