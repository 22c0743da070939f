"""What the services of a round answer where they do nothing: a Chinese sentence that says what to do."""


class Refused(Exception):
    """Nothing was changed. `message` is Chinese and says what to do."""

    def __init__(self, message: str):
        self.message = message
        super().__init__(message)


class FeedRefused(Refused):
    """A list is given back as a whole; nothing was changed."""
