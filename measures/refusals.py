"""What the services of the help answer where they do nothing: a Chinese sentence that says what to do."""

from screening.refusals import Refused

__all__ = ["Refused"]
