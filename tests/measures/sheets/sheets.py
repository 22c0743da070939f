"""Workbooks as an officer fills them in, and their way over the pages."""

import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from measures.models import FilledSheet, SheetKind
from measures.sheets import filled as filled_sheets


def filled(content: bytes, first: str, fill) -> bytes:
    """A downloaded workbook whose first heading is `first`; `fill(number of the row)` gives heading →
    cell."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    top = next(n for n in range(1, 6) if sheet.cell(n, 1).value == first)
    places = {sheet.cell(top, column).value: column for column in range(1, sheet.max_column + 1)}
    for number in range(top + 1, sheet.max_row + 1):
        for heading, value in fill(number - top).items():
            sheet.cell(number, places[heading]).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def renamed(content: bytes, heading: str, other: str) -> bytes:
    """The workbook with another word for a heading."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for cell in (cell for row in book.active.iter_rows(max_row=5) for cell in row if cell.value == heading):
        cell.value = other
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def handed(kind: SheetKind, content: bytes, by) -> FilledSheet:
    return filled_sheets.hand_in(kind, file_name="x.xlsx", content=content, by=by)


def uploaded(client, address: str, content: bytes):
    """The answer of the page where the upload ends: its check, or the form with what is wrong."""
    return client.post(address, {"file": SimpleUploadedFile("x.xlsx", content)}, follow=True)


def rows_of(content: bytes) -> list[dict]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]
