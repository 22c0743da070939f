"""F4 交办单 for one department, as a page to print."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from fangpin.accounts.decorators import needs
from fangpin.accounts.roles import Role
from fangpin.common import audit
from households import numbers
from households.forms import PurposeForm
from measures.models import OrderSheet
from measures.orders import lists as order_lists


@needs("order.view")
@never_cache
def order_paper(request: HttpRequest, uuid) -> HttpResponse:
    """F4. GET masks the numbers; a POST with a purpose shows those of the heads, to the department in charge
    and the office, audited one by one."""
    user = request.user
    found = OrderSheet.objects.for_user(user).select_related("county", "department", "issued_by")
    sheet = get_object_or_404(found, uuid=uuid)
    may_reveal = user.may("order.answer") or user.may("order.prepare")
    form = PurposeForm(request.POST if request.method == "POST" and may_reveal else None)
    full = form.is_bound and form.is_valid()
    lines = list(order_lists.with_all(sheet.lines.all()).order_by(*order_lists.ORDER))
    order_lists.dress(lines)
    _show(lines, full, form, by=user)
    if user.acting.role == Role.AUDITOR:
        audit.record(user, "order_paper", sheet)
    context = {
        "sheet": sheet,
        "lines": lines,
        "form": form,
        "full": full,
        "may_reveal": may_reveal,
        "today": timezone.localdate(),
    }
    status = 422 if form.is_bound and not full else 200
    return render(request, "measures/orders/order_paper.html", context, status=status)


def _show(lines, full: bool, form: PurposeForm, *, by) -> None:
    """`shown_id` and `shown_phone` of each line."""
    heads = order_lists.heads_of(lines)
    shown: dict[int, tuple[str, str]] = {}
    with transaction.atomic():
        for line in lines:
            home, head = line.household, heads.get(line.household_id)
            if home.pk not in shown:
                number = head.masked_id if head else ""
                phone = numbers.masked_phone(home.phone)
                if full:
                    purpose = form.full_purpose
                    number = numbers.reveal(head, "id_number", purpose=purpose, by=by) if head else ""
                    phone = numbers.reveal(home, "phone", purpose=purpose, by=by) if home.phone else phone
                shown[home.pk] = (number, phone)
            line.shown_id, line.shown_phone = shown[home.pk]
