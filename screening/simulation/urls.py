from django.urls import path

from screening.simulation import views

urlpatterns = [
    path("simulations/", views.simulation_list, name="simulation-list"),
    path("simulations/new/", views.simulation_new, name="simulation-new"),
    path("simulations/<uuid:uuid>/", views.simulation_detail, name="simulation-detail"),
]
