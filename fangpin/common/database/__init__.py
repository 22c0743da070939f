"""What differs between PostgreSQL (the database of record) and SQLite (demo, quick tests), and nothing else.

Everything else in the project is written once for both.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Func, Q
from django.db.models.expressions import RawSQL

# Logical column types of a staging table: (PostgreSQL, SQLite).
TYPES = {
    "text": ("text", "text"),
    "int": ("bigint", "integer"),
    "bool": ("boolean", "bool"),
    "date": ("date", "date"),
    "uuid": ("uuid", "char(32)"),
    "bytes": ("bytea", "blob"),
    "json": ("jsonb", "text"),
}


def is_postgres(using: Any = connection) -> bool:
    return using.vendor == "postgresql"


class GenUUID(Func):
    """A random UUID made by the database, for `db_default`: bulk SQL then needs no column for it."""

    template = "gen_random_uuid()"
    output_field = models.UUIDField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:  # noqa: ARG002  names of Django
        return "lower(hex(randomblob(16)))", []


class JsonList(models.Aggregate):
    """A JSON list of a group's values. SQLite keeps no order: readers sort."""

    function = "jsonb_agg"
    output_field = models.JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="json_group_array", **context)


def name_contains(field: str, text: str) -> Q:
    """Names that contain `text`; on PostgreSQL the index over the names' characters narrows first."""
    condition = Q(**{f"{field}__contains": text})
    if is_postgres() and "__" not in field:
        condition &= Q(
            RawSQL(
                f"string_to_array({field}, NULL) @> string_to_array(%s, NULL)", [text], models.BooleanField()
            )
        )
    return condition


@contextmanager
def staged(name: str, columns: dict[str, str], rows: Iterable[Sequence[Any]] = ()) -> Iterator[str]:
    """A temporary table of `rows`, filled by COPY (PostgreSQL) or executemany (SQLite), gone at the end.

    `columns` gives name → logical type; dates are ISO strings, UUIDs 32 hex digits, None is NULL; an empty
    string arrives as NULL. The table has an integer column `n`, 1 for the first row, to keep the order.
    """
    position = 0 if is_postgres() else 1
    number = "bigserial" if is_postgres() else "integer PRIMARY KEY"
    spec = ", ".join(f'"{column}" {TYPES[kind][position]}' for column, kind in columns.items())
    run(f'DROP TABLE IF EXISTS "{name}"')
    run(f'CREATE TEMPORARY TABLE "{name}" (n {number}, {spec})')
    add_rows(name, columns, rows)
    refresh_statistics(name)
    yield name
    run(f'DROP TABLE IF EXISTS "{name}"')


def add_rows(name: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """More rows for a staged table; `refresh_statistics` when the last of many are in."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if is_postgres():
            _copy(cursor, name, columns, rows)
        else:
            names = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("%s" for _ in columns)
            cursor.executemany(
                f'INSERT INTO "{name}" ({names}) VALUES ({marks})',
                (tuple(None if value == "" else value for value in row) for row in rows),  # type: ignore[arg-type]
            )


def make_temporary(name: str, columns: dict[str, str]) -> None:
    """An empty temporary table, gone with the connection; `columns` as in `staged`."""
    spec = ", ".join(
        f'"{column}" {TYPES[kind][0 if is_postgres() else 1]}' for column, kind in columns.items()
    )
    run(f'DROP TABLE IF EXISTS "{name}"')
    run(f'CREATE TEMPORARY TABLE "{name}" ({spec})')


def _copy(cursor: Any, name: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Feeds COPY while the rows are being made: the server works on one part as Python makes the next."""
    names = ", ".join(f'"{column}"' for column in columns)
    binary = [position for position, kind in enumerate(columns.values()) if kind == "bytes"]
    cursor.copy_expert(
        f"COPY \"{name}\" ({names}) FROM STDIN WITH (FORMAT csv, NULL '')", _CsvStream(rows, binary)
    )


class _CsvStream(io.TextIOBase):
    """Rows as CSV text, made as they are read; `binary` are the positions of bytes."""

    def __init__(self, rows: Iterable[Sequence[Any]], binary: Sequence[int]):
        self._rows = map(self._in_hex, rows) if binary else rows
        self._rows = iter(self._rows)
        self._binary = binary

    def _in_hex(self, row: Sequence[Any]) -> list[Any]:
        row = list(row)
        for position in self._binary:
            if row[position] is not None:
                row[position] = "\\x" + row[position].hex()
        return row

    def read(self, _size: int | None = -1) -> str:
        """Some 500 rows at a time, whatever is asked; empty at the end."""
        part = io.StringIO()
        csv.writer(part).writerows(islice(self._rows, 500))
        return part.getvalue()


def run(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Executes one statement and returns how many rows it touched; parameters by place or by name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.rowcount


def rows(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall()


@contextmanager
def bulk_work() -> Iterator[None]:
    """A transaction of a few large statements. PostgreSQL compiles none of them first: each runs once, and
    compiling takes as long as it does. What is looked up by key is taken to lie in memory."""
    with transaction.atomic():
        if is_postgres():
            run("SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")
        yield


def refresh_statistics(*tables: str, columns: Sequence[str] = ()) -> None:
    """Tells PostgreSQL's planner what was just written in bulk: what it believes empty it joins row by row.
    With `columns` of these alone, which spares it reading whole documents."""
    if is_postgres():
        only = f" ({', '.join(columns)})" if columns else ""
        for table in tables:
            run(f'ANALYZE "{table}"{only}')


def json_object(pairs: dict[str, str]) -> str:
    """SQL text of a JSON object from name → SQL expression."""
    function = "jsonb_build_object" if is_postgres() else "json_object"
    return f"{function}({', '.join(f'{chr(39)}{key}{chr(39)}, {value}' for key, value in pairs.items())})"


def json_list(value: str) -> str:
    """SQL text of an aggregate: a JSON list of a group's values, themselves JSON (SQLite keeps no order)."""
    return f"jsonb_agg({value})" if is_postgres() else f"json_group_array(json({value}))"


def as_json(column: str) -> str:
    """SQL text of a JSON column as it goes into a JSON object."""
    return column if is_postgres() else f"json({column})"


def is_different(left: str, right: str) -> str:
    """SQL: the two differ, NULL counted as a value."""
    return f"{left} IS DISTINCT FROM {right}" if is_postgres() else f"{left} IS NOT {right}"
