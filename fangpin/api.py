"""/api/v1/: what the apps offer to other systems, and its documentation, served from here alone."""

from typing import Any

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from fangpin.accounts.api_auth import SignedInOrToken, TokenAuthentication
from fangpin.accounts.decorators import signed_in
from screening.national import api as screening

_READERS = {
    "authentication_classes": [TokenAuthentication, SessionAuthentication],
    "permission_classes": [SignedInOrToken],
}


class Nothing(APIView):
    """An address under /api/ that is not there answers with a problem too, to clients with a token."""

    schema = None
    permission = None
    permission_classes = [SignedInOrToken]

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002  the names are Django's
        raise NotFound


def stated(view: Any, permission: str | None) -> Any:
    """The view with the right that it asks for, as every view of the project states it."""
    view.permission = permission
    return view


app_name = "api"
urlpatterns = [
    path(
        "national/changes",
        stated(screening.NationalChanges.as_view(), "national.pull"),
        name="national-changes",
    ),
    path(
        "national/acknowledgements",
        stated(screening.NationalAcknowledgements.as_view(), "national.answer"),
        name="national-acknowledgements",
    ),
    path("schema/", stated(SpectacularAPIView.as_view(**_READERS), None), name="schema"),
    path(
        "docs/",
        signed_in(
            SpectacularSwaggerSplitView.as_view(
                url_name="api:schema", permission_classes=[AllowAny], template_name="common/api_docs.html"
            )
        ),
        name="docs",
    ),
    path("<path:rest>", stated(Nothing.as_view(), None), name="nothing"),
]
