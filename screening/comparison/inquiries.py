"""部门数据 of a candidate: what each department's list says of the household (record / none / not delivered),
and what departments answer about households that only the village reported (Art. 7(2)2)."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone

from fangpin.accounts.models import Department
from fangpin.common import audit, database
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from households.codelists import Relation
from households.models import Member
from screening import criteria
from screening.criteria.base import FeedKind, Subcriterion
from screening.models import (
    Candidate,
    CandidateState,
    DepartmentInquiry,
    Feed,
    FeedRow,
    FeedState,
    Round,
    RowStatus,
    Side,
    Source,
)

_ASK = """
INSERT INTO screening_departmentinquiry (candidate_id, department_id, subcriterion, due_on)
SELECT c.id, d.id, l.subcriterion, {due}
FROM screening_candidate c
JOIN screening_lead l ON l.round_id = c.round_id AND l.household_id = c.household_id
  AND l.source = %(offline)s AND l.withdrawn_at IS NULL
JOIN accounts_department d ON d.county_id = %(county)s AND d.code = CASE l.subcriterion {departments} END
WHERE c.round_id = %(round)s AND c.state = %(to_verify)s AND c.side IN (%(offline_only)s, %(mismatch)s)
ORDER BY c.id, l.id
ON CONFLICT (candidate_id, department_id, subcriterion) DO NOTHING
"""


def ask_departments(round: Round, *, due: datetime.date | None) -> int:
    """Asks the department of each situation that only the village reported; twice is once."""
    departments = " ".join(
        f"WHEN '{sub.code}' THEN '{sub.department}'" for sub in criteria.subcriteria().values()
    )
    params = {
        "due": due.isoformat() if due else None,
        "county": round.county_id,
        "round": round.pk,
        "offline": Source.OFFLINE.value,
        "to_verify": CandidateState.TO_VERIFY.value,
        "offline_only": Side.OFFLINE_ONLY.value,
        "mismatch": Side.MISMATCH.value,
    }
    date = "CAST(%(due)s AS date)" if database.is_postgres() else "%(due)s"
    return database.run(_ASK.format(due=date, departments=departments), params)


@dataclass(frozen=True)
class InquiryRow:
    """What a department was asked; `masked_number` of the household's head where the list shows it."""

    inquiry: DepartmentInquiry
    subject: Subcriterion
    masked_number: str = ""


def inquiry_rows(asked: Iterable[DepartmentInquiry]) -> list[InquiryRow]:
    """Rows of the departments' page, in one statement more than `asked`; needs `candidate`."""
    shown = list(asked)
    numbers = _masked_numbers(shown)
    return [
        InquiryRow(
            inquiry,
            criteria.subcriteria()[inquiry.subcriterion],
            numbers.get(inquiry.candidate.household_id, ""),
        )
        for inquiry in shown
    ]


def _masked_numbers(asked: Iterable[DepartmentInquiry]) -> dict[int, str]:
    """Household → the masked number of its head: enough to find the row in one's own system."""
    households = [inquiry.candidate.household_id for inquiry in asked]
    heads = Member.objects.current().filter(household__in=households, relation=Relation.HEAD)
    return {head.household_id: head.masked_id for head in heads}


def reply(inquiry: DepartmentInquiry, *, by: Actor, answer: str, words: str = "") -> DepartmentInquiry:
    """A department's answer: it has a record, or none; it may correct itself while the round is under way."""
    if (
        not by.may("inquiry.reply")
        or not DepartmentInquiry.objects.for_user(by).filter(pk=inquiry.pk).exists()
    ):
        raise Refused("您当前的岗位不能答复这项查询。")
    if answer not in DepartmentInquiry.Reply.values:
        raise Refused("请选择“有记录”或“没有记录”。")
    if answer == DepartmentInquiry.Reply.RECORD and not words.strip():
        raise Refused("有记录的，请写明是什么记录，例如日期和金额。")
    with transaction.atomic():
        locked = DepartmentInquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
        round = Round.objects.get(candidates=locked.candidate_id)
        if not round.is_sweepable:
            raise Refused(f"{round}{round.get_state_display()}，不能再答复。")
        locked.reply, locked.words = answer, words.strip()[:300]
        locked.replied_at, locked.replied_by = timezone.now(), by
        locked.save(update_fields=["reply", "words", "replied_at", "replied_by"])
        audit.record(by, "inquiry_reply", locked, reply=answer)
    return locked


@dataclass
class DepartmentLine:
    """What one department's list says of a household: `rows` matched rows; None where it has not
    delivered."""

    kind: FeedKind
    department: Department
    rows: int | None
    first_row: int | None = None

    @property
    def state(self) -> str:
        return "missing" if self.rows is None else "record" if self.rows else "none"

    @property
    def sentence(self) -> str:
        nothing = {"missing": "还没有报送", "none": "没有记录"}.get(self.state)
        more = f"等 {self.rows} 行" if self.rows and self.rows > 1 else ""
        return nothing or f"有记录（第 {self.first_row} 行{more}）"


def department_boxes(candidates: Iterable[Candidate], round: Round) -> dict[int, list[DepartmentLine]]:
    """Candidate → a line for each list of the round, in five statements for any number of candidates."""
    shown = list(candidates)
    departments = {d.code: d for d in Department.objects.filter(county=round.county_id)}
    feeds = {
        (feed.kind, feed.department_id): feed.pk
        for feed in Feed.objects.filter(round=round, state=FeedState.MATCHED)
    }
    matched = FeedRow.objects.filter(feed__in=feeds.values(), status=RowStatus.MATCHED)
    homes = [candidate.household_id for candidate in shown]
    # By the household's own rows, then by the few of its hamlet or village.
    counted = [
        rows.values_list(home, "feed").annotate(Count("pk"), Min("row_no"))
        for home, rows in (
            ("household", matched.filter(household__in=homes)),
            ("home", matched.of_areas_around(homes)),
        )
    ]
    counts: dict[tuple[int, int], tuple[int, int]] = {}
    for household, feed, count, first in chain(*counted):
        before, earliest = counts.get((household, feed), (0, first))
        counts[household, feed] = (before + count, min(earliest, first))
    owed = [(kind, departments[code]) for kind in criteria.feed_kinds().values() for code in kind.departments]
    return {
        candidate.pk: [_line(candidate, kind, department, feeds, counts) for kind, department in owed]
        for candidate in shown
    }


def asked_of(candidates: Iterable[Candidate]) -> dict[int, list[InquiryRow]]:
    """Candidate → what departments were asked about it, in one statement."""
    asked: dict[int, list[InquiryRow]] = defaultdict(list)
    inquiries = DepartmentInquiry.objects.filter(candidate__in=list(candidates))
    for inquiry in inquiries.select_related("department", "replied_by").order_by("id"):
        subject = criteria.subcriteria()[inquiry.subcriterion]
        asked[inquiry.candidate_id].append(InquiryRow(inquiry, subject))
    return asked


def _line(
    candidate: Candidate,
    kind: FeedKind,
    department: Department,
    feeds: dict[tuple[str, int], int],
    counts: dict[tuple[int, int], tuple[int, int]],
) -> DepartmentLine:
    feed = feeds.get((kind.code, department.pk))
    if feed is None:
        return DepartmentLine(kind, department, None)
    if (candidate.household_id, feed) not in counts:
        return DepartmentLine(kind, department, 0)
    count, first = counts[candidate.household_id, feed]
    return DepartmentLine(kind, department, count, first)
