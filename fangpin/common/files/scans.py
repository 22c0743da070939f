"""Papers that come back signed or stamped: a PDF, or a picture of the sheet."""

CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
MOST_BYTES = 20 << 20
_BEGINNINGS = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


def kind_of(content: bytes) -> str | None:
    """pdf, jpg or png, by what the file begins with; None for anything else."""
    return next((kind for kind, beginning in _BEGINNINGS.items() if content.startswith(beginning)), None)
