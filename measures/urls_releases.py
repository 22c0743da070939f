from django.urls import path

from measures.views import releases

urlpatterns = [
    path("releases/", releases.release_list, name="release-list"),
    path("releases/review/", releases.release_review, name="release-review"),
    path("releases/papers/", releases.release_papers_many, name="release-papers"),
    path("releases/<uuid:uuid>/evaluate/", releases.release_evaluate, name="release-evaluate"),
    path("releases/<uuid:uuid>/paper/", releases.release_paper, name="release-paper"),
]
