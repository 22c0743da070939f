from django.urls import path

from fangpin.common import views
from fangpin.common.web import export_views

app_name = "common"
urlpatterns = [
    path("<uuid:uuid>/", views.job_progress, name="job-progress"),
    path("exports/", export_views.export_list, name="export-list"),
    path("exports/<uuid:uuid>/cancel/", export_views.export_cancel, name="export-cancel"),
    path("exports/<slug:name>/start/", export_views.export_start, name="export-start"),
    path("exports/<uuid:uuid>/", export_views.export_detail, name="export-detail"),
    path("exports/<uuid:uuid>/download/", export_views.export_download, name="export-download"),
]
