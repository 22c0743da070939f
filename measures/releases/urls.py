from django.urls import path

from measures.releases import views

urlpatterns = [
    path("releases/", views.release_list, name="release-list"),
    path("releases/review/", views.release_review, name="release-review"),
    path("releases/papers/", views.release_papers_many, name="release-papers"),
    path("releases/<uuid:uuid>/evaluate/", views.release_evaluate, name="release-evaluate"),
    path("releases/<uuid:uuid>/paper/", views.release_paper, name="release-paper"),
]
