from django.urls import path

from funding.bank_accounts import views

urlpatterns = [
    path("accounts/", views.account_list, name="account-list"),
    path("accounts/template/", views.account_template, name="account-template"),
    path("accounts/sheet/", views.account_sheet_in, name="account-sheet-in"),
    path("accounts/sheet/<uuid:uuid>/", views.account_sheet, name="account-sheet"),
    path("accounts/sheet/<uuid:uuid>/confirm/", views.account_sheet_confirm, name="account-sheet-confirm"),
    path("accounts/sheet/<uuid:uuid>/returned/", views.account_sheet_returned, name="account-sheet-returned"),
    path("accounts/<uuid:uuid>/", views.account_edit, name="account-edit"),
]
