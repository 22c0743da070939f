"""The quarter before: played from the departments' lists to a signed meeting, so that there are prevention
subjects, items for the national system and a second meeting that waits for its signature."""

import datetime
import io
import random
from collections.abc import Mapping

from django.utils import timezone

from demo.story.door import Door
from fangpin.accounts.models import Division, User
from fangpin.common.workbooks.writing import write_rows
from households.models import AnnualIncome, Hamlet, Household, Member
from screening import criteria
from screening.comparison import answering, confirming, proposal, readiness, submission
from screening.comparison import compare as comparison
from screening.feeds import receiving
from screening.meetings import agenda, decisions, members, planning, releases, signing
from screening.models import (
    Answer,
    Candidate,
    Decision,
    Meeting,
    NationalItem,
    Recusal,
    ReleaseDecision,
    ReleaseItem,
    Round,
    Verification,
)
from screening.national import acknowledgements
from screening.national import items as national
from screening.quarters import Quarter
from screening.rounds import opening as rounds
from screening.sweep import jobs

MEDICAL = (
    "姓名",
    "身份证号码",
    "结算日期",
    "就医类型",
    "医疗总费用",
    "合规费用",
    "基本医保报销",
    "大病保险报销",
    "医疗救助",
    "其他赔付",
    "参保类型",
)
HOUSING = ("户主姓名", "户主身份证号码", "鉴定等级", "鉴定日期", "成因", "改造情况", "唯一住房")
CADRES = ("village", "village2", "village3")  # of the villages that the story goes through
TOWNSHIPS = ("township", "township2")
ABOVE_LINE = "收入是去年打工挣的，今年主要劳动力生病在家，没有进项"


def play(county: Division, users: Mapping[str, User], rng: random.Random, quarter: Quarter) -> Round:
    """Returns the round: submitted, its first meeting signed, its second one held."""
    month = datetime.date(quarter.year, quarter.number * 3, 1)
    round = rounds.open_round(county, quarter, by=users["office"], on=month)
    homes = _homes(users, quarter.year)
    _deliver(round, homes, users)
    jobs.sweep_now(round, by=users["office"])
    _at_the_doors(round, homes, users, rng, month + datetime.timedelta(days=9))
    comparison.compare_round(round, by=users["office"])
    _verify(round, users)
    proposal.put_on_list(Candidate.objects.filter(round=round).eligible(), by=users["office"])
    submission.submit_round(round, by=users["director"])
    _meetings(round, users)
    _answer_for_national_system(users)
    return round


def _homes(users: Mapping[str, User], year: int) -> list[Household]:
    """Households of the three villages with an income on record and without a case, lifted and ordinary
    ones."""
    chosen: list[Household] = []
    for cadre, most in zip(CADRES, (10, 4, 4), strict=True):
        village = users[cadre].acting.division_id
        known = AnnualIncome.objects.filter(household__village=village, year__lt=year).values("household")
        homes = Household.objects.filter(village=village, cases=None, pk__in=known).exclude(
            status="registered"
        )
        chosen += list(homes.select_related("hamlet").order_by("-pk")[:most])
    return chosen


def _deliver(round: Round, homes: list[Household], users: Mapping[str, User]) -> None:
    heads = dict(Member.objects.filter(household__in=homes, relation="head").values_list("household", "pk"))
    people = Member.objects.in_bulk(heads.values())
    day = round.last_day - datetime.timedelta(days=40)
    medical, housing = [], []
    for position, home in enumerate(homes):
        head = people[heads[home.pk]]
        if position % 3 == 0:
            housing.append([head.name, head.id_number, "D", day, "自然灾害", "未改造", "是"])
        elif position % 3 == 1:
            medical.append(
                [head.name, head.id_number, day, "住院", 61000, 52000, 21000, 5000, 1000, 0, "城乡居民"]
            )
    kinds = criteria.feed_kinds()
    for kind, headings, rows, user in (
        ("medical_settlement", MEDICAL, medical, "dept-insurance"),
        ("unsafe_housing", HOUSING, housing, "dept-housing"),
    ):
        stream = io.BytesIO()
        write_rows(stream, headings, rows)
        receiving.deliver_feed(
            round,
            kinds[kind],
            file_name=f"{kinds[kind].label}.xlsx",
            content=stream.getvalue(),
            by=users[user],
        )
    _deliver_empty(round, users)


def _deliver_empty(round: Round, users: Mapping[str, User]) -> None:
    """The other departments had nobody to report: lists of headings alone."""
    for kind in criteria.feed_kinds().values():
        if kind.code in ("medical_settlement", "unsafe_housing"):
            continue
        stream = io.BytesIO()
        write_rows(stream, [column.heading for column in kind.columns], [])
        for department in kind.departments:
            receiving.deliver_feed(
                round,
                kind,
                file_name=f"{kind.label}（无对象）.xlsx",
                content=stream.getvalue(),
                by=users[f"dept-{department}"],
            )


def _at_the_doors(round: Round, homes: list[Household], users, rng: random.Random, on: datetime.date) -> None:
    """Some of what the lists say is reported too, some is not, and two households only the village knows."""
    for cadre in CADRES:
        door = Door(round, users[cadre], rng, on=on)
        own = [home for home in homes if home.village_id == users[cadre].acting.division_id]
        for position, home in enumerate(own):
            place = homes.index(home) % 3
            if place == 2:
                door.report(home, "livelihood.production_loss", source="household")
            elif position % 4 != 3:
                door.report(home, "housing.unsafe" if place == 0 else "medical.out_of_pocket")
        door.sign_off(Hamlet.objects.filter(village=users[cadre].acting.division_id).order_by("pk"))


def _verify(round: Round, users: Mapping[str, User]) -> None:
    """The villages answer, the townships confirm; one copes, one is carried over."""
    line = round.parameters["income.line"]
    for cadre in CADRES:
        tasks = Verification.objects.for_user(users[cadre]).filter(round=round).order_by("pk")
        for position, task in enumerate(tasks):
            given = Answer.COPES if position == 1 else Answer.CANNOT_BEAR
            words = "儿子在广东寄钱回来，自己能修" if given == Answer.COPES else "到家里看过，确实拿不出钱"
            answers = dict.fromkeys(answering.situations(task), (given, ""))
            answering.answer_task(task, answers, by=users[cadre], words=words, above_line_words=ABOVE_LINE)
    for township in TOWNSHIPS:
        verifications = Verification.objects.for_user(users[township]).filter(round=round)
        if verifications.exists():  # a small county has nobody in some of the villages
            confirming.settle_tasks(verifications, by=users[township])
    above = [
        candidate.pk
        for candidate in readiness.with_income(Candidate.objects.filter(round=round)).select_related(
            "household"
        )
        if readiness.income_of(candidate, line).above_line
    ]
    Candidate.objects.filter(pk__in=above, above_line_words="").update(above_line_words=ABOVE_LINE)


def _meetings(round: Round, users: Mapping[str, User]) -> tuple[Meeting, Meeting]:
    """The first takes the larger part and is signed; the second has the rest and waits."""
    everyone = list(submission.waiting_for_decision(round).order_by("pk").values_list("pk", flat=True))
    cut = len(everyone) * 2 // 3
    first = _planned(round, users, everyone[:cut], days=2, document="5")
    items = first.items.order_by("candidate")
    decisions.decide_items(items, Decision.APPROVED, by=users["office"])
    _decide(items, 1, Decision.DECLINED, "家里有固定工资，能自己解决", users)
    _decide(items, 2, Decision.DEFERRED, "等残联鉴定结果", users)
    decisions.hold_meeting(first, by=users["office"])
    signing.sign_meeting(first, by=users["leader"])
    second = _planned(round, users, everyone[cut:], days=0, document="6")
    decisions.decide_items(second.items.all(), Decision.APPROVED, by=users["office"])
    if releases.fill_releases(second, by=users["office"]):
        decided = ReleaseItem.objects.filter(meeting=second)
        releases.decide_releases(decided, ReleaseDecision.RELEASED, by=users["office"])
    decisions.hold_meeting(second, by=users["office"])
    return first, second


def _planned(round: Round, users, candidates: list[int], *, days: int, document: str) -> Meeting:
    day = round.last_day - datetime.timedelta(days=days)
    when = timezone.make_aware(datetime.datetime.combine(day, datetime.time(9)))
    office = users["office"]
    meeting = planning.plan_meeting(
        round,
        by=office,
        planned_for=when,
        place="县政府三楼会议室",
        chair="蓝志远",
        recorder="韦晓宁",
        document=f"都扶领发〔{round.year}〕{document}号",
        requirements="会后 5 个工作日内完成标注录入，10 个工作日内开单。",
    )
    people = (
        ("蓝志远", "县人民政府", "副县长"),
        ("黄建华", "县扶贫办", "主任"),
        ("潘丽萍", "县财政局", "副局长"),
        ("韦丽娟", "县医保局", "副局长"),
        ("黄永强", "县住建局", "副局长"),
    )
    members.set_members(meeting, [members.Person(*person) for person in people], by=office)
    agenda.fill_agenda(meeting, by=office, candidates=Candidate.objects.filter(pk__in=candidates))
    _settle_recusals(meeting, office)
    return meeting


def _settle_recusals(meeting: Meeting, office: User) -> None:
    for recusal in Recusal.objects.filter(item__meeting=meeting):
        members.settle_recusal(recusal, Recusal.Outcome.NOT_KIN, by=office)


def _decide(items, position: int, decision: str, reason: str, users) -> None:
    keys = list(items.values_list("pk", flat=True)[position : position + 1])
    if not keys:  # a small county has fewer households on its list
        return
    decisions.decide_items(
        items.model.objects.filter(pk__in=keys), decision, by=users["office"], reason=reason
    )


def _answer_for_national_system(users: Mapping[str, User]) -> None:
    """Some items are acknowledged, one came back with its reason, the rest wait."""
    info = users["info"]
    items = NationalItem.objects.for_user(info).order_by("pk")
    keys = list(items.values_list("pk", flat=True)[:4])
    national.offer(items.filter(pk__in=keys), by=info)
    taken = list(NationalItem.objects.filter(pk__in=keys).order_by("pk"))
    answers = [
        acknowledgements.Answer(str(item.uuid), national_number=f"4512280{number:06d}")
        for number, item in enumerate(taken[:3], start=1)
    ]
    answers += [
        acknowledgements.Answer(str(item.uuid), error="户主身份证号码与系统不一致") for item in taken[3:]
    ]
    acknowledgements.record_answers(answers, by=info)
