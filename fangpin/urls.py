from django.conf import settings
from django.urls import include, path

from fangpin.accounts import views
from fangpin.common.web import health

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("accounts/", include("fangpin.accounts.urls")),
    path("jobs/", include("fangpin.common.urls")),
    path("policy/", include("fangpin.policy.urls")),
    path("households/", include("households.urls")),
    path("screening/", include("screening.urls")),
    path("measures/", include("measures.urls")),
    path("funds/", include("funding.urls")),
    path("handheld/", include("handheld.urls")),
    path("api/v1/", include("fangpin.api")),
]

if settings.DEBUG_TOOLBAR:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
