"""What the money forbids to measures: no hand delivers what a fund has still to pay, and nothing that holds
money is cancelled."""

from collections.abc import Sequence

from fangpin.common.values.money import yuan
from funding.models import Claim
from measures.delivery import delivery
from measures.models import Form, Measure


def delivering(measures: Sequence[Measure]) -> dict[int, str]:
    """Money of R1 arrives by its payment alone (Art. 11); what was applied for is delivered by its payment
    too."""
    claims = {claim.measure_id: claim for claim in Claim.objects.filter(measure__in=[m.pk for m in measures])}
    refusals = {measure.pk: _pays(measure, claims.get(measure.pk)) for measure in measures}
    return {pk: words for pk, words in refusals.items() if words}


def _pays(measure: Measure, claim: Claim | None) -> str:
    if claim is not None and claim.claimed > claim.paid:
        return (
            f"{measure.household}{measure.type.name}已申请资金 {yuan(claim.claimed)} 元、已发放 "
            f"{yuan(claim.paid)} 元，"
            "发放成功后自动登记落实。"
        )
    by_money = measure.form in (Form.MONEY, Form.POST, Form.BENEFIT) and (measure.amount or 0) > 0
    if measure.route == "R1" and by_money and (claim is None or claim.paid == 0):
        return (
            f"{measure.household}{measure.type.name}走边缘户防贫资金，须先提出资金申请，"
            f"发放成功后自动登记落实（第十一条）。"
        )
    return ""


def cancelling(measures: Sequence[Measure]) -> str:
    held = Claim.objects.filter(measure__in=[m.pk for m in measures], claimed__gt=0).select_related(
        "measure__household", "measure__type"
    )
    claim = held.first()
    if claim is None:
        return ""
    return (
        f"{claim.measure.household}{claim.measure.type.name}已申请资金 {yuan(claim.claimed)} 元，"
        f"请先撤回资金申请再取消。"
    )


delivery.DELIVERING.append(delivering)
delivery.CANCELLING.append(cancelling)
