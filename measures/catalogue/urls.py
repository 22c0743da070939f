from django.urls import path

from measures.catalogue import views

urlpatterns = [
    path("catalogue/", views.catalogue_list, name="catalogue-list"),
    path("catalogue/drafts/<uuid:uuid>/release/", views.catalogue_publish, name="catalogue-release"),
    path("catalogue/drafts/<uuid:uuid>/discard/", views.catalogue_discard, name="catalogue-discard"),
    path("catalogue/<slug:code>/", views.catalogue_detail, name="catalogue-detail"),
]
