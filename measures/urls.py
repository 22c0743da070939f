"""Addresses of the help (Art. 4, 5, 6, 8, 9), one file a stage."""

from django.urls import include, path

app_name = "measures"
urlpatterns = [
    path("", include("measures.catalogue.urls")),
    path("", include("measures.orders.urls")),
    path("", include("measures.planning.urls")),
    path("", include("measures.delivery.urls")),
    path("", include("measures.sheets.urls")),
    path("", include("measures.income_plans.urls")),
    path("", include("measures.visits.urls")),
    path("", include("measures.releases.urls")),
]
