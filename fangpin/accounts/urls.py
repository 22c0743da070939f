from django.urls import path, register_converter
from django.urls.converters import StringConverter

from fangpin.accounts import export_history, views
from fangpin.accounts.models import ListKind
from fangpin.accounts.people.views import lists, users


class Kind(StringConverter):
    regex = "|".join(ListKind.values)


register_converter(Kind, "list_kind")

app_name = "accounts"
urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/change/", views.password_change, name="password-change"),
    path("duty/switch/", views.duty_switch, name="duty-switch"),
    path("users/", users.user_list, name="user-list"),
    path("users/new/", users.user_create, name="user-create"),
    path("users/<uuid:uuid>/", users.user_detail, name="user-detail"),
    path("users/<uuid:uuid>/code/", users.user_code, name="user-code"),
    path("users/<uuid:uuid>/change/", users.user_change, name="user-change"),
    path("users/<uuid:uuid>/reset/", users.user_reset, name="user-reset"),
    path("users/<uuid:uuid>/disable/", users.user_disable, name="user-disable"),
    path("users/<uuid:uuid>/enable/", users.user_enable, name="user-enable"),
    path("users/<uuid:uuid>/duties/add/", users.duty_add, name="duty-add"),
    path("users/<uuid:uuid>/duties/<int:pk>/end/", users.duty_end, name="duty-end"),
    path("users/<uuid:uuid>/duties/<int:pk>/stop/", users.duty_stop, name="duty-stop"),
    path("lists/", lists.list_list, name="list-list"),
    path("lists/upload/", lists.list_upload, name="list-upload"),
    path("lists/templates/<list_kind:kind>/", lists.list_template, name="list-template"),
    path("lists/<uuid:uuid>/", lists.list_detail, name="list-detail"),
    path("lists/<uuid:uuid>/check/", lists.list_check, name="list-check"),
    path("lists/<uuid:uuid>/confirm/", lists.list_confirm, name="list-confirm"),
    path("lists/<uuid:uuid>/returned/", lists.list_returned, name="list-returned"),
    path("lists/<uuid:uuid>/slips/", lists.list_slips, name="list-slips"),
    path("lists/<uuid:uuid>/destroy/", lists.list_destroy, name="list-destroy"),
    path("exports/", export_history.export_history, name="export-history"),
    path("help-line/", users.help_line, name="help-line"),
]
