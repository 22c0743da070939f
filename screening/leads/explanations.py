"""One Chinese sentence for each reason: which list and rows, or who was at the door; what was compared or
said, the threshold, the article."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from screening import criteria
from screening.criteria import questionnaire
from screening.criteria.base import Criterion, Finding, Subcriterion
from screening.models import Answer, Candidate, Lead, LeadReason, Round, Verification

# What the sentences of leads need prefetched.
REASONS = "reasons__entry__risks"


def sentence(reason: LeadReason, lead: Lead | None) -> str:
    """医保清单第 8412 行等 3 行：合规自付合计 23,650.00 元，达到本县标准 20,000.00 元（2020-01-19 起）·
    第七条（一）2"""
    if reason.entry_id and lead is not None:
        return _from_the_door(reason, lead)
    rule = criteria.rules()[reason.rule]
    rows = sorted(reason.rows, key=lambda row: (row["feed"], row["row"]))
    more = f"等 {len(rows)} 行" if len(rows) > 1 else ""
    words = rule.sentence(Finding(reason.value, reason.threshold, reason.threshold_since, rows))
    return f"{rule.kind.short}第 {rows[0]['row']} 行{more}：{words} · {rule.subcriterion.clause}"


def _from_the_door(reason: LeadReason, lead: Lead) -> str:
    """入户 3月11日 蓝桂芳（屯长 韦某）：房子坏了、成危房，没钱修（…），家里扛不住 · 第七条（一）3"""
    risks = questionnaire.ordered(
        risk
        for risk in reason.entry.risks.all()
        if risk.subcriterion == lead.subcriterion and risk.answer == Answer.CANNOT_BEAR
    )
    ticked = "；".join(
        f"{questionnaire.option_words(risk)}，{questionnaire.bear_words(risk)}" for risk in risks
    )
    words = f"。{reason.entry.words}" if reason.entry.words else ""
    return f"{reason.entry.visit_words}：{ticked}{words} · {criteria.subcriteria()[lead.subcriterion].clause}"


def sentences(lead: Lead) -> list[str]:
    """Sentences of the reasons that still hold; needs `REASONS` prefetched."""
    return [
        sentence(reason, lead)
        for reason in sorted(lead.reasons.all(), key=lambda r: r.rule)
        if reason.closed_at is None
    ]


@dataclass(frozen=True)
class LeadRow:
    """A lead for a page or an export: why it is there, in sentences, and what they are about.

    `gone_sentence` is of a lead that the lists no longer bear out, "" for every other.
    """

    lead: Lead
    subject: Subcriterion
    criterion: Criterion
    sentences: list[str]
    gone_sentence: str


def lead_row(lead: Lead) -> LeadRow:
    """Needs `REASONS` prefetched."""
    return LeadRow(
        lead=lead,
        subject=criteria.subcriteria()[lead.subcriterion],
        criterion=criteria.criterion_of(lead.subcriterion),
        sentences=sentences(lead),
        gone_sentence=gone_sentence(lead),
    )


def lead_rows(leads: Iterable[Lead]) -> list[LeadRow]:
    """Needs `REASONS` prefetched."""
    return [lead_row(lead) for lead in leads]


def closed_sentences(lead: Lead) -> list[tuple[str, datetime.datetime]]:
    """What a sweep found once and a later one no longer, with when that was; needs `REASONS` prefetched."""
    closed = [reason for reason in lead.reasons.all() if reason.closed_at is not None]
    return [
        (sentence(reason, lead), reason.closed_at) for reason in sorted(closed, key=lambda r: r.closed_at)
    ]


def gone_sentence(lead: Lead) -> str:
    """Of a lead that somebody has acted on and that the lists no longer bear out: since when, and what it
    said. "" for every other lead. Needs `REASONS` prefetched."""
    if lead.flagged_at is None:
        return ""
    former = "；".join(dict.fromkeys(words for words, _ in closed_sentences(lead)))
    lists = {criteria.rules()[r.rule].kind.short for r in lead.reasons.all() if not r.entry_id}
    day = timezone.localtime(lead.flagged_at)
    return (
        f"依据已消失：{day.month}月{day.day}日再次比对时，{'、'.join(sorted(lists))}里已没有这些行，或已达不到条件。"
        f"原来的依据：{former}"
    )


def gone_but_acted(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """依据已消失: leads that a newer list no longer bears out, though somebody has acted on them, as long as
    the household's way to the meeting, or the verification of its case, is not at its end."""
    same = {"round": OuterRef("round"), "household": OuterRef("household")}
    waiting = Candidate.objects.filter(**same, state__in=Candidate.UNSETTLED)
    asked = Verification.objects.filter(**same).exclude(case=None).open()
    flagged = leads.current().exclude(flagged_at=None)
    return flagged.filter(Exists(waiting) | Exists(asked), round__state__in=Round.SWEEPABLE)
