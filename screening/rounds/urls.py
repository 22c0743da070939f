from django.urls import path

from screening.rounds import views

urlpatterns = [
    path("rounds/", views.round_list, name="round-list"),
    path("rounds/open/", views.round_open, name="round-open"),
    path("rounds/<uuid:uuid>/", views.round_detail, name="round-detail"),
    path("rounds/<uuid:uuid>/sweep/", views.round_sweep, name="round-sweep"),
    path("rounds/<uuid:uuid>/sweep/progress/", views.round_progress, name="round-progress"),
    path("rounds/<uuid:uuid>/sweep/cancel/", views.round_sweep_cancel, name="round-sweep-cancel"),
    path("rounds/<uuid:uuid>/found/", views.round_households, name="round-found"),
]
