from django.urls import path

from measures.views import measures

urlpatterns = [path("lines/<uuid:uuid>/measure/", measures.measure_plan, name="measure-plan")]
