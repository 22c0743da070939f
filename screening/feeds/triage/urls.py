from django.urls import path

from screening.feeds.triage import views

urlpatterns = [
    path("triage/", views.triage_list, name="triage-list"),
    path("triage/settle/", views.triage_settle, name="triage-settle"),
    path("triage/settle-many/", views.triage_settle_many, name="triage-settle-many"),
    path("triage/rows/<int:pk>/search/", views.triage_search, name="triage-search"),
    path("triage/undo/<int:pk>/", views.triage_undo, name="triage-undo"),
    path("triage/memory/", views.memory_list, name="triage-memory"),
    path("triage/memory/<int:pk>/forget/", views.memory_forget, name="triage-forget"),
]
