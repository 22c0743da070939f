import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from fangpin.common import audit
from fangpin.common.database import triggers
from fangpin.common.models import AuditRow, StatusRecord


@pytest.fixture
def row(office):
    return audit.record(office, "test_act", office, figure=1)


@pytest.mark.parametrize("model", [AuditRow, StatusRecord])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_append_only_tables_refuse(model, act, office, row):
    record = StatusRecord.objects.create(model="x", object_id=1, transition="t", to_state="s", by=office)
    pk = row.pk if model is AuditRow else record.pk
    table = model._meta.db_table
    column = "act" if model is AuditRow else "opinion"
    statement = (
        f"UPDATE {table} SET {column} = 'x' WHERE id = {pk}"
        if act == "update"
        else f"DELETE FROM {table} WHERE id = {pk}"
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_triggers_stand_again_after_migrate(db, office):
    triggers.unprotect_append_only_tables_for_tests()
    call_command("migrate", verbosity=0)
    row = audit.record(office, "test_act")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRow.objects.filter(pk=row.pk).update(act="x")


def test_record_tells_who_in_which_duty_and_what(row, office):
    assert (row.by, row.acting_as, row.act) == (office, office.acting, "test_act")
    assert (row.model, row.object_id, row.details) == ("accounts.user", office.pk, {"figure": 1})


def test_record_of_the_system_names_nobody(db):
    assert audit.record(None, "test_act").by is None
