from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fangpin.accounts import acting
from fangpin.common import audit


class ActingMiddleware:
    """Puts the signed-in person into the duty he acts in, read afresh at each request, and sends who must
    change the password there first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.address.set(request.META.get("REMOTE_ADDR"))
        try:
            return self._answer(request)
        finally:
            audit.address.reset(token)

    def _answer(self, request: Any) -> HttpResponse:
        request.duties = []
        if request.user.is_authenticated:
            request.duties = acting.duties_of(request.user)
            chosen = request.session.get(acting.SESSION_KEY)
            duty = next(
                (d for d in request.duties if d.pk == chosen), request.duties[0] if request.duties else None
            )
            request.user.act_in(duty)
            if request.user.must_change_password and request.path not in self._free_paths():
                return redirect("accounts:password-change")
        return self.get_response(request)

    @staticmethod
    def _free_paths() -> tuple[str, ...]:
        return reverse("accounts:password-change"), reverse("accounts:logout")
