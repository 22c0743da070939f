"""The peer: django-import-export with use_bulk, reading the same workbook into a plain indexed table."""

from contextlib import contextmanager

import tablib
from django.db import connection, models
from import_export import resources


class PeerSettlement(models.Model):
    row = models.IntegerField(unique=True)
    name = models.CharField(max_length=60)
    number = models.CharField(max_length=18, db_index=True)
    day = models.DateField(db_index=True)
    visit = models.CharField(max_length=10)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    compliant = models.DecimalField(max_digits=14, decimal_places=2)
    basic = models.DecimalField(max_digits=14, decimal_places=2)
    major = models.DecimalField(max_digits=14, decimal_places=2)
    aid = models.DecimalField(max_digits=14, decimal_places=2)
    other = models.DecimalField(max_digits=14, decimal_places=2)
    scheme = models.CharField(max_length=10)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return str(self.row)


class PeerResource(resources.ModelResource):
    class Meta:
        model = PeerSettlement
        use_bulk = True
        batch_size = 1000
        import_id_fields = ("row",)


@contextmanager
def table():
    with connection.schema_editor() as editor:
        editor.create_model(PeerSettlement)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(PeerSettlement)


def import_workbook(content: bytes) -> None:
    """Read, clean, look up and bulk-create, as its documentation recommends for large files."""
    data = tablib.Dataset().load(content, format="xlsx")
    names = [
        "name",
        "number",
        "day",
        "visit",
        "total",
        "compliant",
        "basic",
        "major",
        "aid",
        "other",
        "scheme",
    ]
    numbered = tablib.Dataset(headers=["row", *names])
    for number, row in enumerate(data, start=1):
        numbered.append([number, *row])
    result = PeerResource().import_data(numbered, raise_errors=True)
    if result.totals["new"] != len(numbered):
        raise AssertionError(f"the peer imported {dict(result.totals)}")
