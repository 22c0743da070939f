"""Production takes no default: each missing or weak setting stops the start with its name."""

import base64
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
KEY = base64.b64encode(b"k" * 32).decode()
COMPLETE = {
    "FANGPIN_ENV": "production",
    "FANGPIN_SECRET_KEY": "abcdefghij" * 6,
    "FANGPIN_FIELD_KEYS": f"1:{KEY}",
    "FANGPIN_INDEX_KEY": KEY,
    "FANGPIN_HOSTS": "fangpin.example",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/x",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def start(*arguments, **changes):
    """A process of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FANGPIN") and k not in COMPLETE}
    environment = kept | {k: v for k, v in (COMPLETE | changes).items() if v is not None}
    environment["DJANGO_SETTINGS_MODULE"] = "fangpin.settings"
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def read_under(monkeypatch, changes: dict) -> dict:
    """The settings, read in this process under that environment."""
    for name in [name for name in os.environ if name.startswith("FANGPIN") or name in COMPLETE]:
        monkeypatch.delenv(name)
    for name, value in (COMPLETE | changes).items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "fangpin" / "settings.py"))


def why_refused(monkeypatch, **changes) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_under(monkeypatch, changes)
    return str(refused.value)


def test_complete_settings_are_read(monkeypatch):
    assert read_under(monkeypatch, {})["PRODUCTION"]


def test_process_does_not_start_without_a_setting():
    run = start("-c", "import fangpin.settings", FANGPIN_INDEX_KEY=None)
    assert run.returncode != 0
    assert "FANGPIN_INDEX_KEY" in run.stderr


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "FANGPIN_ENV"])
def test_production_names_the_missing_setting(monkeypatch, name):
    assert name in why_refused(monkeypatch, **{name: None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FANGPIN_SECRET_KEY", "changeme"),
        ("FANGPIN_FIELD_KEYS", "1:short"),
        ("FANGPIN_INDEX_KEY", "AAAA"),
        ("DATABASE_URL", "sqlite:///x.sqlite3"),
        ("DATABASE_URL", "postgres://fangpin:fangpin@127.0.0.1:5432/x"),
        ("DATABASE_URL", "postgres://fangpin:ChangeMe@127.0.0.1:5432/x"),
        ("FANGPIN_HOSTS", "*"),
        ("FANGPIN_HOSTS", "fangpin.example,*"),
        ("FANGPIN_ENV", "prod"),
        ("FANGPIN_DEBUG", "1"),
    ],
)
def test_production_refuses_a_weak_setting(monkeypatch, name, value):
    assert name in why_refused(monkeypatch, **{name: value})


def test_deploy_check_is_clean():
    run = start("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert run.returncode == 0, run.stderr


def test_toolbar_is_there_for_work_on_the_code_alone(tmp_path):
    words = "from django.conf import settings as s; print(s.DEBUG, 'debug_toolbar' in s.INSTALLED_APPS)"
    local = {"FANGPIN_ENV": None, "DATABASE_URL": None, "FANGPIN_VAR": str(tmp_path)}
    assert start("-c", words, **local).stdout.split() == ["False", "False"]
    assert start("-c", words, **local, FANGPIN_DEBUG="1").stdout.split() == ["True", "True"]
