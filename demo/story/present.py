"""The present quarter after its first comparison of data: what villages reported, compared, partly
verified."""

import datetime
import random
from collections.abc import Mapping

from demo.story import handhelds
from demo.story.door import Door
from demo.story.past import ABOVE_LINE
from fangpin.accounts.models import User
from fangpin.policy import revisions
from households.models import Hamlet, Household, Lamp
from households.quality import reports
from screening.comparison import answering, confirming
from screening.comparison import compare as comparison
from screening.models import Answer, Lead, Round, Source, Verification, VerificationState


def go_on(round: Round, users: Mapping[str, User], rng: random.Random, *, on: datetime.date) -> None:
    """From the doors of the first village to what now waits: for the village, the township, a department, the
    office."""
    door = Door(round, users["village"], rng, on=on)
    village = users["village"].acting.division_id
    lit = Lead.objects.filter(round=round, source=Source.ONLINE, household__village=village, in_case=False)
    for lead in lit.select_related("household__hamlet").order_by("pk")[:3]:
        door.report(lead.household, lead.subcriterion)
    quiet = Household.objects.filter(village=village, lamp=Lamp.NONE).exclude(status="registered")
    quiet = list(quiet.select_related("hamlet").order_by("pk")[:3])
    for home, code in zip(quiet, ("housing.unsafe", "livelihood.unstable_employment"), strict=False):
        door.report(home, code, source="household")
    for home in quiet[2:]:
        door.nothing(home)
    door.sign_off(Hamlet.objects.filter(village=village).order_by("pk")[:2])
    comparison.compare_round(round, by=users["office"])
    _answer(round, users)
    handhelds.play(round, users, rng, on=on)
    reports.make_report(round.county)
    _drafts(round, users)


def _drafts(round: Round, users: Mapping[str, User]) -> None:
    """A county that thinks of a lower standard, and the region of another interval: both wait for their
    release."""
    begins = round.last_day + datetime.timedelta(days=1)
    revisions.draft(
        {"medical.threshold": 1_800_000},
        holds_from=begins,
        document=f"都扶领发〔{round.year}〕9号",
        reason="医保数据显示自付一万八千元以上的户已有困难",
        by=users["office"],
    )
    revisions.draft(
        {"followup.visit_days": 45},
        holds_from=begins,
        document=f"桂扶领发〔{round.year}〕6号",
        reason="各县反映每月走访在农忙时做不到",
        by=users["region"],
    )


def _answer(round: Round, users: Mapping[str, User]) -> None:
    """Three households looked at: one is confirmed already, two wait for the township; the rest waits for the
    village."""
    village, township = users["village"], users["township"]
    tasks = Verification.objects.for_user(village).filter(round=round, state=VerificationState.ASKED)
    for position, task in enumerate(tasks.order_by("pk")[:3]):
        given = Answer.COPES if position == 2 else Answer.CANNOT_BEAR
        answers = dict.fromkeys(answering.situations(task), (given, ""))
        words = "到家里看过，" + ("兄弟凑了钱，能解决" if given == Answer.COPES else "确实拿不出钱")
        answering.answer_task(task, answers, by=village, words=words, above_line_words=ABOVE_LINE)
        if position == 0:
            confirming.settle_tasks(Verification.objects.filter(pk=task.pk), by=township)
