"""情况通报: a paragraph of figures for the director, to be pasted into a message; bodies and counts, no
household."""

from django.db.models import Count, Q
from django.utils import timezone

from fangpin.common.actor import Actor
from screening import criteria
from screening.feeds import deliveries
from screening.models import Candidate, CandidateState, Lead, Round, Source, Verification, VerificationState
from screening.rounds import steps


def of_round(round: Round, user: Actor, *, owed: int, missing: list) -> str:
    """As of now, of the whole county; for a reader who may see its figures."""
    now = timezone.localtime()
    parts = [
        f"截至{now.month}月{now.day}日{now.hour}时，{round.county.short_name}{round}进展",
        _delivered(round, owed, missing),
        _villages(round, user),
        _leads(round, user),
        _verified(round, user),
        _decided(round, user),
    ]
    return f"{parts[0]}：{'；'.join(filter(None, parts[1:]))}。"


def _delivered(round: Round, owed: int, missing: list) -> str:
    if not owed:
        return ""
    words = f"部门数据应报{owed}类、已报{owed - len(missing)}类"
    if missing:
        words += f"，未报的有{deliveries.by_department(missing)}"
        if round.feeds_due:
            words += f"（期限{round.feeds_due.month}月{round.feeds_due.day}日）"
    return words


def _villages(round: Round, user: Actor) -> str:
    if not user.may("field.view"):
        return ""
    done, hamlets = steps.hamlets_done(round, user)
    return f"线下排查{hamlets}个屯（组）、已确认{done}个" if hamlets else ""


def _leads(round: Round, user: Actor) -> str:
    leads = Lead.objects.for_user(user).current().filter(round=round).order_by()
    counts = leads.aggregate(
        households=Count("household", distinct=True),
        online=Count("household", distinct=True, filter=Q(source=Source.ONLINE)),
        offline=Count("household", distinct=True, filter=Q(source=Source.OFFLINE)),
        subjects=Count("household", distinct=True, filter=Q(in_case=True)),
    )
    if not counts["households"]:
        return "还没有做数据比对" if round.swept_at is None else "数据比对没有发现风险线索"
    words = f"风险线索{counts['households']}户，其中线上{counts['online']}户、线下{counts['offline']}户"
    if counts["subjects"]:
        words += f"，已是防贫对象{counts['subjects']}户"
    by_kind = _by_criterion(leads)
    return f"{words}；按风险情形（一户可有多种）：{by_kind}" if by_kind else words


def _by_criterion(leads) -> str:
    counted = leads.aggregate(
        **{c.code: Count("household", distinct=True, filter=_of(c)) for c in criteria.CRITERIA}
    )
    return "、".join(f"{c.label}{counted[c.code]}户" for c in criteria.CRITERIA if counted[c.code])


def _of(criterion) -> Q:
    return Q(subcriterion__in=[sub.code for sub in criterion.subcriteria])


def _verified(round: Round, user: Actor) -> str:
    if not round.compared_at or not user.may("candidate.view"):
        return ""
    candidates = Candidate.objects.for_user(user).filter(round=round).exclude(state=CandidateState.WITHDRAWN)
    sides = candidates.aggregate(all=Count("pk"), consistent=Count("pk", filter=Q(side="consistent")))
    tasks = (
        Verification.objects.for_user(user)
        .filter(round=round)
        .aggregate(all=Count("pk"), answered=Count("pk", filter=~Q(state=VerificationState.ASKED)))
    )
    words = f"线上线下对比{sides['all']}户、情况一致{sides['consistent']}户"
    return f"{words}；交村核实{tasks['all']}户、已回{tasks['answered']}户" if tasks["all"] else words


def _decided(round: Round, user: Actor) -> str:
    if not user.may("candidate.view"):
        return ""
    listed = Candidate.objects.for_user(user).filter(round=round).listed().count()
    return f"列入建议名单{listed}户" if listed else ""
