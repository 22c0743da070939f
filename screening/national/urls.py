from django.urls import path

from screening.national import views

urlpatterns = [
    path("national/", views.national_list, name="national-list"),
    path("national/missing/", views.national_missing, name="national-missing"),
    path("national/answers/", views.national_answers_in, name="national-answers"),
    path("national/answers/<uuid:uuid>/", views.national_sheet, name="national-sheet"),
    path(
        "national/answers/<uuid:uuid>/returned/",
        views.national_sheet_returned,
        name="national-sheet-returned",
    ),
    path("national/<uuid:uuid>/", views.national_item, name="national-item"),
    path("national/<uuid:uuid>/take/", views.national_take, name="national-take"),
    path("national/<uuid:uuid>/answer/", views.national_answer, name="national-answer"),
    path("national/<uuid:uuid>/correct/", views.national_correct, name="national-correct"),
]
