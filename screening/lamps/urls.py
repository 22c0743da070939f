from django.urls import path

from screening.lamps import views

urlpatterns = [
    path("lamps/", views.lamp_board, name="lamp-board"),
]
