"""走访 (Art. 9): who follows a household says what was seen, risk by risk and measure by measure."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from fangpin.common.files import pictures, private_files
from fangpin.common.refusals import Refused
from fangpin.policy.services import NoPolicy, in_force
from households import rules
from households.models import Case, HelperAssignment, Household, Risk, RiskState
from measures.models import Arrived, Measure, MeasureState, Seen, Visit, VisitMeasure, VisitPhoto, VisitRisk

SUBSTITUTES = (Role.VILLAGE_CADRE, Role.TOWNSHIP)
GUARANTEES = {"education": "教育", "medical": "医疗", "housing": "住房", "water": "饮水"}
PARTS = ("wages", "business", "property_income", "transfers", "costs")


def open_case(household: Household) -> Case | None:
    return Case.objects.open().filter(household=household.pk).first()


def visit_subjects(case: Case | None) -> tuple[list[Risk], list[Measure]]:
    """Open risks and measures that a visit asks about."""
    return visit_subjects_by_case([case])[case.pk] if case else ([], [])


def visit_subjects_by_case(cases: Sequence[Case]) -> dict[int, tuple[list[Risk], list[Measure]]]:
    """Case → its subjects, in two statements for any number of cases."""
    subjects: dict[int, tuple[list[Risk], list[Measure]]] = {case.pk: ([], []) for case in cases}
    for risk in Risk.objects.filter(case__in=cases, state=RiskState.OPEN).order_by("subcriterion"):
        subjects[risk.case_id][0].append(risk)
    measures = Measure.objects.not_cancelled().filter(
        case__in=cases, state__in=[*Measure.OUTSTANDING, MeasureState.DELIVERED]
    )
    for measure in measures.select_related("type", "department").order_by("planned_at"):
        subjects[measure.case_id][1].append(measure)
    return subjects


def may_visit(household: Household, case: Case | None, user: Actor) -> bool:
    """The follower, the helper named for the household, and who may visit in their place: cadre, work team
    and township of the place."""
    if not user.may("visit.make") or not Household.objects.for_user(user).filter(pk=household.pk).exists():
        return False
    role = user.duty.role
    if role in (*SUBSTITUTES, Role.WORK_TEAM):
        return True
    is_follower = case is not None and case.followers.filter(user=user.pk, ends_on=None).exists()
    today = timezone.localdate()
    named = HelperAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), household=household.pk, user=user.pk, begins_on__lte=today
    )
    return is_follower or named.exists()


def record_visit(
    household: Household,
    *,
    by: Actor,
    on: datetime.date,
    way: str = Visit.Way.DOOR,
    visitors: Sequence[str] = (),
    spoke_with: str = "",
    risks: Mapping[Risk, tuple[str, str]] | None = None,
    measures: Mapping[Measure, tuple[str, str]] | None = None,
    words: str = "",
    wishes: str = "",
    new_risk: str = "",
    estimate: Mapping[str, int] | None = None,
    secured: Mapping[str, bool] | None = None,
    photos: Sequence[bytes] = (),
    key: uuid.UUID | None = None,
) -> Visit:
    """Records a visit with its risks, measures and photos (Art. 9). `estimate`: parts of the year's income in
    fen, and `heads`. A second call with the same `key` returns the first visit. Raises Refused."""
    key = key or uuid.uuid4()
    cleaned = _cleaned(photos)
    with transaction.atomic():
        home = Household.objects.select_for_update(no_key=True).get(pk=household.pk)
        if (known := Visit.objects.filter(key=key).first()) is not None:
            return _sent_before(known, home, by)
        case = open_case(home)
        _check(home, case, by, on, way, visitors)
        estimate = dict(estimate or {})
        visit = Visit.objects.create(
            household=home,
            case=case,
            on=on,
            way=way,
            visitors=[v.strip() for v in visitors if v.strip()],
            by=by,
            spoke_with=spoke_with.strip()[:40],
            words=words.strip()[:500],
            wishes=wishes.strip()[:300],
            has_new_risk=bool(new_risk.strip()),
            new_risk_words=new_risk.strip()[:300],
            per_head=_per_head(estimate),
            estimate=estimate,
            secured=dict(secured or {}),
            key=key,
        )
        _record_risks(visit, case, risks or {})
        _record_measures(visit, case, measures or {})
        _store_photos(visit, cleaned, by)
        audit.record(by, "visit_record", home, visit=visit.pk, on=on.isoformat(), photos=len(cleaned))
    return visit


def _sent_before(known: Visit, home: Household, by: Actor) -> Visit:
    if (known.household_id, known.by_id) != (home.pk, by.pk):
        raise Refused("这份走访表已经用过，请重新打开再填。")
    return known


def _check(
    home: Household, case: Case | None, by: Actor, on: datetime.date, way: str, visitors: Sequence[str]
) -> None:
    if not may_visit(home, case, by):
        raise Refused("这户不由您跟踪，也不在您可以代为走访的范围，不能登记走访。")
    if home.closed_on is not None:
        raise Refused("这户已经注销，不能登记走访。")
    if on > timezone.localdate():
        raise Refused("走访日期不能晚于今天。")
    if case is not None and on < case.identified_on:
        raise Refused(f"这户 {case.identified_on} 才认定，走访日期不能更早。")
    if way not in Visit.Way.values:
        raise Refused("请选择走访方式。")
    if not [name for name in visitors if name.strip()]:
        raise Refused("请填写走访人。")


def _per_head(estimate: Mapping[str, int]) -> int | None:
    heads = estimate.get("heads")
    if not heads or not any(estimate.get(part) for part in PARTS):
        return None
    net = rules.net_income(**{part: estimate.get(part, 0) for part in PARTS})
    return rules.per_head(net, heads)


def income_line(user: Actor, day: datetime.date) -> int | None:
    """Against which income is read, fen a head and year (Art. 2); None without a policy."""
    try:
        return in_force(user.duty.division, day)["income.line"]
    except NoPolicy:
        return None


def _record_risks(visit: Visit, case: Case | None, sightings: Mapping[Risk, tuple[str, str]]) -> None:
    own = set(case.risks.filter(state=RiskState.OPEN).values_list("pk", flat=True)) if case else set()
    if any(risk.pk not in own or seen not in Seen.values for risk, (seen, _) in sightings.items()):
        raise Refused("所填的风险不是这户现在的风险，请刷新后再填。")
    VisitRisk.objects.bulk_create(
        [
            VisitRisk(visit=visit, risk=risk, seen=seen, words=words[:200])
            for risk, (seen, words) in sightings.items()
        ]
    )


def _record_measures(visit: Visit, case: Case | None, answers: Mapping[Measure, tuple[str, str]]) -> None:
    own = set(case.measures.not_cancelled().values_list("pk", flat=True)) if case else set()
    if any(
        measure.pk not in own or arrived not in Arrived.values for measure, (arrived, _) in answers.items()
    ):
        raise Refused("所填的举措不是这户的举措，请刷新后再填。")
    VisitMeasure.objects.bulk_create(
        [
            VisitMeasure(visit=visit, measure=measure, arrived=arrived, words=words[:200])
            for measure, (arrived, words) in answers.items()
        ]
    )


def _cleaned(photos: Sequence[bytes]) -> list[bytes]:
    if len(photos) > VisitPhoto.MOST:
        raise Refused(f"一次走访最多 {VisitPhoto.MOST} 张照片。")
    try:
        return [pictures.clean(content) for content in photos]
    except pictures.PictureRefused as error:
        raise Refused(error.message) from error


def _store_photos(visit: Visit, cleaned: Sequence[bytes], by: Actor) -> None:
    """The last thing written: what was stored is taken away again where the database refuses it."""
    with ExitStack() as stack:
        VisitPhoto.objects.bulk_create(
            [
                VisitPhoto(
                    visit=visit,
                    stored_name=stack.enter_context(private_files.stored(content)),
                    digest=private_files.digest(content),
                    by=by,
                )
                for content in dict.fromkeys(cleaned)
            ]
        )


def may_withdraw(visit: Visit, user: Actor) -> bool:
    return visit.withdrawn_at is None and (visit.by_id == user.pk or user.duty.role == Role.OFFICE)


def withdraw_visit(visit: Visit, *, by: Actor, reason: str) -> None:
    """作废 by its author, or by the office."""
    if not reason.strip():
        raise Refused("请写明为什么作废。")
    with transaction.atomic():
        own = Visit.objects.for_user(by).filter(pk=visit.pk).select_for_update(of=("self",)).first()
        if own is not None and own.withdrawn_at is not None:
            raise Refused("这次走访已经作废。")
        if own is None or not may_withdraw(own, by):
            raise Refused("只有录入人或县办公室能作废这次走访。")
        own.withdrawn_at, own.withdrawn_by, own.withdrawn_reason = timezone.now(), by, reason.strip()[:100]
        own.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        audit.record(by, "visit_withdraw", own.household, visit=own.pk, reason=reason.strip())
