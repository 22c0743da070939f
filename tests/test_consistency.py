"""What must stay true of the whole."""

import ast
import functools
import re
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from django_fsm import FSMFieldMixin

from fangpin.accounts.roles import PERMISSIONS, ROLE_PERMISSIONS, Role
from fangpin.accounts.scoping import ScopedQuerySet
from fangpin.common.database import triggers

ROOT = Path(__file__).resolve().parent.parent
APPS = ("fangpin", "households", "screening", "measures", "funding", "handheld", "demo")
SOURCES = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
PAGES = [
    p
    for p in SOURCES
    if "demo" not in p.parts
    and (
        "views" in p.parts
        or p.stem.endswith("views")
        or p.stem in ("panels", "todo", "exports", "overview", "lists")
    )
]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))


@functools.cache
def source(path):
    return path.read_text(encoding="utf-8")


@functools.cache
def tree(path):
    return ast.parse(source(path))


def views(patterns=None):
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            yield entry.name, entry.callback
        else:
            yield from views(entry.url_patterns)


# Open to everybody; they tell nothing of anybody.
PUBLIC = {"login", "alive", "ready", "handheld", "worker", "manifest"}


def test_every_view_states_its_permission():
    missing = {name for name, view in views() if not hasattr(view, "permission")}
    assert missing == PUBLIC


def test_every_permission_that_is_asked_is_in_the_table():
    asked = {view.permission for _, view in views() if getattr(view, "permission", None)}
    for path in SOURCES:
        asked |= set(re.findall(r"""(?:permission=|\.may\()"([a-z_]+\.[a-z_]+)\"""", source(path)))
    assert asked <= set(PERMISSIONS)


def test_every_permission_of_the_table_is_asked_somewhere():
    text = "".join(source(path) for path in [*SOURCES, *TEMPLATES] if path.name != "roles.py")
    assert {p for p in PERMISSIONS if f'"{p}"' not in text} == set()


def test_every_role_has_its_row():
    assert set(ROLE_PERMISSIONS) == set(Role.values)


# What hangs on rows that are in scope already: subqueries, details of rows, who delivered in a round.
INSIDE_THE_SCOPE = {
    ("households/lists.py", "Case"),
    ("screening/cases/lists.py", "Follower"),
    ("screening/cases/lists.py", "NationalItem"),
    ("screening/cases/lists.py", "Risk"),
    ("screening/comparison/todo.py", "Candidate"),
    ("measures/orders/lists.py", "Case"),
    ("measures/orders/lists.py", "Follower"),
    ("measures/orders/lists.py", "Measure"),
    ("measures/orders/lists.py", "Member"),
    ("measures/planning/panels.py", "Case"),
    ("funding/applications/lists.py", "ApplicationLine"),
    ("funding/applications/lists.py", "Member"),
    ("funding/payments/lists.py", "ApplicationLine"),
    ("funding/payments/lists.py", "BankAccount"),
    ("funding/payments/lists.py", "BatchLine"),
    ("funding/payments/lists.py", "Household"),
    ("funding/sources/lists.py", "BatchLine"),
    ("funding/sources/lists.py", "Movement"),
    ("funding/bank_accounts/lists.py", "BankAccount"),
    ("funding/bank_accounts/lists.py", "Household"),
}


def test_pages_fetch_scoped_models_in_scope():
    """`Model.objects` of a scoped model is followed by for_user in whatever answers a page."""
    scoped = {
        m.__name__
        for m in apps.get_models()
        if isinstance(getattr(m, "objects", None) and m.objects.all(), ScopedQuerySet)
    }
    assert PAGES
    assert [line for path in PAGES for line in _bare_objects(path, scoped)] == []


def _bare_objects(path, scoped):
    module = str(path.relative_to(ROOT))
    for node in ast.walk(tree(path)):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
            continue
        manager = node.value
        model = getattr(manager.value, "id", "")
        if manager.attr != "objects" or model not in scoped or node.attr == "for_user":
            continue
        if (module, model) not in INSIDE_THE_SCOPE:
            yield f"{module}:{node.lineno} {model}.objects.{node.attr}"


def test_scope_is_stated_for_every_scoped_model():
    for model in apps.get_models():
        queryset = model._default_manager.all()
        if isinstance(queryset, ScopedQuerySet):
            assert queryset.scope_permission in PERMISSIONS, model
            assert queryset.scope_path, model


def test_states_are_protected():
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FSMFieldMixin):
                assert field.protected, f"{model.__name__}.{field.name}"


def test_only_the_door_calls_a_transition():
    names = {
        name
        for model in apps.get_models()
        for name, value in vars(model).items()
        if hasattr(value, "_django_fsm")
    }
    calls = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in names
                and not node.args
                and not node.keywords
            ):
                calls.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.func.attr}")
    assert calls == []


def test_append_only_tables_are_records_and_the_ledger():
    assert set(triggers.append_only_tables()) == {
        "common_statusrecord",
        "common_auditrow",
        "funding_movement",
        "funding_periodclose",
    }


def test_migrations_are_complete(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_templates_compile():
    faults = {}
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        try:
            get_template(name)
        except Exception as error:
            faults[name] = error
    assert TEMPLATES
    assert faults == {}


def test_templates_are_used():
    """Each but the base and the error pages is named by a module or by another template."""
    sources = [*SOURCES, *TEMPLATES]
    unused = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        if "/" in name and not any(name in source(other) for other in sources if other != path):
            unused.append(name)
    assert unused == []


def test_no_english_words_on_the_pages():
    """Text between tags is Chinese: latin words that are no code, unit or placeholder are left-overs."""
    allowed = {"ID", "Excel", "CSV", "xlsx", "xls", "csv", "MB", "A", "B", "C", "D", "WPS", "Ctrl", "Esc"}
    found = []
    for path in TEMPLATES:
        text = re.sub(
            r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->|{%.*?%}|{{.*?}}|<(script|style|svg).*?</\1>",
            " ",
            source(path),
            flags=re.S,
        )
        for piece in re.findall(r">([^<>]+)<", text):
            words = set(re.findall(r"[A-Za-z]{2,}", piece.replace("&nbsp;", ""))) - allowed
            words -= {w for w in words if w in ("amp", "lt", "gt", "times", "middot", "nbsp", "hellip")}
            if words:
                found.append(f"{path.name}: {sorted(words)}")
    assert found == []
