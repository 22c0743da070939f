from django.urls import path

from screening.leads import views

urlpatterns = [
    path("leads/", views.lead_list, name="lead-list"),
    path("rounds/<uuid:uuid>/why/<uuid:household>/", views.household_why, name="household-why"),
]
