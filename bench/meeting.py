"""A meeting of 2,000 candidates signed in bulk, beside a loop of save(), and the bare statements as the
floor."""

import datetime
import time
from collections.abc import Callable, Iterator

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import county
from bench.timing import Measure
from fangpin.accounts.acting import user_for
from fangpin.accounts.models import Division
from fangpin.common.models import StatusRecord
from fangpin.common.transitions import move
from households.models import Household
from screening.meetings import agenda, decisions, members, planning, signing
from screening.models import Candidate, Decision, Lead, Meeting, Round
from screening.quarters import Quarter
from screening.rounds.opening import open_round

HELD = "meeting.sign"


def held_meeting(count: int) -> Meeting:
    """A submitted round whose list of `count` households stands decided on the agenda of one held meeting."""
    round = open_round(Division.objects.get(code=county.COUNTY), Quarter(2020, 2), by=county.office())
    now = timezone.now()
    homes = Household.objects.filter(county=county.COUNTY, cases=None).exclude(status="registered")
    chosen = list(homes.order_by("pk")[:count])
    Lead.objects.bulk_create(
        Lead(
            round=round,
            household=home,
            source=source,
            subcriterion="medical.out_of_pocket",
            category=home.category,
            above_line=False,
            in_case=False,
        )
        for home in chosen
        for source in ("online", "offline")
    )
    Candidate.objects.bulk_create(
        Candidate(
            round=round,
            household=home,
            state="consistent",
            side="consistent",
            category=home.category,
            listed_at=now,
            listed_by=county.office(),
        )
        for home in chosen
    )
    Round.objects.filter(pk=round.pk).update(state="submitted", compared_at=now, submitted_at=now)
    meeting = planning.plan_meeting(
        round,
        by=county.office(),
        planned_for=now - datetime.timedelta(hours=2),
        place="会议室",
        chair="蓝志远",
        recorder="韦晓宁",
        document="都扶领发〔2020〕9号",
    )
    members.set_members(meeting, [members.Person("蓝志远", "县政府")], by=county.office())
    agenda.fill_agenda(meeting, by=county.office())
    decisions.decide_items(meeting.items.all(), Decision.APPROVED, by=county.office())
    return decisions.hold_meeting(meeting, by=county.office())


def rolled_back(work: Callable[[], object], repeat: int) -> list[float]:
    seconds = []
    for _ in range(repeat):
        with transaction.atomic():
            started = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - started)
            transaction.set_rollback(True)
    return seconds


def decided_and_signed(count: int, repeat: int) -> Iterator[Measure]:
    """The door alone against a loop of save(), then the whole of a signature; every turn is rolled back."""
    meeting = held_meeting(count)
    leader = user_for("leader", HELD, county.COUNTY)
    candidates = Candidate.objects.filter(round=meeting.round_id)

    def approve() -> None:
        move(candidates.filter(pk__in=list(candidates.values_list("pk", flat=True))), "approve", by=leader)

    def sign() -> None:
        signing.sign_meeting(Meeting.objects.get(pk=meeting.pk), by=leader)

    yield Measure(
        f"{count:,} decisions through the door, a status record each",
        "≤ 6 × one UPDATE and one INSERT … SELECT; a loop of save() beside it",
        rolled_back(approve, repeat),
        rolled_back(lambda: _floor(meeting), repeat),
        rolled_back(lambda: _one_by_one(meeting), 1),
        note=f"{_statements(approve)} statements",
    )
    yield Measure(
        f"a meeting of {count:,} households signed: also cases, risks, national items, their records, lamps",
        "constant number of statements",
        rolled_back(sign, repeat),
        note=f"{_statements(sign)} statements",
    )


def _statements(work: Callable[[], object]) -> int:
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            work()
        transaction.set_rollback(True)
    return len(captured)


def _floor(meeting: Meeting) -> None:
    """The decisions and their records alone: one UPDATE, one INSERT … SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE screening_candidate SET state = 'approved' WHERE round_id = %s AND state = 'consistent'",
            [meeting.round_id],
        )
        cursor.execute(
            "INSERT INTO common_statusrecord (model, object_id, transition, from_state, to_state, at, "
            "opinion) "
            "SELECT 'screening.candidate', id, 'approve', 'consistent', 'approved', now(), '' "
            "FROM screening_candidate WHERE round_id = %s",
            [meeting.round_id],
        )


def _one_by_one(meeting: Meeting) -> None:
    """The same two writes for each household, as a loop of save() does them."""
    for candidate in Candidate.objects.filter(round=meeting.round_id):
        with transaction.atomic():
            fresh = Candidate.objects.select_for_update().get(pk=candidate.pk)
            fresh.__dict__["state"] = "approved"
            fresh.save()
            StatusRecord.objects.create(
                model="screening.candidate",
                object_id=fresh.pk,
                transition="approve",
                from_state="consistent",
                to_state="approved",
            )
