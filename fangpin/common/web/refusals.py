"""What a page does with a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from fangpin.common.refusals import Refused


@contextmanager
def refusals_as_messages(request: HttpRequest) -> Iterator[None]:
    """What is refused inside stands as a message on the next page; the view goes on after the block."""
    try:
        yield
    except Refused as refused:
        messages.error(request, refused.message)
