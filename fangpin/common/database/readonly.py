"""A transaction that can change nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from fangpin.common.database import is_postgres, run


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


def _temporary_tables_alone(action: int, _table: Any, _column: Any, database: Any, _within: Any) -> int:
    """SQLite asks this before it prepares a statement."""
    changes = action in _CHANGES and database not in ("temp", None)
    return sqlite3.SQLITE_DENY if changes else sqlite3.SQLITE_OK
