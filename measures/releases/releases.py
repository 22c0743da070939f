"""取消重点关注 (Art. 9): village evaluation and township review; the county's meeting decides
(screening.releases)."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from fangpin.common import audit, working_days
from fangpin.common.actor import Actor
from fangpin.common.files import private_files, scans
from fangpin.common.refusals import Refused
from fangpin.common.transitions import move
from fangpin.common.values.dates import months_after
from fangpin.common.working_days import YearNotConfirmed
from fangpin.policy.services import NoPolicy, in_force
from households.models import Attachment, Case, CaseState, Risk, RiskState
from measures.models import Evaluation, EvaluationRisk, Outcome, Review, ReviewedCase
from screening.meetings import signers
from screening.models import Meeting


def cases_due(cases: QuerySet[Case], day: datetime.date | None = None) -> QuerySet[Case]:
    """Cases whose follow-up year is over and whose next evaluation has begun to be due."""
    day = day or timezone.localdate()
    return cases.filter(state=CaseState.ACTIVE, follow_until__lte=day, evaluation_due__lte=day)


def due_until(case: Case) -> datetime.date | None:
    """Until when the village evaluates; None where no policy or calendar says so."""
    if case.evaluation_due is None:
        return None
    try:
        days = in_force(case.household.county, timezone.localdate())["followup.evaluate_due"]
        return working_days.add(case.evaluation_due, days)
    except (NoPolicy, YearNotConfirmed):
        return None


def evaluate_case(
    case: Case,
    *,
    by: Actor,
    on: datetime.date,
    participants: Sequence[str],
    outcome: str,
    risks: Mapping[Risk, tuple[bool, str]],
    words: str,
    follower_words: str = "",
    household_words: str = "",
    per_head: int | None = None,
    secured: dict[str, bool] | None = None,
    paper: Attachment | None = None,
) -> Evaluation:
    """村评定 of one case: risk by risk. "Gone" needs every open risk gone; "goes on" sets the next one by
    policy. Raises Refused."""
    with transaction.atomic():
        held = _lock_case(case, by=by)
        people = [name.strip() for name in participants if name.strip()]
        open_risks = list(held.risks.filter(state=RiskState.OPEN))
        _check(held, on, people, outcome, words, open_risks, {risk.pk: said for risk, said in risks.items()})
        made = Evaluation.objects.create(
            case=held,
            on=on,
            participants=people,
            outcome=outcome,
            words=words.strip()[:500],
            follower_words=follower_words.strip()[:300],
            household_words=household_words.strip()[:200],
            per_head=per_head,
            secured=secured or {},
            paper=paper,
            by=by,
        )
        said = {risk.pk: given for risk, given in risks.items()}
        EvaluationRisk.objects.bulk_create(
            [
                EvaluationRisk(evaluation=made, risk=r, is_gone=said[r.pk][0], words=said[r.pk][1][:200])
                for r in open_risks
            ]
        )
        own = Case.objects.filter(pk=held.pk)
        if outcome == Outcome.GONE:
            move(own, "evaluate", by=by, opinion=words.strip(), stamps={"evaluated_on": on})
        else:
            move(own, "go_on", by=by, opinion=words.strip(), stamps=_next_evaluation_stamps(held, on))
        audit.record(by, "case_evaluate", held.household, outcome=outcome, on=on.isoformat())
    case.refresh_from_db()
    return made


def _lock_case(case: Case, *, by: Actor) -> Case:
    own = Case.objects.for_user(by).filter(pk=case.pk).select_related("household__county")
    held = own.select_for_update(of=("self",)).first()
    if held is None or not by.may("release.evaluate"):
        raise Refused("这户不在您的村，或您当前的岗位不能登记村评定。")
    if held.state not in (CaseState.ACTIVE, CaseState.EVALUATED):
        raise Refused(f"这户{held.get_state_display()}，不能再登记村评定。")
    return held


def _check(
    held: Case,
    on: datetime.date,
    people: Sequence[str],
    outcome: str,
    words: str,
    open_risks: Sequence[Risk],
    said: Mapping[int, tuple[bool, str]],
) -> None:
    if outcome not in Outcome.values:
        raise Refused("请选择风险已消除，或仍未消除、继续重点关注。")
    if held.follow_until is None or on < held.follow_until:
        raise Refused(f"跟踪期到 {held.follow_until} 才满一年，期满后才能评定（第九条）。")
    if on > timezone.localdate():
        raise Refused("评定日期不能晚于今天。")
    if len(people) < Evaluation.LEAST_PARTICIPANTS:
        raise Refused(f"村评定是集体评定，请填写至少 {Evaluation.LEAST_PARTICIPANTS} 名参加人。")
    if not words.strip():
        raise Refused("请写明评定的依据。")
    if missing := [risk for risk in open_risks if risk.pk not in said]:
        raise Refused(f"还有 {len(missing)} 项风险没有回答是否消除。")
    if outcome == Outcome.GONE and any(not said[risk.pk][0] for risk in open_risks):
        raise Refused("有风险没有消除，不能评定为风险已消除；请选择继续重点关注。")


def _next_evaluation_stamps(case: Case, on: datetime.date) -> dict[str, Any]:
    months = in_force(case.household.county, timezone.localdate())["followup.again_months"]
    return {"evaluated_on": None, "reviewed_on": None, "evaluation_due": months_after(on, months)}


# ---- Township ----
def waiting_for_review(cases: QuerySet[Case]) -> QuerySet[Any]:
    """With `last_evaluation`: the key of the village's word that is to be reviewed."""
    last = (
        Evaluation.objects.filter(case=OuterRef("pk"), outcome=Outcome.GONE).order_by("-pk").values("pk")[:1]
    )
    return cases.filter(state=CaseState.EVALUATED).annotate(last_evaluation=Subquery(last))


def review_cases(
    cases: QuerySet[Case],
    *,
    by: Actor,
    on: datetime.date,
    way: str,
    participants: Sequence[str],
    agreed: bool,
    words: str = "",
    scan: bytes | None = None,
) -> Review:
    """乡审核 of a batch: one meeting of the township. Not agreed wants words, and the attention goes on.
    Raises Refused."""
    with transaction.atomic():
        keys = list(cases.values_list("pk", flat=True))
        own = waiting_for_review(Case.objects.for_user(by).filter(pk__in=keys)).select_related(
            "household__county"
        )
        held = list(own.select_for_update(of=("self",)).order_by("pk"))
        if not by.may("release.review") or not keys or len(held) != len(keys):
            raise Refused(
                "没有选中待审核的户，或其中有的村还没有评定、已审核、不属于本乡镇，整批没有办理。请先筛选“村已评定”再勾选。"
            )
        _check_review(held, by, on, way, participants, agreed, words)
        with _stored(scan) as columns:
            made = Review.objects.create(
                township_id=by.duty.division_id,
                on=on,
                way=way.strip()[:60],
                participants=[name.strip() for name in participants if name.strip()],
                by=by,
                **columns,
            )
            ReviewedCase.objects.bulk_create(
                [
                    ReviewedCase(
                        review=made,
                        evaluation_id=case.last_evaluation,
                        is_agreed=agreed,
                        words=words.strip()[:300],
                    )
                    for case in held
                ]
            )
            own = Case.objects.filter(pk__in=keys)
            if agreed:
                move(own, "review", by=by, opinion=words.strip(), stamps={"reviewed_on": on})
            else:
                move(
                    own,
                    "give_back",
                    by=by,
                    opinion=words.strip(),
                    stamps=_next_evaluation_stamps(held[0], on),
                )
            audit.record(by, "case_review", households=len(keys), agreed=agreed, on=on.isoformat())
    return made


def _check_review(
    held: Sequence[Any],
    by: Actor,
    on: datetime.date,
    way: str,
    participants: Sequence[str],
    agreed: bool,
    words: str,
) -> None:
    if not way.strip() or not [name for name in participants if name.strip()]:
        raise Refused("请填写审核会议和参加人。")
    if not agreed and not words.strip():
        raise Refused("不同意的，请写明理由。")
    if on > timezone.localdate():
        raise Refused("审核日期不能晚于今天。")
    if early := [case for case in held if on < case.evaluated_on]:
        raise Refused(f"{early[0].household}是 {early[0].evaluated_on} 村评定的，审核日期不能更早。")
    if Evaluation.objects.filter(pk__in=[case.last_evaluation for case in held], by=by).exists():
        raise Refused("其中有您登记的村评定，请由他人审核。")


@contextmanager
def _stored(scan: bytes | None) -> Iterator[dict[str, str]]:
    """The columns of a stored scan; none without one."""
    if not scan:
        yield {}
        return
    kind = scans.kind_of(scan)
    if kind is None:
        raise Refused("会议记录须是 PDF、JPG 或 PNG 文件，请重新拍照或扫描。")
    with private_files.stored(scan) as name:
        yield {"scan_name": name, "scan_kind": kind, "scan_digest": private_files.digest(scan)}


# ---- Who took part does not sign ----
def signing_bar_sentence(meeting: Meeting, by: Actor) -> str:
    """Whoever evaluated or reviewed a household of the list does not sign the meeting."""
    cases = meeting.releases.values("case")
    own = Q(by=by.pk) | Q(review__review__by=by.pk)
    if Evaluation.objects.filter(own, case__in=cases).exists():
        return "拟取消重点关注名单上有您评定或审核的户，不能由您签发、登记或确认，请由他人办理。"
    return ""


signers.BARRED.append(signing_bar_sentence)


def latest_evaluations(cases: Iterable[Case]) -> dict[int, Evaluation]:
    """Case → its last evaluation, with risks."""
    evaluations: dict[int, Evaluation] = {}
    own = Evaluation.objects.filter(case__in=[case.pk for case in cases]).select_related(
        "by", "review__review"
    )
    for evaluation in own.order_by("pk"):
        evaluations[evaluation.case_id] = evaluation
    return evaluations
