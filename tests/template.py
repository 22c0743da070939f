"""The test database. It is made once, by the migrations and the reference data, and kept; every run and every
worker copies it.

What is kept bears a digest of all that it was made of: where that changes, it is made anew.
"""

import fcntl
import hashlib
import os
import platform
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.utils import timezone

from fangpin.accounts.places.divisions import load_departments, load_divisions
from fangpin.common import reference, working_days
from fangpin.common.database import triggers
from fangpin.common.models import WorkingDay
from fangpin.policy.services import load_defaults

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "tests"
KEPT_FILES = 3
KEPT_DATABASES = 8  # of all checkouts that test on this server
PREFIX = "fangpin_tests_"


def load_reference() -> None:
    load_divisions()
    load_departments()
    load_defaults()
    reference.load()
    working_days.seed(2019, 2026)
    # Years whose holidays are not published yet, as weekdays: the tests go on when the year ends.
    for year in range(2027, timezone.localdate().year + 3):
        WorkingDay.objects.bulk_create(working_days.days_of(year).values(), ignore_conflicts=True)


def create() -> None:
    """The test database of this process, to which the connection is switched."""
    name = digest()
    if _copy(name):
        return
    with _alone():  # one worker makes it, the others wait for it
        if not _copy(name):
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            load_reference()
            _keep(name)
            assert _copy(name)


def destroy(before: str) -> None:
    """Back to the database named `before`."""
    connection.creation.destroy_test_db(before, verbosity=0)
    while _opened:
        _opened.pop().close()


def restore() -> None:
    """The test database as it was when it was created, after a test that wrote without a transaction."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        _opened[0].backup(connection.connection)
    else:
        _restore_on_postgres()


# ---- What is kept: a file of SQLite, or a database of PostgreSQL ----

_opened: list[sqlite3.Connection] = []  # the file; it may be deleted during the run


def _copy(name: str) -> bool:
    """Whether there is one to copy."""
    creation = connection.creation
    mine = creation._get_test_db_name()
    if connection.vendor == "sqlite":
        path = FOLDER / f"{name}.sqlite3"
        if path.exists():
            _opened.append(sqlite3.connect(f"file:{path}?mode=ro", uri=True))
            _switch(mine)
            restore()
        return path.exists()
    with creation._nodb_cursor() as server:
        server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [PREFIX + name])
        if not server.fetchone():
            return False
        server.execute(f'DROP DATABASE IF EXISTS "{mine}"')
        server.execute(f'CREATE DATABASE "{mine}" TEMPLATE "{PREFIX}{name}"')
    _switch(mine)
    return True


def _switch(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _keep(name: str) -> None:
    if connection.vendor == "sqlite":
        _keep_file(FOLDER / f"{name}.sqlite3")
    else:
        _keep_database(PREFIX + name)


def _keep_file(path: Path) -> None:
    made = path.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(made)) as file:
        connection.connection.backup(file)
    made.rename(path)
    for old in sorted(FOLDER.glob("*.sqlite3"), key=lambda each: each.stat().st_mtime)[:-KEPT_FILES]:
        old.unlink()


def _keep_database(name: str) -> None:
    """The rows of the reference data are kept a second time, in a schema of their own: from it a test that
    wrote without a transaction has them back."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA kept")
        for table in _filled(cursor, connection.introspection.table_names(cursor)):
            cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')
        cursor.execute("ANALYZE")
    mine = connection.settings_dict["NAME"]
    connection.close()
    with connection.creation._nodb_cursor() as server:
        with suppress(ProgrammingError):  # another checkout was as quick
            server.execute(f'ALTER DATABASE "{mine}" RENAME TO "{name}"')
        ours = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC"
        server.execute(ours, [f"{PREFIX}%"])
        for (old,) in server.fetchall()[KEPT_DATABASES:]:
            with suppress(OperationalError):  # just being copied
                server.execute(f'DROP DATABASE IF EXISTS "{old}"')


@contextmanager
def _alone() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _restore_on_postgres() -> None:
    """Rows go by DELETE, which costs what there is to delete: TRUNCATE writes each table and index anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'kept'")
        kept = {table for (table,) in cursor.fetchall()}
        written = _filled(cursor, set(connection.introspection.table_names(cursor)) - kept)
        guarded = {*triggers.append_only_tables(), *triggers.frozen_tables()} & {*written, *kept}
        for table in guarded:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for table in written:
            cursor.execute(f'DELETE FROM "{table}"')
        for table in kept:
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute(
                f'DELETE FROM "{table}" AS t WHERE t::text NOT IN (SELECT k::text FROM kept."{table}" AS k)'
            )
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM kept."{table}" WHERE "{key}" NOT IN '
                f'(SELECT "{key}" FROM "{table}")'
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in guarded:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _filled(cursor, tables: Iterable[str]) -> list[str]:
    """Those that have rows."""
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM public.\"{table}\")" for table in tables)
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]


# ---- What it is made of ----


def digest() -> str:
    made = hashlib.sha256()
    for path in sorted(sources()):
        made.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    about = (
        timezone.localdate().year,
        platform.python_version(),
        sqlite3.sqlite_version,
        django.__version__,
        version("chinesecalendar"),
        settings.INSTALLED_APPS,
    )
    made.update(repr(about).encode())
    return made.hexdigest()[:20]


def sources() -> set[Path]:
    """Migrations, models, what loads the reference data with its files, and every module of ours that these
    import, directly or not."""
    ours = {app.partition(".")[0] for app in settings.INSTALLED_APPS}
    files = [
        path
        for app in ours
        for path in (ROOT / app).rglob("*")
        if path.suffix not in (".pyc", ".meta") and path.is_file()
    ]
    found = {path for path in files if path.suffix != ".py" or path.name == "apps.py"}
    waiting = [path for path in files if {"migrations", "models", "models.py"} & {*path.parts}]
    waiting += [Path(__file__).resolve(), _file("tests.settings")]
    waiting += [_file(loader.__module__) for _, loader in reference._loaders]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return found


_IMPORT = re.compile(
    r"^\s*(?:import|from)\s+(?P<dots>\.*)(?P<module>[\w.]*)(?:\s+import\s+(?P<names>\([^)]*\)|.*))?",
    re.MULTILINE,
)


def _imported(path: Path) -> Iterator[Path]:
    for found in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        package = path.parents[len(found["dots"]) - 1] if found["dots"] else ROOT
        start = [*package.relative_to(ROOT).parts, *filter(None, found["module"].split("."))]
        # A package is run before its modules.
        modules = [start[:length] for length in range(1, len(start) + 1)]
        modules += [[*start, name] for name in re.findall(r"\w+", found["names"] or "")]
        yield from filter(None, map(_file, map(".".join, modules)))


def _file(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if path.is_file():
            return path
    return None
