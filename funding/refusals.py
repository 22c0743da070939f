"""What the services of the money answer where they do nothing: a Chinese sentence that says what to do."""

from measures.refusals import Refused

__all__ = ["Refused"]
