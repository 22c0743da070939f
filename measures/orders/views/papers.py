"""F4 交办单 for one department, as a page to print."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from fangpin.common.actor import Actor
from households import numbers
from households.forms import PurposeForm
from measures.models import OrderLine, OrderSheet
from measures.orders import lists as order_lists


@needs("order.view")
@never_cache
def order_paper(request: HttpRequest, uuid) -> HttpResponse:
    """F4. GET masks the numbers; a POST with a purpose shows those of the heads, to the department in charge
    and the office, audited one by one."""
    user = request.user
    sheets = OrderSheet.objects.for_user(user).select_related("county", "department", "issued_by")
    sheet = get_object_or_404(sheets, uuid=uuid)
    may_reveal = user.may("order.answer") or user.may("order.prepare")
    form = PurposeForm(request.POST if request.method == "POST" and may_reveal else None)
    full = form.is_bound and form.is_valid()
    lines = list(order_lists.with_all(sheet.lines.all()).order_by(*order_lists.ORDER))
    if user.acting.role == Role.AUDITOR:
        audit.record(user, "order_paper", sheet)
    context = {
        "sheet": sheet,
        "rows": _paper_rows(lines, full, form, by=user),
        "form": form,
        "full": full,
        "may_reveal": may_reveal,
        "today": timezone.localdate(),
    }
    status = 422 if form.is_bound and not full else 200
    return render(request, "measures/orders/order_paper.html", context, status=status)


@dataclass(frozen=True)
class PaperRow:
    """A line of F4; number and phone masked, or whole where a purpose was given."""

    row: order_lists.LineRow
    id_number: str
    phone: str


def _paper_rows(lines: Sequence[OrderLine], full: bool, form: PurposeForm, *, by: Actor) -> list[PaperRow]:
    """With `full` each head's number and each household's phone is revealed and audited once."""
    heads = order_lists.heads_of(lines)
    shown: dict[int, tuple[str, str]] = {}
    with transaction.atomic():
        for home in {line.household_id: line.household for line in lines}.values():
            head = heads.get(home.pk)
            number = head.masked_id if head else ""
            phone = numbers.masked_phone(home.phone)
            if full:
                purpose = form.full_purpose
                number = numbers.reveal(head, "id_number", purpose=purpose, by=by) if head else ""
                phone = numbers.reveal(home, "phone", purpose=purpose, by=by) if home.phone else phone
            shown[home.pk] = (number, phone)
    return [PaperRow(row, *shown[row.line.household_id]) for row in order_lists.line_rows(lines)]
