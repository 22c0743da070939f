"""The database that every test begins with, and that a test without a transaction leaves behind."""

import shutil

import pytest
from django.db import DatabaseError, transaction

from fangpin.accounts.models import Department, Division, Duty, User
from fangpin.accounts.roles import Role
from fangpin.common.models import AuditRow, WorkingDay
from tests import factories, template


def written() -> list:
    """What a test may write, small as it is in the reference data or empty."""
    chosen = [
        Division.objects.filter(code__startswith=factories.TOWNSHIP[:9]),
        Department.objects.filter(county_id=factories.COUNTY),
        WorkingDay.objects.filter(day__year=2026),
        *(model.objects.all() for model in (User, Duty, AuditRow)),
    ]
    return [list(rows.order_by("pk").values()) for rows in chosen]


@pytest.mark.django_db(transaction=True)
def test_all_is_as_before_after_a_test_without_a_transaction():
    before = written()
    Division.objects.filter(code=factories.VILLAGE).update(name="改名村")
    Division.objects.create(code="451228100999", name="新村", level="village", parent_id=factories.TOWNSHIP)
    WorkingDay.objects.filter(day__year=2026, day__month=5).delete()
    Department.objects.filter(county_id=factories.COUNTY, code="insurance").delete()
    AuditRow.objects.create(by=factories.user("restored", Role.OFFICE, factories.COUNTY), act="test")
    assert not any(old == new for old, new in zip(before, written(), strict=True))
    template.restore()
    assert written() == before
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRow.objects.create(act="test")
        AuditRow.objects.all().delete()


def test_digest_covers_what_the_database_is_made_of():
    covered = {str(path.relative_to(template.ROOT)) for path in template.sources()}
    assert {
        "fangpin/accounts/data/guangxi_divisions.csv.gz",
        "fangpin/common/database/__init__.py",
        "fangpin/settings.py",
        "households/migrations/0001_initial.py",
        "measures/catalogue/first_rows/__init__.py",
        "screening/models/rounds.py",
    } <= covered


def test_digest_changes_with_a_file(monkeypatch, tmp_path):
    before = template.digest()
    for package in ("fangpin", "households", "screening", "measures", "funding", "handheld", "demo", "tests"):
        shutil.copytree(template.ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.pyc"))
    monkeypatch.setattr(template, "ROOT", tmp_path)
    monkeypatch.setattr(template, "__file__", str(tmp_path / "tests" / "template.py"))
    assert template.digest() == before
    with (tmp_path / "fangpin" / "policy" / "parameters.py").open("a") as module:
        module.write("# changed\n")
    assert template.digest() != before
