"""Addresses of the screening (Art. 7), one file a stage."""

from django.urls import include, path

app_name = "screening"
urlpatterns = [
    path("", include("screening.rounds.urls")),
    path("", include("screening.feeds.urls")),
    path("", include("screening.feeds.triage.urls")),
    path("", include("screening.leads.urls")),
    path("", include("screening.comparison.urls")),
    path("", include("screening.national.urls")),
    path("", include("screening.field.urls")),
    path("", include("screening.simulation.urls")),
    path("", include("screening.meetings.urls")),
    path("", include("screening.cases.urls")),
    path("", include("screening.lamps.urls")),
]
