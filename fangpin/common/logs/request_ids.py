"""The number that a request, and what it starts, carries through logs, error pages and answers."""

import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
NONE = "-"
current: ContextVar[str] = ContextVar("request_id", default=NONE)


def new_id() -> str:
    """Short enough to be read out over the telephone."""
    return secrets.token_hex(6)


class RequestIdMiddleware:
    """Gives each request a number of its own; the outermost middleware, so that every answer names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # It stays until the next request: the server logs its own line after the answer, and an export is
        # written while it is sent.
        current.set(new_id())
        response = self.get_response(request)
        response.headers[HEADER] = current.get()
        return response
