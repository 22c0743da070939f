"""The board of a department's order lines, from which it plans."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangpin.accounts.decorators import needs
from fangpin.common.web.paging import page
from measures.delivery import projects
from measures.models import OrderLine, ReturnReason
from measures.orders import lists as order_lists
from measures.orders.forms import LineFilter


@needs("order.view")
def line_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = LineFilter(request.GET, user=user)
    own = OrderLine.objects.for_user(user)
    lines = form.narrow(own)
    shown = page(request, order_lists.with_all(lines), order_lists.ORDER, counted=lines)
    shown.rows = order_lists.line_rows(shown.rows)
    context = {
        "page": shown,
        "form": form,
        "clear_url": reverse("measures:line-list"),
        "tabs": order_lists.tabs(own),
        "state": request.GET.get("state", ""),
        "may_answer": user.may("order.answer"),
        "may_close": user.may("order.prepare"),
        "may_plan": user.may("measure.plan"),
        "may_export": bool(shown.rows),
        "reasons": ReturnReason.choices,
        "by_department": not user.acting.department_id,
        "works": projects.works_of(user) if user.may("measure.plan") else [],
    }
    return render(request, "measures/orders/line_list.html", context)
