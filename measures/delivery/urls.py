from django.urls import path

from measures.delivery.views import board, measures, projects

urlpatterns = [
    path("lines/", board.line_list, name="line-list"),
    path("measures/begin/", measures.measure_begin, name="measure-begin"),
    path("measures/deliver/", measures.measure_deliver, name="measure-deliver"),
    path("measures/cancel/", measures.measure_cancel, name="measure-cancel"),
    path("measures/<uuid:uuid>/repay/", measures.measure_repay, name="measure-repay"),
    path("filing/", measures.filing_list, name="filing-list"),
    path("filing/file/", measures.measure_file, name="measure-file"),
    path("filing/send-back/", measures.measure_send_back, name="measure-send-back"),
    path("projects/", projects.project_list, name="project-list"),
    path("projects/register/", projects.project_register, name="project-register"),
    path("projects/<uuid:uuid>/", projects.project_detail, name="project-detail"),
    path("projects/<uuid:uuid>/file/", projects.project_file, name="project-file"),
    path("projects/<uuid:uuid>/begin/", projects.project_begin, name="project-begin"),
    path("projects/<uuid:uuid>/deliver/", projects.project_deliver, name="project-deliver"),
]
