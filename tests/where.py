"""Where a test runs: `make test-services` plays on PostgreSQL what can fail there and pass on SQLite.

What touches no database is marked `once` here; a test whose database does not matter says so itself.
"""

import pytest

DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items):
    for item in items:
        touches = DATABASE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db")
        if not touches and not {"browser", "worker"} & {mark.name for mark in item.iter_markers()}:
            item.add_marker("once")
