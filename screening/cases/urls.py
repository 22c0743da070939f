from django.urls import path

from screening.cases import views

urlpatterns = [
    path("cases/", views.case_list, name="case-list"),
    path("cases/hand-over/", views.case_hand_over, name="case-hand-over"),
    path("cases/<uuid:uuid>/", views.case_detail, name="case-detail"),
    path("cases/<uuid:uuid>/follower/", views.case_follower, name="case-follower"),
]
