"""A year of help: households of the list taken over, ordered, helped, visited; two are on their way to a
release."""

import datetime
from collections.abc import Mapping

from demo.story.helping import Helping
from fangpin.accounts.models import User
from households import followers
from households.models import Case
from measures.catalogue import drafts as catalogue_drafts
from measures.models import Outcome
from measures.releases import releases

# Risk, its words, and what the department does: type, yuan, more.
COURSES = {
    "monitored": (
        ("medical.out_of_pocket", "户主做透析，报销后每月自己还要出两千多", ("medical_aid", 4_800, {})),
        (
            "livelihood.unstable_employment",
            "夫妻俩返乡后没有找到活",
            ("job_post", None, {"monthly_pay": 80_000, "employer": "村保洁员"}),
        ),
    ),
    "marginal": (
        ("housing.unsafe", "后墙开裂，雨天不敢住", ("housing_renovation", 28_000, {})),
        ("medical.out_of_pocket", "孩子住院花了四万，报销后还欠债", ("medical_insurance", 3_500, {})),
    ),
}
STANDARDS = {
    "medical_aid": {"ceiling_kind": "rate", "ceiling_rate": 7_000},
    "housing_renovation": {"cap": 3_000_000},
    "yulu": {"cap": 150_000},
    "job_post": {"cap": 100_000},
}
SEEN = ("same", "better", "better", "better", "gone")


def play(users: Mapping[str, User], *, on: datetime.date) -> None:
    """Everything lies before the present quarter."""
    _standards(users, on)
    village = users["village"].acting.division_id
    cases = list(
        Case.objects.open().filter(household__village=village).select_related("household").order_by("pk")
    )
    for category in ("monitored", "marginal"):
        own = [case for case in cases if case.category == category][:2]
        if own:
            _visit_each(own, users["helper" if category == "monitored" else "workteam"], users["office"])
        for place, case in enumerate(own):
            _year(case, COURSES[category][place], users, is_ending=place == 0)


def _standards(users: Mapping[str, User], on: datetime.date) -> None:
    """The county has told what a lifted household gets; one more waits for the director."""
    year = on.year - 2
    for code, changes in STANDARDS.items():
        draft = catalogue_drafts.draft_version(
            code,
            by=users["office"],
            holds_from=datetime.date(year, 1, 1),
            document=f"都扶领发〔{year}〕1号",
            changes=changes,
        )
        catalogue_drafts.publish_version(draft, by=users["director"])
    catalogue_drafts.draft_version(
        "temporary_relief",
        by=users["office"],
        holds_from=datetime.date(on.year + 1, 1, 1),
        document=f"都扶领发〔{on.year}〕11号",
        changes={"cap": 400_000},
    )


def _visit_each(cases: list[Case], to: User, office: User) -> None:
    followers.hand_over(Case.objects.filter(pk__in=[c.pk for c in cases]), to, by=office, reason="指定")
    for case in cases:
        case.followers.update(begins_on=case.identified_on)


def _year(case: Case, course: tuple, users: Mapping[str, User], *, is_ending: bool) -> None:
    risk, words, (code, yuan, more) = course
    helping, begun = Helping(users), case.identified_on
    days = datetime.timedelta
    sheet = helping.ordered(case, {risk: words}, on=begun + days(20))
    helping.delivered(sheet, code, yuan, more, on=begun + days(34), case=case)
    for number, seen in enumerate(SEEN):
        if number == 4 and not is_ending:
            seen = "better"
        helping.visited(case, on=begun + days(60 + 65 * number), seen=seen)
    if is_ending:
        _evaluated(case, users, case.follow_until + days(2), Outcome.GONE)
        releases.review_cases(
            Case.objects.filter(pk=case.pk),
            by=users["township"],
            on=case.follow_until + days(8),
            way="党政班子会",
            participants=["覃立新", "镇长", "人大主席"],
            agreed=True,
        )


def _evaluated(case: Case, users: Mapping[str, User], on: datetime.date, outcome: str) -> None:
    releases.evaluate_case(
        case,
        by=users["village"],
        on=on,
        participants=["蓝桂芳", "农振宇", "村民代表 韦国强"],
        outcome=outcome,
        risks=dict.fromkeys(case.risks.filter(state="open"), (outcome == Outcome.GONE, "")),
        words="举措都到户了，收入稳定，群众评议没有异议",
        follower_words="同意",
        household_words="同意，现在能自己过日子",
        per_head=780_000,
        secured=dict.fromkeys(("education", "medical", "housing", "water"), True),
    )
