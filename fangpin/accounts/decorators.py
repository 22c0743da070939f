from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied


def needs(permission: str):
    """The page is for signed-in people whose acting duty has `permission`; others get 403."""

    def decorate(view):
        @wraps(view)
        def checked(request, *args, **kwargs):
            if not request.user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        page = login_required(checked)
        page.permission = permission
        return page

    return decorate


def signed_in(view):
    """The page is for anybody signed in."""
    page = login_required(view)
    page.permission = None
    return page
