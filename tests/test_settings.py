"""Production takes no default: each missing or weak setting stops the start with its name."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FANGPIN") and k not in COMPLETE}
    environment = kept | {k: v for k, v in (COMPLETE | changes).items() if v is not None}
    environment["DJANGO_SETTINGS_MODULE"] = "fangpin.settings"
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "FANGPIN_ENV"])
def test_production_names_the_missing_setting(name):
    run = start("-c", "import fangpin.settings", **{name: None})
    assert run.returncode != 0
    assert name in run.stderr


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
def test_production_refuses_a_weak_setting(name, value):
    run = start("-c", "import fangpin.settings", **{name: value})
    assert run.returncode != 0
    assert name in run.stderr


def test_deploy_check_is_clean():
    run = start("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert run.returncode == 0, run.stderr


def test_toolbar_is_there_for_work_on_the_code_alone(tmp_path):
    words = "from django.conf import settings as s; print(s.DEBUG, 'debug_toolbar' in s.INSTALLED_APPS)"
    local = {"FANGPIN_ENV": None, "DATABASE_URL": None, "FANGPIN_VAR": str(tmp_path)}
    assert start("-c", words, **local).stdout.split() == ["False", "False"]
    assert start("-c", words, **local, FANGPIN_DEBUG="1").stdout.split() == ["True", "True"]
