"""What addresses and flags of the environment become."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from fangpin import env


def test_postgres_address_is_taken_apart():
    entry = env.database("postgres://u%40x:p%2Fw%2B@db.example:5433/name")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert (entry["USER"], entry["PASSWORD"]) == ("u@x", "p/w+")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example", 5433, "name")
    assert entry["CONN_MAX_AGE"] == 60
    assert entry["CONN_HEALTH_CHECKS"] is True


def test_postgres_socket_and_options_of_the_driver():
    entry = env.database("postgresql://u@/name?host=/run/postgresql&sslmode=require")
    assert entry["HOST"] == "/run/postgresql"
    assert entry["OPTIONS"] == {"sslmode": "require"}


def test_sqlite_path_with_unusual_signs():
    entry = env.database("sqlite:////srv/c%2B%2B/f%25.sqlite3")
    assert entry["NAME"] == "/srv/c++/f%.sqlite3"
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_sqlite_without_a_path_lives_in_memory():
    assert env.database("sqlite://")["NAME"] == ":memory:"


@pytest.mark.parametrize("url", ["mysql://u@h/x", "pgsql://u@h/x", "nonsense"])
def test_other_databases_are_refused(url):
    with pytest.raises(ImproperlyConfigured, match="must start with sqlite:// or postgres://"):
        env.database(url)


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("Yes", True), ("0", False), ("false", False)])
def test_flag_is_read(monkeypatch, raw, value):
    monkeypatch.setenv("FANGPIN_SOME_FLAG", raw)
    assert env.flag("FANGPIN_SOME_FLAG", not value) is value


def test_misspelt_flag_stops_the_start(monkeypatch):
    monkeypatch.setenv("FANGPIN_SOME_FLAG", "ture")
    with pytest.raises(ImproperlyConfigured, match="FANGPIN_SOME_FLAG must be 1 or 0, not 'ture'"):
        env.flag("FANGPIN_SOME_FLAG")
