from django.urls import path, register_converter
from django.urls.converters import StringConverter

from households.models import ChangeKind, ImportKind
from households.numbers import LABELS
from households.registry import views as imports
from households.views import attachments, households, quality, upkeep


class NumberField(StringConverter):
    regex = "|".join(LABELS)


class Kind(StringConverter):
    regex = "|".join(ImportKind.values)


class Change(StringConverter):
    regex = "|".join(ChangeKind.values)


register_converter(NumberField, "number_field")
register_converter(Kind, "import_kind")
register_converter(Change, "change_kind")

app_name = "households"
urlpatterns = [
    path("", households.household_list, name="household-list"),
    path("search/", households.household_search, name="household-search"),
    path("<uuid:uuid>/", households.household_detail, name="household-detail"),
    path("<uuid:uuid>/phone/reveal/", households.household_reveal, name="household-reveal"),
    path(
        "<uuid:uuid>/members/<int:pk>/<number_field:field>/reveal/",
        households.member_reveal,
        name="member-reveal",
    ),
    path("<uuid:uuid>/attachments/add/", attachments.attachment_add, name="attachment-add"),
    path("attachments/<uuid:uuid>/", attachments.attachment_open, name="attachment-open"),
    path("attachments/<uuid:uuid>/withdraw/", attachments.attachment_withdraw, name="attachment-withdraw"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/upload/", imports.import_upload, name="import-upload"),
    path("imports/templates/<import_kind:kind>/", imports.import_template, name="import-template"),
    path("imports/<uuid:uuid>/", imports.import_detail, name="import-detail"),
    path("imports/<uuid:uuid>/check/", imports.import_check, name="import-check"),
    path("imports/<uuid:uuid>/confirm/", imports.import_confirm, name="import-confirm"),
    path("imports/<uuid:uuid>/returned/", imports.import_returned, name="import-returned"),
    path("upkeep/", upkeep.upkeep_list, name="upkeep-list"),
    path("<uuid:uuid>/upkeep/", upkeep.upkeep_menu, name="upkeep-menu"),
    path("<uuid:uuid>/upkeep/<change_kind:kind>/", upkeep.upkeep_form, name="upkeep-form"),
    path("quality/", quality.quality_list, name="quality-list"),
    path("quality/run/", quality.quality_run, name="quality-run"),
    path("quality/<slug:code>/", quality.quality_detail, name="quality-detail"),
    path("quality/<slug:code>/mark/", quality.quality_mark, name="quality-mark"),
    path("takeover/close/", imports.takeover_close, name="takeover-close"),
]
