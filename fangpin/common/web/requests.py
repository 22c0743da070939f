from django.http import HttpRequest

from fangpin.common.actor import Actor


class SignedInRequest(HttpRequest):
    """The request that a view behind `login_required` gets; a type alone."""

    user: Actor
