import pytest
from django.db import transaction

from demo import prepare


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "FOLDER", tmp_path)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """A small demo, made once for the tests of a module that only read; returns the folder of its files."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(prepare, "FOLDER", folder)
        prepare.prepare(prepare.Wanted(households=60, seed=2020, empty=False), lambda words: None)
        yield folder
        transaction.set_rollback(True)
