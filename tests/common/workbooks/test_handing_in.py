import datetime
from decimal import Decimal

import pytest
from django.db import connection

from fangpin.accounts.models import ListKind, User, UserList
from fangpin.accounts.roles import Role
from fangpin.common import cells
from fangpin.common.files import private_files
from fangpin.common.handing_in import services as handing_in
from fangpin.common.models import StatusRecord
from fangpin.common.workbooks import Table
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return factories.user("admin", Role.ADMINISTRATOR, factories.COUNTY)


def stored_files(settings) -> list:
    return [path for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file()]


def keep(by: User, **fields):
    area = {"kind": ListKind.USERS, "division": by.acting.division}
    return handing_in.kept(UserList, file_name="名单" * 150, content=b"x", by=by, **area, **fields)


def test_kept_workbook_has_its_file_sealed_under_its_digest(administrator):
    with keep(administrator) as sent:
        pass
    sent.refresh_from_db()
    assert private_files.load(sent.stored_name) == b"x"
    assert sent.file_digest == private_files.digest(b"x")
    assert len(sent.file_name) == 200


def test_what_fails_while_a_workbook_is_kept_leaves_neither_row_nor_file(administrator, settings):
    before = stored_files(settings)
    with pytest.raises(RuntimeError), keep(administrator):
        raise RuntimeError
    assert not UserList.objects.exists()
    assert stored_files(settings) == before


def test_a_row_that_cannot_be_written_leaves_no_file(administrator, settings):
    before = stored_files(settings)
    with pytest.raises(TypeError), keep(administrator, no_such_column=1):
        pass
    assert stored_files(settings) == before


@pytest.mark.parametrize("keep_it", [True, False])
def test_a_trial_that_is_not_kept_is_rolled_back(administrator, keep_it):
    with handing_in.trial(keep=keep_it):
        StatusRecord.objects.create(model="x", object_id=1, transition="x", to_state="x", by=administrator)
    assert StatusRecord.objects.filter(model="x").exists() is keep_it
    assert not connection.needs_rollback


def test_cells_of_the_rows_that_are_wanted():
    table = Table("", ["姓名", "日期"], {}, [], [2, 3], [("甲", None), ("乙", datetime.date(2020, 3, 5))])
    assert handing_in.cells_of(table, [3]) == {3: ["乙", "2020-03-05"]}


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (None, None),
        ("", ""),
        ("甲", "甲"),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (Decimal("1.20"), "1.20"),
        (datetime.date(2020, 3, 5), "2020-03-05"),
        (datetime.datetime(2020, 3, 5, 10, 30), "2020-03-05T10:30:00"),
        (datetime.time(10, 30), "10:30:00"),
    ],
)
def test_a_cell_as_json(cell, kept):
    assert cells.as_json(cell) == kept
