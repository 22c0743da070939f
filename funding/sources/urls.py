from django.urls import path

from funding.sources.views import reports, sources

urlpatterns = [
    path("sources/", sources.source_list, name="source-list"),
    path("sources/new/", sources.source_new, name="source-new"),
    path("sources/<uuid:uuid>/", sources.source_detail, name="source-detail"),
    path("sources/<uuid:uuid>/increase/", sources.source_increase, name="source-increase"),
    path("sources/<uuid:uuid>/return/", sources.source_give_back, name="source-give-back"),
    path("sources/<uuid:uuid>/carry/", sources.source_carry, name="source-carry"),
    path("sources/<uuid:uuid>/close/", sources.source_close, name="source-close"),
    path("sources/<uuid:uuid>/paper/", sources.source_paper, name="source-paper"),
    path("sources/<uuid:uuid>/donor/", sources.source_donor_report, name="source-donor-report"),
    path("movements/<uuid:uuid>/correct/", sources.movement_correct, name="movement-correct"),
    path("close/", sources.fund_close, name="fund-close"),
    path("close/month/", sources.fund_close_month, name="fund-close-month"),
    path("report/", reports.fund_report, name="fund-report"),
    path("statement/", reports.fund_statement, name="fund-statement"),
]
