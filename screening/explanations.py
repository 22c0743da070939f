"""One Chinese sentence for each reason: which list and rows, what was compared, the threshold, the article."""

import datetime
from collections.abc import Iterable

from screening import criteria
from screening.criteria.base import Finding
from screening.models import Lead, LeadReason


def sentence(reason: LeadReason) -> str:
    """医保清单第 8412 行等 3 行：合规自付合计 23,650.00 元，达到本县标准 20,000.00 元（2020-01-19 起）· 第七条（一）2"""
    if reason.entry_id:
        return _told_at_the_door(reason)
    rule = criteria.rules()[reason.rule]
    rows = sorted(reason.rows, key=lambda row: (row["feed"], row["row"]))
    more = f"等 {len(rows)} 行" if len(rows) > 1 else ""
    told = rule.tell(Finding(reason.value, reason.threshold, reason.threshold_since, rows))
    return f"{rule.kind.short}第 {rows[0]['row']} 行{more}：{told} · {rule.subcriterion.clause}"


def _told_at_the_door(reason: LeadReason) -> str:
    """入户 3月11日 蓝桂芳（屯长 韦卫国）：家里扛不住 · 第七条（一）3; needs `reasons__entry__risks` prefetched."""
    entry = reason.entry
    guide = f"（屯长 {entry.hamlet_head}）" if entry.hamlet_head else ""
    own = [risk for risk in entry.risks.all() if risk.subcriterion == reason.lead.subcriterion]
    told = "；".join(risk.words or risk.get_answer_display() for risk in own) or entry.words
    subject = criteria.subcriteria()[reason.lead.subcriterion]
    return f"入户 {entry.visited_on.month}月{entry.visited_on.day}日 {entry.visitors}{guide}：{told} · {subject.clause}"


def sentences(lead: Lead) -> list[str]:
    """Sentences of the reasons that still hold; needs `reasons` prefetched."""
    return [
        sentence(reason)
        for reason in sorted(lead.reasons.all(), key=lambda r: r.rule)
        if reason.closed_at is None
    ]


def with_sentences(leads: Iterable[Lead]) -> list[Lead]:
    for lead in leads:
        lead.sentences = sentences(lead)
        lead.subject = criteria.subcriteria()[lead.subcriterion]
        lead.criterion = criteria.criterion_of(lead.subcriterion)
    return list(leads)


def closed_sentences(lead: Lead) -> list[tuple[str, datetime.datetime]]:
    """What a sweep found once and later no longer, with when it was gone; needs `reasons` prefetched."""
    closed = [reason for reason in lead.reasons.all() if reason.closed_at is not None]
    return [(sentence(reason), reason.closed_at) for reason in sorted(closed, key=lambda r: r.closed_at)]
