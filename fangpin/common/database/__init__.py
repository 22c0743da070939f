"""What differs between PostgreSQL (the database of record) and SQLite (demo, quick tests), and nothing else.

Everything else in the project is written once for both.
"""

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from django.apps import apps
from django.db import connection, connections, models, transaction
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


def is_postgres(using=connection) -> bool:
    return using.vendor == "postgresql"


class GenUUID(Func):
    """A random UUID made by the database, for `db_default`: bulk SQL then needs no column for it."""

    template = "gen_random_uuid()"
    output_field = models.UUIDField()

    def as_sqlite(self, compiler, connection, **context):
        return "lower(hex(randomblob(16)))", []


class JsonList(models.Aggregate):
    """A JSON list of a group's values. SQLite keeps no order: readers sort."""

    function = "jsonb_agg"
    output_field = models.JSONField()

    def as_sqlite(self, compiler, connection, **context):
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
def staged(name: str, columns: dict[str, str], rows: Iterable[Sequence] = ()) -> Iterator[str]:
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


def add_rows(name: str, columns: dict[str, str], rows: Iterable[Sequence]) -> None:
    """More rows for a staged table; `refresh_statistics` when the last of many are in."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if is_postgres():
            _copy(cursor, name, columns, rows)
        else:
            names = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("%s" for _ in columns)
            cursor.executemany(
                f'INSERT INTO "{name}" ({names}) VALUES ({marks})',
                (tuple(None if value == "" else value for value in row) for row in rows),
            )


def make_temporary(name: str, columns: dict[str, str]) -> None:
    """An empty temporary table, gone with the connection; `columns` as in `staged`."""
    spec = ", ".join(
        f'"{column}" {TYPES[kind][0 if is_postgres() else 1]}' for column, kind in columns.items()
    )
    run(f'DROP TABLE IF EXISTS "{name}"')
    run(f'CREATE TEMPORARY TABLE "{name}" ({spec})')


def _copy(cursor, name: str, columns: dict[str, str], rows: Iterable[Sequence]) -> None:
    """Feeds COPY while the rows are being made: the server works on one part as Python makes the next."""
    names = ", ".join(f'"{column}"' for column in columns)
    binary = [position for position, kind in enumerate(columns.values()) if kind == "bytes"]
    cursor.copy_expert(
        f"COPY \"{name}\" ({names}) FROM STDIN WITH (FORMAT csv, NULL '')", _CsvStream(rows, binary)
    )


class _CsvStream(io.TextIOBase):
    """Rows as CSV text, made as they are read; `binary` are the positions of bytes."""

    def __init__(self, rows: Iterable[Sequence], binary: Sequence[int]):
        self._rows = map(self._in_hex, rows) if binary else rows
        self._rows = iter(self._rows)
        self._binary = binary

    def _in_hex(self, row: Sequence) -> list:
        row = list(row)
        for position in self._binary:
            if row[position] is not None:
                row[position] = "\\x" + row[position].hex()
        return row

    def read(self, size: int = -1) -> str:
        """Some 500 rows at a time, whatever is asked; empty at the end."""
        part = io.StringIO()
        csv.writer(part).writerows(islice(self._rows, 500))
        return part.getvalue()


def run(sql: str, params: Sequence = ()) -> int:
    """Executes one statement and returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.rowcount


def rows(sql: str, params: Sequence = ()) -> list[tuple]:
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


# --- append-only tables ---------------------------------------------------------------------------


def append_only_tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)]


def frozen_tables() -> dict[str, str]:
    """Table → SQL condition under which a row can't be changed any more (`frozen_when` of its model)."""
    models = [model for model in apps.get_models() if getattr(model, "frozen_when", "")]
    return {model._meta.db_table: model.frozen_when for model in models}


def protect_append_only_tables(using: str = "default", **kwargs) -> None:
    """Creates the triggers that refuse UPDATE and DELETE, of every row or of frozen ones; run after every
    migrate, for SQLite drops a table's triggers silently when it remakes the table."""
    existing = set(connections[using].introspection.table_names())
    protected = dict.fromkeys(append_only_tables(), "") | frozen_tables()
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION fangpin_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
            )
        for table, condition in protected.items():
            if table not in existing:
                continue
            when = f"WHEN (OLD.{condition})" if condition else ""
            for act in ("UPDATE", "DELETE"):
                trigger = f"{table}_no_{act.lower()}"
                if connections[using].vendor == "postgresql":
                    cursor.execute(
                        f'CREATE OR REPLACE TRIGGER "{trigger}" BEFORE {act} ON "{table}" '
                        f"FOR EACH ROW {when} EXECUTE FUNCTION fangpin_append_only()"
                    )
                else:
                    cursor.execute(
                        f'CREATE TRIGGER IF NOT EXISTS "{trigger}" BEFORE {act} ON "{table}" {when} '
                        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                    )


def ledger_tables() -> dict[str, tuple[str, str, str, str, str]]:
    """Table of movements → (from column, to column, amount column, table and column of the balances)."""
    models = [model for model in apps.get_models() if getattr(model, "moves_balances", None)]
    return {model._meta.db_table: model.moves_balances for model in models}


def keep_balances(using: str = "default", **kwargs) -> None:
    """Creates the triggers by which a movement moves both balances, the lower account first; run after every
    migrate.

    PostgreSQL moves a whole statement at once and refuses balances written by hand; SQLite moves row by row.
    """
    existing = set(connections[using].introspection.table_names())
    for table, moved in ledger_tables().items():
        if table in existing:
            make = _keep_on_postgres if connections[using].vendor == "postgresql" else _keep_on_sqlite
            with connections[using].cursor() as cursor:
                make(cursor, table, *moved)


def _keep_on_postgres(
    cursor, table: str, source: str, target: str, amount: str, accounts: str, balance: str
) -> None:
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {table}_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM 1 FROM {accounts} WHERE id IN (SELECT {source} FROM moved UNION SELECT {target} FROM "
        f"moved) "
        "ORDER BY id FOR NO KEY UPDATE; "
        f"UPDATE {accounts} AS a SET {balance} = a.{balance} + d.change FROM ("
        f"SELECT account, sum(change) AS change FROM (SELECT {target} AS account, {amount} AS change FROM "
        f"moved "
        f"UNION ALL SELECT {source}, -{amount} FROM moved) AS both_sides GROUP BY account) AS d WHERE a.id "
        f"= d.account; "
        "RETURN NULL; END $$"
    )
    cursor.execute(
        f'CREATE OR REPLACE TRIGGER "{table}_moves" AFTER INSERT ON "{table}" REFERENCING NEW TABLE AS moved '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_moves()"
    )
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {accounts}_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is moved by its movements alone', TG_TABLE_NAME; END $$"
    )
    cursor.execute(
        f'CREATE OR REPLACE TRIGGER "{accounts}_kept" BEFORE UPDATE ON "{accounts}" FOR EACH ROW '
        f"WHEN (OLD.{balance} <> NEW.{balance} AND pg_trigger_depth() = 0) EXECUTE FUNCTION {accounts}_kept()"
    )


def _keep_on_sqlite(
    cursor, table: str, source: str, target: str, amount: str, accounts: str, balance: str
) -> None:
    cursor.execute(
        f'CREATE TRIGGER IF NOT EXISTS "{table}_moves" AFTER INSERT ON "{table}" BEGIN '
        f"UPDATE {accounts} SET {balance} = {balance} - NEW.{amount} WHERE id = NEW.{source}; "
        f"UPDATE {accounts} SET {balance} = {balance} + NEW.{amount} WHERE id = NEW.{target}; END"
    )


def unprotect_append_only_tables_for_tests(using: str = "default") -> None:
    """SQLite's flush between tests deletes row by row; PostgreSQL truncates and needs no switch."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for table in (*append_only_tables(), *frozen_tables()):
                for act in ("update", "delete"):
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{act}"')


# --- reading alone --------------------------------------------------------------------------------


@contextmanager
def reading_only() -> Iterator[None]:
    """A transaction in which the database refuses to change anything but temporary tables, which have to be
    there already on PostgreSQL; there one snapshot serves it from its first to its last statement, where no
    transaction is open around it."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_postgres():
            run(f"SET TRANSACTION {'ISOLATION LEVEL REPEATABLE READ, ' if outermost else ''}READ ONLY")
            yield
            return
        connection.ensure_connection()
        connection.connection.set_authorizer(_temporary_tables_alone)
        try:
            yield
        finally:
            connection.connection.set_authorizer(None)


_CHANGES = {
    getattr(sqlite3, f"SQLITE_{act}")
    for act in (
        "INSERT",
        "UPDATE",
        "DELETE",
        "ALTER_TABLE",
        "CREATE_INDEX",
        "CREATE_TABLE",
        "CREATE_TRIGGER",
        "CREATE_VIEW",
        "DROP_INDEX",
        "DROP_TABLE",
        "DROP_TRIGGER",
        "DROP_VIEW",
        "REINDEX",
    )
}


def _temporary_tables_alone(action: int, table, column, database, within) -> int:
    """SQLite asks this before it prepares a statement."""
    changes = action in _CHANGES and database not in ("temp", None)
    return sqlite3.SQLITE_DENY if changes else sqlite3.SQLITE_OK
