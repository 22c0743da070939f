"""What others rely on is still there: addresses and their names, commands, tables and columns, the API.

`tests/data/outside.json` was written by commit cffe8a6, before the files moved into rooms. Additions are
welcome; what is taken away or renamed has to be taken out of the file by somebody who says why.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator

BEFORE = json.loads((Path(__file__).parent / "data" / "outside.json").read_text(encoding="utf-8"))


def addresses(resolver, prefix: str = "", space: str = "") -> Iterator[str]:
    """`namespace:name /path` of every address."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name or ''} /{path}"
        else:
            yield from addresses(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)


def lacking(before, now, place: str = "") -> list[str]:
    """Where `now` lacks or contradicts something of `before`, keys and list items deep down."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            fault
            for key, value in before.items()
            for fault in (lacking(value, now[key], f"{place}/{key}") if key in now else [f"{place}/{key}"])
        ]
    if isinstance(before, list) and isinstance(now, list):
        return [f"{place}: {value}" for value in before if value not in now]
    return [] if before == now else [f"{place}: {before!r} is {now!r}"]


def test_every_address_answers_under_its_name():
    assert lacking(BEFORE["urls"], list(addresses(get_resolver()))) == []


def test_every_command_is_there():
    ours = [name for name, app in get_commands().items() if app in settings.INSTALLED_APPS]
    assert lacking(BEFORE["commands"], ours) == []


def test_every_table_has_its_columns():
    tables = {
        model._meta.db_table: [field.column for field in model._meta.local_concrete_fields]
        for model in apps.get_models(include_auto_created=True)
    }
    assert lacking(BEFORE["tables"], tables) == []


def test_the_api_is_what_it_was():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert lacking(BEFORE["api"], json.loads(json.dumps(schema, default=str))) == []


def test_a_loss_is_noticed():
    now = json.loads(json.dumps(BEFORE))
    now["urls"].pop()
    now["tables"]["households_household"].remove("lamp")
    now["api"]["paths"].pop("/api/v1/national/changes")
    assert len(lacking(BEFORE, now)) == 3
