from django.urls import path

from measures.income_plans import views

urlpatterns = [
    path("plans/", views.plan_list, name="plan-list"),
    path("plans/missing/", views.plan_missing, name="plan-missing"),
    path("plans/copy/", views.plan_copy, name="plan-copy"),
    path("plans/paper/", views.plan_paper, name="plan-paper"),
    path("households/<uuid:uuid>/plan/", views.plan_begin, name="plan-begin"),
    path("plans/<uuid:uuid>/", views.plan_detail, name="plan-detail"),
    path("plans/<uuid:uuid>/agree/", views.plan_agree, name="plan-agree"),
    path("plans/<uuid:uuid>/reopen/", views.plan_reopen, name="plan-reopen"),
    path("plans/<uuid:uuid>/note/", views.plan_note, name="plan-note"),
    path("plans/<uuid:uuid>/conclude/", views.plan_conclude, name="plan-conclude"),
]
