from django.urls import path

from measures.visits.views import follow_up, visits

urlpatterns = [
    path("follow/", follow_up.follow_up_list, name="follow-list"),
    path("follow/places/", follow_up.follow_up_places, name="follow-places"),
    path("unarrived/", follow_up.unarrived_list, name="unarrived-list"),
    path("visits/", visits.visit_list, name="visit-list"),
    path("visits/papers/", visits.visit_papers, name="visit-papers"),
    path("households/<uuid:uuid>/visit/", visits.visit_new, name="visit-new"),
    path("visits/<uuid:uuid>/", visits.visit_detail, name="visit-detail"),
    path("visits/<uuid:uuid>/withdraw/", visits.visit_withdraw, name="visit-withdraw"),
    path("visits/photos/<uuid:uuid>/", visits.visit_photo, name="visit-photo"),
]
