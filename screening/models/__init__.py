"""Round · Feed, FeedRow · FieldEntry, HamletSignOff · Lead, LeadReason · Candidate, Verification · Meeting ·
NationalItem: one aggregate a file."""

from .agenda import AgendaItem, Decision, Recusal
from .candidate_moves import CandidateState
from .candidates import Candidate, Side
from .feeds import Feed, FeedRow, FeedState, RowStatus
from .field import Answer, Bear, EntryRisk, EntryState, FieldEntry, HamletNote, HamletSignOff, IncomeEstimate
from .headings import HeadingMemory
from .inquiries import DepartmentInquiry
from .leads import Lead, LeadReason, Source
from .meetings import Attendance, Meeting, MeetingState
from .national import AnswerSheet, CursorCounter, ItemKind, ItemState, NationalItem
from .photos import EntryPhoto, VerificationPhoto
from .releases import ReleaseDecision, ReleaseItem
from .round_states import RoundState
from .rounds import Round
from .simulations import Change, Simulation, SimulationRow
from .triage import MatchMemory, RowSettlement
from .verifications import Verification, VerificationAnswer, VerificationState

__all__ = [
    "AgendaItem",
    "Answer",
    "AnswerSheet",
    "Attendance",
    "Bear",
    "Candidate",
    "CandidateState",
    "Change",
    "CursorCounter",
    "Decision",
    "DepartmentInquiry",
    "EntryPhoto",
    "EntryRisk",
    "EntryState",
    "Feed",
    "FeedRow",
    "FeedState",
    "FieldEntry",
    "HamletNote",
    "HamletSignOff",
    "HeadingMemory",
    "IncomeEstimate",
    "ItemKind",
    "ItemState",
    "Lead",
    "LeadReason",
    "MatchMemory",
    "Meeting",
    "MeetingState",
    "NationalItem",
    "Recusal",
    "ReleaseDecision",
    "ReleaseItem",
    "Round",
    "RoundState",
    "RowSettlement",
    "RowStatus",
    "Side",
    "Simulation",
    "SimulationRow",
    "Source",
    "Verification",
    "VerificationAnswer",
    "VerificationPhoto",
    "VerificationState",
]
