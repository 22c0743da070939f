from django.urls import path

from measures.delivery.views import measures as view_measures
from measures.delivery.views import projects
from measures.planning.views import measures
from measures.sheets import views as sheets

urlpatterns = [
    path("lines/<uuid:uuid>/measure/", measures.measure_plan, name="measure-plan"),
    path("measures/", measures.measure_list, name="measure-list"),
    path("measures/begin/", measures.measure_begin, name="measure-begin"),
    path("measures/deliver/", measures.measure_deliver, name="measure-deliver"),
    path("measures/cancel/", view_measures.measure_cancel, name="measure-cancel"),
    path("measures/again/", measures.measure_again, name="measure-again"),
    path("measures/find/", measures.measure_find, name="measure-find"),
    path("measures/register/<uuid:uuid>/", measures.measure_register, name="measure-register"),
    path("measures/sheet/", sheets.measure_sheet, name="measure-sheet"),
    path("measures/sheet/in/", sheets.measure_sheet_in, name="measure-sheet-in"),
    path("measures/delivery-sheet/", sheets.delivery_sheet, name="delivery-sheet"),
    path("measures/delivery-sheet/in/", sheets.delivery_sheet_in, name="delivery-sheet-in"),
    path("sheets/<uuid:uuid>/", sheets.sheet_detail, name="sheet-detail"),
    path("sheets/<uuid:uuid>/confirm/", sheets.sheet_confirm, name="sheet-confirm"),
    path("sheets/<uuid:uuid>/returned/", sheets.sheet_returned, name="sheet-returned"),
    path("measures/paper/", measures.measure_paper, name="measure-paper"),
    path("measures/<uuid:uuid>/", measures.measure_detail, name="measure-detail"),
    path("measures/<uuid:uuid>/change/", measures.measure_change, name="measure-change"),
    path("measures/<uuid:uuid>/repay/", view_measures.measure_repay, name="measure-repay"),
    path("filing/", view_measures.filing_list, name="filing-list"),
    path("filing/file/", view_measures.measure_file, name="measure-file"),
    path("filing/send-back/", view_measures.measure_send_back, name="measure-send-back"),
    path("projects/", projects.project_list, name="project-list"),
    path("projects/register/", projects.project_register, name="project-register"),
    path("projects/<uuid:uuid>/", projects.project_detail, name="project-detail"),
    path("projects/<uuid:uuid>/file/", projects.project_file, name="project-file"),
    path("projects/<uuid:uuid>/begin/", projects.project_begin, name="project-begin"),
    path("projects/<uuid:uuid>/deliver/", projects.project_deliver, name="project-deliver"),
]
