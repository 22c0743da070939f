"""What could not take effect by itself: a person puts it in effect, or lays it aside."""

from django.db import transaction

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from households.models import Household
from screening.field import leads as offline
from screening.field.leads import tags_of
from screening.models import FieldEntry, IncomeEstimate, Lead, Round


def settle_entry(
    entry: FieldEntry, *, by: Actor, words: str, applies: bool, household: Household | None = None
) -> str:
    """A person deals with an entry that could not take effect: it `applies` to `household` (its own, unless
    named) in the round under way, or it is laid aside. Returns what came of it. Raises Refused, or what the
    door raises."""
    if not (words := words.strip()):
        raise Refused("请写明怎么处理的，例如已补进户册、已转告某村。")
    with transaction.atomic():
        home = household or entry.household
        round = _round_under_way(entry) if applies else entry.round
        stamps = {"household": home, "round": round}
        move(FieldEntry.objects.filter(pk=entry.pk), "deal_with", by=by, opinion=words, stamps=stamps)
        entry.refresh_from_db()
        sentence = _apply(entry, by=by) if applies else "已处理，不列入。"
        audit.record(by, "entry_settle", entry, applies=applies, words=words)
    return sentence


def _apply(entry: FieldEntry, *, by: Actor) -> str:
    """The effect that an entry would have had, in the round under way."""
    _check_home(entry.household, by=by)
    if entry.household and (income := entry.extras.get("income")):
        IncomeEstimate.objects.create(
            round=entry.round, household=entry.household, entry=entry, by=entry.by, **income
        )
    leads, refusal = offline.raise_leads(entry, entry.round)
    return f"已处理。{_leads_sentence(leads, refusal)}"


def _round_under_way(entry: FieldEntry) -> Round:
    rounds = Round.objects.select_for_update(of=("self",)).filter(county=entry.round.county_id)
    if entry.round.is_sweepable:
        return rounds.get(pk=entry.round_id)
    round = rounds.filter(state__in=Round.SWEEPABLE).order_by("-year", "-quarter").first()
    if round is None:
        raise Refused("现在没有正在进行的季度排查，等下个季度开启后再列入，或选“不列入”。")
    return round


def _check_home(home: Household | None, *, by: Actor) -> None:
    if home is None:
        raise Refused("户册里还没有这一户。请先补进户册，再回来选定是哪一户。")
    if not Household.objects.for_user(by).filter(pk=home.pk).exists():
        raise Refused("选的户不在您的范围内。")


def _leads_sentence(leads: list[Lead], refusal: str) -> str:
    if refusal:
        return f"不亮灯：{refusal}。"
    if not leads:
        return "记录里没有要亮灯的情况。"
    return f"这户亮灯（村级上报）：{tags_of(leads)}。"
