"""取消重点关注 on a meeting's agenda (Art. 9): cases that village and township have found ready; the county's
meeting ends the attention or lets it go on. Nothing ends without its decision."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.values.dates import months_after
from fangpin.policy.services import in_force
from households.models import Case, CaseState, Follower, Risk, RiskState
from screening.meetings import planning
from screening.models import ItemKind, Meeting, ReleaseDecision, ReleaseItem
from screening.national import items as national


def available(meeting: Meeting) -> QuerySet[Case]:
    """Reviewed cases of the county that no open meeting has taken up."""
    taken = ReleaseItem.objects.filter(meeting__state__in=planning.OPEN).values("case")
    reviewed = Case.objects.filter(state=CaseState.REVIEWED, household__county=meeting.round.county_id)
    return reviewed.exclude(pk__in=taken)


def fill_releases(meeting: Meeting, *, by: Actor, cases: QuerySet[Case] | None = None) -> int:
    """Takes up all that wait, or the chosen. Returns how many. Raises Refused."""
    with transaction.atomic():
        locked = planning.locked(meeting.pk, by=by)
        chosen = available(locked)
        if cases is not None:
            wanted = list(cases.values_list("pk", flat=True))
            chosen = chosen.filter(pk__in=wanted)
            if missing := len(wanted) - chosen.count():
                raise Refused(f"有 {missing} 户还没有乡审核，或已在别的审定会议程上，整批没有列入。")
        keys = list(chosen.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        ReleaseItem.objects.bulk_create(
            [ReleaseItem(meeting=locked, case_id=pk) for pk in keys], batch_size=2000
        )
        audit.record(by, "meeting_releases", locked, households=len(keys))
    return len(keys)


def _chosen(items: QuerySet[ReleaseItem], *, by: Actor) -> tuple[Meeting, QuerySet[ReleaseItem]]:
    keys = list(items.values_list("pk", "meeting"))
    if not keys:
        raise Refused("没有选中任何一户。请先勾选。")
    if len({meeting for _, meeting in keys}) != 1:
        raise Refused("所选的户不在同一次审定会上，整批没有办理。")
    locked = planning.locked(keys[0][1], by=by)
    return locked, ReleaseItem.objects.filter(pk__in=[pk for pk, _ in keys])


def remove_releases(items: QuerySet[ReleaseItem], *, by: Actor) -> int:
    """Leaves cases for another meeting."""
    with transaction.atomic():
        locked, chosen = _chosen(items, by=by)
        count = chosen.count()
        chosen.delete()
        audit.record(by, "meeting_releases", locked, taken_off=count)
    return count


def decide_releases(items: QuerySet[ReleaseItem], decision: str, *, by: Actor, reason: str = "") -> int:
    """What the meeting says of one case or of many; going on wants a reason. "" takes it back."""
    reason = "" if decision in ("", ReleaseDecision.RELEASED) else reason.strip()
    if decision and decision not in ReleaseDecision.values:
        raise Refused("请选择同意取消重点关注或继续重点关注。")
    if decision == ReleaseDecision.CONTINUED and not reason:
        raise Refused("继续重点关注须写明理由，理由要写进会议纪要。")
    with transaction.atomic():
        locked, chosen = _chosen(items, by=by)
        before = dict(chosen.values_list("pk", "decision"))
        by_and_at = {"decided_by": by, "decided_at": timezone.now()} if decision else {}
        chosen.update(
            **{"decided_by": None, "decided_at": None} | by_and_at, decision=decision, reason=reason[:300]
        )
        audit.record(by, "release_decide", locked, households=len(before), decision=decision)
        audit.record_each(
            by,
            "release_decide",
            ReleaseItem,
            {pk: {"decision": [old, decision]} for pk, old in before.items()},
        )
    return len(before)


def obstacles(meeting: Meeting) -> list[str]:
    """Why the list can't take effect yet, in sentences."""
    items = ReleaseItem.objects.filter(meeting=meeting)
    undecided = items.filter(decision="").count()
    agreed = items.filter(decision=ReleaseDecision.RELEASED)
    moved = items.exclude(case__state=CaseState.REVIEWED).count() if meeting.state in planning.OPEN else 0
    risky = (
        agreed.filter(case__risks__state=RiskState.PROPOSED).values("case").distinct().count()
        if meeting.state in planning.OPEN
        else 0
    )
    sentences = (
        f"拟取消重点关注名单还有 {undecided} 户没有审定意见" * bool(undecided),
        f"拟取消重点关注名单有 {moved} 户已恢复重点关注（有新的风险），请移出名单" * bool(moved),
        f"同意取消重点关注的有 {risky} 户出现待核实的风险，请改为继续重点关注" * bool(risky),
    )
    return [sentence for sentence in sentences if sentence]


def checksum_text(meeting: Meeting) -> str:
    """The list as it goes into the paper's code; "" where there is none."""
    rows = ReleaseItem.objects.filter(meeting=meeting).order_by("case__household__number", "pk")
    lines = ["\t".join(row) for row in rows.values_list("case__household__number", "decision", "reason")]
    return "\n取消重点关注\n" + "\n".join(lines) if lines else ""


def totals(meeting: Meeting) -> dict[str, int]:
    counts = dict(
        ReleaseItem.objects.filter(meeting=meeting).order_by().values_list("decision").annotate(n=Count("pk"))
    )
    totals = {decision: counts.get(decision, 0) for decision in ReleaseDecision.values}
    return totals | {"undecided": counts.get("", 0), "all": sum(counts.values())}


def carry_out_releases(meeting: Meeting, *, by: Actor, on: datetime.date) -> dict[str, int]:
    """Inside the transaction that signs: agreed cases end with their risks and followers, the national system
    hears of it; the others go on. As many statements for one as for five hundred."""
    items = ReleaseItem.objects.filter(meeting=meeting)
    agreed = list(items.filter(decision=ReleaseDecision.RELEASED).values_list("case", flat=True))
    going_on = list(items.filter(decision=ReleaseDecision.CONTINUED).values_list("case", flat=True))
    if agreed:
        words = f"{meeting}：同意取消重点关注"
        day = max(on, _last_review(agreed))
        move(Case.objects.filter(pk__in=agreed), "release", by=by, opinion=words, stamps={"released_on": day})
        risks = list(Risk.objects.filter(case__in=agreed, state=RiskState.OPEN).values_list("pk", flat=True))
        if risks:
            move(Risk.objects.filter(pk__in=risks), "remove", by=by, opinion=words, stamps={"closed_on": day})
        Follower.objects.filter(case__in=agreed, ends_on=None, begins_on__lte=day).update(
            ends_on=day, reason="已取消重点关注"
        )
        national.create_items(agreed, ItemKind.RELEASE, by=by, reason="风险已消除，县级审定取消重点关注")
    if going_on:
        again = months_after(on, in_force(meeting.round.county, on)["followup.again_months"])
        stamps = {"evaluated_on": None, "reviewed_on": None, "evaluation_due": again}
        words = f"{meeting}：继续重点关注"
        move(Case.objects.filter(pk__in=going_on), "keep", by=by, opinion=words, stamps=stamps)
    return {"released": len(agreed), "continued": len(going_on)} if agreed or going_on else {}


def _last_review(cases: Iterable[int]) -> datetime.date:
    days = Case.objects.filter(pk__in=cases).order_by("-reviewed_on").values_list("reviewed_on", flat=True)
    return days[0] or timezone.localdate()
