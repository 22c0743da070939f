from django.urls import path

from measures.views import visits

urlpatterns = [
    path("follow/", visits.follow_list, name="follow-list"),
    path("visits/", visits.visit_list, name="visit-list"),
    path("households/<uuid:uuid>/visit/", visits.visit_new, name="visit-new"),
    path("visits/<uuid:uuid>/", visits.visit_detail, name="visit-detail"),
    path("visits/<uuid:uuid>/withdraw/", visits.visit_withdraw, name="visit-withdraw"),
    path("visits/photos/<uuid:uuid>/", visits.visit_photo, name="visit-photo"),
]
