from django.urls import path

from fangpin.policy import views

app_name = "policy"
urlpatterns = [
    path("calendar/", views.calendar_now, name="calendar-now"),
    path("calendar/<int:year>/", views.calendar_year, name="calendar-year"),
]
