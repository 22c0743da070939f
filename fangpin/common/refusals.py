"""What services answer where they do nothing: a Chinese sentence that says what to do. Every refusal of the
project is of this family; pages show it, commands print it, the API answers it."""

from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):
    """Nothing was changed. `message` is Chinese and says what to do; `place` is the code of the question that
    it is about, where it is about one."""

    place = ""

    def __init__(self, message: str):
        self.message = message
        super().__init__(message)


@contextmanager
def about(place: str) -> Iterator[None]:
    """What is refused inside is about `place`."""
    try:
        yield
    except Refused as refused:
        refused.place = refused.place or place
        raise
