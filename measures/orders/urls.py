from django.urls import path

from measures.orders.views import orders, papers

urlpatterns = [
    path("orders/", orders.order_list, name="order-list"),
    path("orders/waiting/", orders.order_waiting, name="order-waiting"),
    path("orders/prepare/", orders.order_prepare, name="order-prepare"),
    path("orders/issue/", orders.order_issue, name="order-issue"),
    path("orders/gaps/", orders.case_gaps, name="case-gaps"),
    path("orders/<uuid:uuid>/", orders.order_detail, name="order-detail"),
    path("orders/<uuid:uuid>/change/", orders.order_change, name="order-change"),
    path("orders/<uuid:uuid>/take-off/", orders.order_remove_lines, name="order-take-off"),
    path("orders/<uuid:uuid>/discard/", orders.order_discard, name="order-discard"),
    path("orders/<uuid:uuid>/remind/", orders.order_remind, name="order-remind"),
    path("orders/<uuid:uuid>/paper/", papers.order_paper, name="order-paper"),
    path("risks/<uuid:uuid>/leave-out/", orders.risk_leave_out, name="risk-leave-out"),
    path("cases/<uuid:uuid>/risks/", orders.case_risks, name="case-risks"),
    path("lines/accept/", orders.line_accept, name="line-accept"),
    path("lines/return/", orders.line_return, name="line-return"),
    path("lines/plan/", orders.line_plan, name="line-plan"),
    path("lines/close/", orders.line_close, name="line-close"),
]
