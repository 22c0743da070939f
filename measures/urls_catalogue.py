from django.urls import path

from measures.views import catalogue

urlpatterns = [
    path("catalogue/", catalogue.catalogue_list, name="catalogue-list"),
    path("catalogue/drafts/<uuid:uuid>/release/", catalogue.catalogue_release, name="catalogue-release"),
    path("catalogue/drafts/<uuid:uuid>/discard/", catalogue.catalogue_discard, name="catalogue-discard"),
    path("catalogue/<slug:code>/", catalogue.catalogue_detail, name="catalogue-detail"),
]
