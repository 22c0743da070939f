from django.urls import path

from funding.applications.views import applications, decisions, papers

urlpatterns = [
    path("applications/", applications.application_list, name="application-list"),
    path("applications/new/", applications.application_new, name="application-new"),
    path("applications/premium/", applications.application_premium, name="application-premium"),
    path("applications/approve/", decisions.application_approve, name="application-approve"),
    path("applications/decline/", decisions.application_decline, name="application-decline"),
    path("applications/file/", decisions.application_file, name="application-file"),
    path("applications/<uuid:uuid>/", applications.application_detail, name="application-detail"),
    path("applications/<uuid:uuid>/change/", applications.application_change, name="application-change"),
    path("applications/<uuid:uuid>/add/", applications.application_add, name="application-add"),
    path(
        "applications/<uuid:uuid>/take-off/", applications.application_take_off, name="application-take-off"
    ),
    path("applications/<uuid:uuid>/submit/", applications.application_submit, name="application-submit"),
    path(
        "applications/<uuid:uuid>/withdraw/", applications.application_withdraw, name="application-withdraw"
    ),
    path("applications/<uuid:uuid>/discard/", applications.application_discard, name="application-discard"),
    path("applications/<uuid:uuid>/register/", decisions.application_register, name="application-register"),
    path("applications/<uuid:uuid>/confirm/", decisions.application_confirm, name="application-confirm"),
    path("applications/<uuid:uuid>/step/", decisions.application_step, name="application-step"),
    path("applications/<uuid:uuid>/sheet/", papers.application_sheet, name="application-sheet"),
    path("applications/<uuid:uuid>/papers/", papers.application_paper_add, name="application-paper-add"),
    path("papers/<uuid:uuid>/", papers.application_paper, name="application-paper"),
    path("lines/<uuid:uuid>/", applications.line_trace, name="line-trace"),
]
