from django.urls import path

from screening.field.views import entries, papers, typing, village, writing

urlpatterns = [
    path("field/", village.field_home, name="field-home"),
    path("field/<uuid:uuid>/", village.field_progress, name="field-progress"),
    path("field/<uuid:uuid>/villages/<slug:code>/", village.field_village, name="field-village"),
    path("field/<uuid:uuid>/households/", village.household_pick, name="household-pick"),
    path("field/<uuid:uuid>/households/<uuid:household>/", writing.entry_new, name="entry-new"),
    path("field/<uuid:uuid>/newcomer/", writing.entry_newcomer, name="entry-newcomer"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/", village.hamlet_sign_off, name="hamlet-sign-off"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/sheet/", papers.hamlet_sheet, name="hamlet-sheet"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/doors/", papers.door_sheets, name="door-sheets"),
    path("field/<uuid:uuid>/hamlets/<int:pk>/typing/", typing.field_typing, name="field-typing"),
    path("entries/", entries.entry_list, name="entry-list"),
    path("entries/<uuid:uuid>/", entries.entry_detail, name="entry-detail"),
    path("entries/<uuid:uuid>/settle/", entries.entry_settle, name="entry-settle"),
    path("entry-photos/<uuid:uuid>/", entries.entry_photo, name="entry-photo"),
]
