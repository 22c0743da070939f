from django.urls import path

from measures.planning.views import measures

urlpatterns = [
    path("lines/<uuid:uuid>/measure/", measures.measure_plan, name="measure-plan"),
    path("measures/", measures.measure_list, name="measure-list"),
    path("measures/again/", measures.measure_again, name="measure-again"),
    path("measures/find/", measures.measure_find, name="measure-find"),
    path("measures/register/<uuid:uuid>/", measures.measure_register, name="measure-register"),
    path("measures/paper/", measures.measure_paper, name="measure-paper"),
    path("measures/<uuid:uuid>/", measures.measure_detail, name="measure-detail"),
    path("measures/<uuid:uuid>/change/", measures.measure_change, name="measure-change"),
]
