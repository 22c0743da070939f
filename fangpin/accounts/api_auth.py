"""Who calls the API: a token, or for its documentation also a signed-in person."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from fangpin.accounts import tokens
from fangpin.accounts.models import ApiToken
from fangpin.common.actor import Actor

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`; the user acts in the token's duty, read afresh at each request."""

    def authenticate(self, request: Request) -> tuple[Actor, ApiToken] | None:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = tokens.find(secret.strip())
        if token is None:
            raise AuthenticationFailed
        return token.duty.user, token

    def authenticate_header(self, _request: Request) -> str:
        return SCHEME


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "manage.py issue_token 签发的令牌"}


class TokenMay(BasePermission):
    """The view's `permission` must be among the token's scopes and the rights of its duty."""

    def has_permission(self, request: Any, view: Any) -> bool:
        token, wanted = request.auth, view.permission
        return isinstance(token, ApiToken) and token.allows(wanted) and request.user.may(wanted)


class SignedInOrToken(BasePermission):
    """The documentation is for people with a duty and for clients, not for the world."""

    def has_permission(self, request: Any, _view: Any) -> bool:
        return getattr(request.user, "acting", None) is not None


class TokenThrottle(SimpleRateThrottle):
    """So many requests a minute a token, or an address where there is none."""

    scope = "token"

    def get_cache_key(self, request: Request, _view: Any) -> str:
        token = request.auth
        who = f"t{token.pk}" if isinstance(token, ApiToken) else f"a{self.get_ident(request)}"
        return self.cache_format % {"scope": self.scope, "ident": who}
