"""Leads of both sources without files or forms, for tests of what follows them."""

from fangpin.common.transitions import move
from households.models import Household
from screening import criteria
from screening.comparison import answering, confirming, proposal, submission
from screening.comparison import compare as comparison
from screening.models import Candidate, EntryRisk, FieldEntry, Lead, LeadReason, Round, Verification
from screening.models.field import Answer

PLACE = {"named": None, "hamlet": "", "day": "2020-02-20"}  # what a row about water tells besides
MEDICAL, HOUSING, DROPOUT = "medical.out_of_pocket", "housing.unsafe", "education.dropout"


def online(round: Round, home: Household, code: str = MEDICAL) -> Lead:
    lead = Lead.objects.create(
        round=round,
        household=home,
        source="online",
        subcriterion=code,
        category=home.category,
        above_line=False,
        in_case=False,
    )
    rule = next(rule for rule in criteria.rules().values() if rule.subcriterion.code == code)
    LeadReason.objects.create(
        lead=lead,
        rule=rule.code,
        version=1,
        article="Art. 7(1)2",
        value=2_000_000,
        threshold=2_000_000,
        threshold_since="2020-01-19",
        rows=[{"feed": 1, "row": 2, "amount": 1, "age": 12, "word": "因贫"} | PLACE],
    )
    return lead


def offline(round: Round, home: Household, code: str = MEDICAL, *, by, is_kin: bool = False) -> Lead:
    entry = FieldEntry.objects.create(
        digest="x",
        round=round,
        village_id=home.village_id,
        household=home,
        visited_on="2020-03-11",
        way="visit",
        visitors="蓝桂芳",
        source="cadre",
        is_kin=is_kin,
        by=by,
    )
    EntryRisk.objects.create(entry=entry, option=code, subcriterion=code, answer=Answer.CANNOT_BEAR)
    lead = Lead.objects.create(
        round=round,
        household=home,
        source="offline",
        subcriterion=code,
        category=home.category,
        above_line=False,
        in_case=False,
    )
    LeadReason.objects.create(
        lead=lead, rule=f"entry/{entry.pk}", version=1, article="Art. 7(1)2", rows=[], entry=entry
    )
    return lead


def answered(home: Household, given: str = Answer.CANNOT_BEAR, *, by, words: str = "看过") -> Verification:
    task = Verification.objects.get(household=home)
    answers = dict.fromkeys(answering.situations(task), (given, words))
    return answering.answer_task(task, answers, by=by, words=words)


def confirmed(home: Household, *, village, township) -> Candidate:
    answered(home, by=village)
    confirming.settle_tasks(Verification.objects.filter(household=home), by=township)
    return Candidate.objects.get(household=home)


def submitted(round: Round, *, office, director) -> Round:
    """Everything eligible put on the list, and the list submitted."""
    eligible = Candidate.objects.filter(round=round).eligible().filter(listed_at=None)
    if eligible.exists():
        proposal.put_on_list(eligible, by=office)
    return submission.submit_round(round, by=director)


__all__ = [
    "MEDICAL",
    "HOUSING",
    "DROPOUT",
    "answered",
    "comparison",
    "confirmed",
    "move",
    "offline",
    "online",
    "submitted",
]
