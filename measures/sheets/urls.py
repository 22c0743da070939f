from django.urls import path

from measures.sheets import views

urlpatterns = [
    path("measures/sheet/", views.measure_sheet, name="measure-sheet"),
    path("measures/sheet/in/", views.measure_sheet_in, name="measure-sheet-in"),
    path("measures/delivery-sheet/", views.delivery_sheet, name="delivery-sheet"),
    path("measures/delivery-sheet/in/", views.delivery_sheet_in, name="delivery-sheet-in"),
    path("sheets/<uuid:uuid>/", views.sheet_detail, name="sheet-detail"),
    path("sheets/<uuid:uuid>/confirm/", views.sheet_confirm, name="sheet-confirm"),
    path("sheets/<uuid:uuid>/returned/", views.sheet_returned, name="sheet-returned"),
]
