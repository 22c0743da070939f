"""How log lines look: each with the number of its request, as JSON in production, without personal data."""

import json
import logging
import re

from fangpin.common.logs import request_ids

# What PostgreSQL adds to an error are the values of the row. The line after it begins with a word of its own.
_details = re.compile(r"(DETAIL:).*?(?=\n(?:CONTEXT|HINT|LINE|\n)|\Z)", re.DOTALL)
# Numbers of persons, accounts and phones, wherever they stand.
_numbers = re.compile(r"(?<!\d)(?<!\d\.)(?:\d{15,30}[Xx]?|1[3-9]\d{9})(?![\dA-Fa-f])")


def masked(text: str) -> str:
    """`text` without the values of rows and without long numbers; names it can't know."""
    return _numbers.sub("***", _details.sub(r"\1 ***", text))


class WithRequestId(logging.Filter):
    """Puts `request_id` on every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_ids.current.get()
        return True


class RefusalsWithoutTraceback(logging.Filter):
    """A refused page (403) is no fault of the program: the line says which page, and that is all."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == 403:
            record.exc_info = record.exc_text = None
        return True


class LineFormatter(logging.Formatter):
    """For people who sit before the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line, for a program that collects them."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", request_ids.NONE),
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
