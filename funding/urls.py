"""Addresses of the money (Art. 10, 11), one file a stage."""

from django.urls import include, path

app_name = "funding"
urlpatterns = [
    path("", include("funding.sources.urls")),
    path("", include("funding.applications.urls")),
    path("", include("funding.bank_accounts.urls")),
    path("", include("funding.payments.urls")),
]
