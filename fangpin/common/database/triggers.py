"""Triggers: tables that are only added to, rows that are frozen, balances that movements move."""

from typing import Any

from django.apps import apps
from django.db import connections


def append_only_tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)]


def frozen_tables() -> dict[str, str]:
    """Table → SQL condition under which a row can't be changed any more (`frozen_when` of its model)."""
    models: list[Any] = [model for model in apps.get_models() if getattr(model, "frozen_when", "")]
    return {model._meta.db_table: model.frozen_when for model in models}


def protect_append_only_tables(using: str = "default", **_kwargs: Any) -> None:
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
    models: list[Any] = [model for model in apps.get_models() if getattr(model, "moves_balances", None)]
    return {model._meta.db_table: model.moves_balances for model in models}


def keep_balances(using: str = "default", **_kwargs: Any) -> None:
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
    cursor: Any, table: str, source: str, target: str, amount: str, accounts: str, balance: str
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
    cursor: Any, table: str, source: str, target: str, amount: str, accounts: str, balance: str
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
