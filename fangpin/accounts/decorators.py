from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

# A page; what it takes and gives is its own affair.
View = TypeVar("View", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[View], View]:
    """The page is for signed-in people whose acting duty has `permission`; others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        page: Any = login_required(checked)
        page.permission = permission
        return page

    return decorate


def signed_in(view: View) -> View:
    """The page is for anybody signed in."""
    page: Any = login_required(view)
    page.permission = None
    return page
