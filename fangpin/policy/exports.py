"""What the list of parameters exports: every released value that one may see, with its document and its
day."""

from decimal import Decimal

from django.utils import timezone

from fangpin.common import exports
from fangpin.policy.models import Policy
from fangpin.policy.parameters import PARAMETERS, clause
from fangpin.policy.values import in_words

HEADINGS = ("条款", "参数", "适用范围", "值", "金额（元）", "施行日期", "依据文号", "发布人", "发布日期")


def _queryset(user, _params):
    rows = Policy.objects.for_user(user).filter(key__in=PARAMETERS)
    return rows.select_related("division", "revision__released_by").order_by(
        "key", "division_id", "holds_from"
    )


def _row(row: Policy) -> tuple:
    parameter = PARAMETERS[row.key]
    is_money = parameter.kind == "money" and row.value is not None
    return (
        clause(parameter.article),
        parameter.name,
        row.division.name,
        in_words(parameter, row.value),
        Decimal(row.value) / 100 if is_money else None,
        row.holds_from,
        row.document,
        row.revision.released_by.name if row.revision else "",
        timezone.localdate(row.released_at) if row.revision else None,
    )


exports.register(
    exports.Export(
        name="policy",
        title="政策参数",
        permission="policy.view",
        headings=HEADINGS,
        queryset=_queryset,
        row=_row,
    )
)
