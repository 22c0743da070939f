"""Addresses of the help (Art. 4, 5, 6, 8, 9), one file a subject."""

from measures.catalogue import urls as urls_catalogue
from measures.income_plans import urls as urls_plans
from measures.orders import urls as urls_orders
from measures.planning import urls as urls_measures
from measures.releases import urls as urls_releases
from measures.visits import urls as urls_visits

app_name = "measures"
urlpatterns = [
    *urls_catalogue.urlpatterns,
    *urls_orders.urlpatterns,
    *urls_measures.urlpatterns,
    *urls_plans.urlpatterns,
    *urls_visits.urlpatterns,
    *urls_releases.urlpatterns,
]
