from django.urls import path

from handheld.views import phones, received, shell, wire

app_name = "handheld"
urlpatterns = [
    path("", shell.handheld, name="handheld"),
    path("worker.js", shell.handheld_worker, name="worker"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("open/", wire.phone_open, name="phone-open"),
    path("pack/", wire.phone_pack, name="phone-pack"),
    path("entries/", wire.phone_entry, name="phone-entry"),
    path("photos/<uuid:uuid>/", wire.phone_photo, name="phone-photo"),
    path("leave/", wire.phone_leave, name="phone-leave"),
    path("phones/", phones.phone_list, name="phone-list"),
    path("phones/mine/", phones.phone_mine, name="phone-mine"),
    path("phones/<uuid:uuid>/stop/", phones.phone_stop, name="phone-stop"),
    path("received/", received.received_list, name="received-list"),
    path("received/<uuid:uuid>/", received.received_detail, name="received-detail"),
    path("received/<uuid:uuid>/settle/", received.received_settle, name="received-settle"),
    path("received/<uuid:uuid>/correct/", received.received_correct, name="received-correct"),
    path("received/photos/<uuid:uuid>/", received.received_photo, name="received-photo"),
]
