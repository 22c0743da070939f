"""Addresses of the money (Art. 10, 11), one file a subject."""

from funding.applications import urls as urls_applications
from funding.payments import urls as urls_payments
from funding.sources import urls as urls_sources

app_name = "funding"
urlpatterns = [*urls_sources.urlpatterns, *urls_applications.urlpatterns, *urls_payments.urlpatterns]
