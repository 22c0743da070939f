from django.urls import path

from fangpin.policy.views import calendar, parameters, revisions

app_name = "policy"
urlpatterns = [
    path("calendar/", calendar.calendar_now, name="calendar-now"),
    path("calendar/<int:year>/", calendar.calendar_year, name="calendar-year"),
    path("", parameters.parameter_list, name="parameter-list"),
    path("compare/", parameters.parameter_compare, name="parameter-compare"),
    path("parameters/<str:key>/", parameters.parameter_history, name="parameter-history"),
    path("revisions/", revisions.revision_list, name="revision-list"),
    path("revisions/new/", revisions.revision_new, name="revision-new"),
    path("revisions/<uuid:uuid>/", revisions.revision_detail, name="revision-detail"),
    path("revisions/<uuid:uuid>/change/", revisions.revision_change, name="revision-change"),
    path("revisions/<uuid:uuid>/release/", revisions.revision_release, name="revision-release"),
    path("revisions/<uuid:uuid>/discard/", revisions.revision_discard, name="revision-discard"),
    path("revisions/<uuid:uuid>/acknowledge/", revisions.revision_acknowledge, name="revision-acknowledge"),
]
