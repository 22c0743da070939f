from django.urls import path

from measures.views import plans

urlpatterns = [
    path("plans/", plans.plan_list, name="plan-list"),
    path("plans/missing/", plans.plan_missing, name="plan-missing"),
    path("plans/copy/", plans.plan_copy, name="plan-copy"),
    path("plans/paper/", plans.plan_paper, name="plan-paper"),
    path("households/<uuid:uuid>/plan/", plans.plan_begin, name="plan-begin"),
    path("plans/<uuid:uuid>/", plans.plan_detail, name="plan-detail"),
    path("plans/<uuid:uuid>/agree/", plans.plan_agree, name="plan-agree"),
    path("plans/<uuid:uuid>/reopen/", plans.plan_reopen, name="plan-reopen"),
    path("plans/<uuid:uuid>/note/", plans.plan_note, name="plan-note"),
    path("plans/<uuid:uuid>/conclude/", plans.plan_conclude, name="plan-conclude"),
]
