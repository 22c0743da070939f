"""Runs the commands of the contract and checks what every answer of theirs must fulfil."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError

from tests import books

COUNTY, QUARTER = "451228", "2020Q1"
CODES = {
    "required",
    "id_length",
    "id_checksum",
    "id_numeric_cell",
    "date",
    "amount",
    "code",
    "division_unknown",
    "head_none",
    "head_many",
    "person_elsewhere",
    "duplicate_row",
    "match_none",
    "match_many",
    "match_near",
    "category_conflict",
}
_count = iter(range(1_000_000))


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


def run(*words) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*map(str, words), stdout=out, stderr=err)
    except CommandError as error:
        return Ran(error.returncode, out.getvalue(), f"{err.getvalue()}{error}")
    return Ran(0, out.getvalue(), err.getvalue())


def add_up(answer: dict) -> dict:
    """Every row ends good, set aside or refused, once, with a code of the contract and Chinese words."""
    assert answer["read"] == answer["good"] + len(answer["set_aside"]) + len(answer["refused"])
    assert answer["good"] == answer["created"] + answer["changed"] + answer["unchanged"]
    faults = answer["set_aside"] + answer["refused"]
    rows = [fault["row"] for fault in faults]
    assert len(rows) == len(set(rows)), "a row was told twice"
    for fault in faults:
        assert set(fault) == {"row", "code", "message"}
        assert fault["code"] in CODES
        assert re.search("[\u4e00-\u9fff]{3}", fault["message"])
        assert not re.search(r"\d{15}", fault["message"]), "a message shows somebody's number"
    for listed in (answer["set_aside"], answer["refused"]):
        assert [fault["row"] for fault in listed] == sorted(fault["row"] for fault in listed)
    return answer


def rows_of(answer: dict, kind: str) -> dict[int, str]:
    """Row number → code of what was set aside or refused."""
    return {fault["row"]: fault["code"] for fault in answer[kind]}


class Desk:
    """Hands files in, in a folder of its own, and reads the answers."""

    def __init__(self, folder: Path):
        self.folder = folder

    def file(self, content: bytes, ending: str = "xlsx") -> Path:
        path = self.folder / f"{next(_count)}.{ending}"
        path.write_bytes(content)
        return path

    def registry(
        self, *families: Sequence[dict], headings: Sequence[str] = books.REGISTRY, **options
    ) -> dict:
        rows = [row for family in families for row in family]
        return self.registry_file(books.plain(headings, rows), **options)

    def registry_file(self, content: bytes, *, ending: str = "xlsx", **options) -> dict:
        return add_up(self.imported("import_registry", self.file(content, ending), **options).json)

    def income(self, *rows: dict, headings: Sequence[str] = books.INCOME, **options) -> dict:
        path = self.file(books.plain(headings, rows))
        return add_up(self.imported("import_income", path, **options).json)

    def feed(self, kind: str, *rows: dict, headings: Sequence[str] | None = None, **options) -> dict:
        return self.feed_file(kind, books.plain(headings or books.FEEDS[kind], rows), **options)

    def feed_file(self, kind: str, content: bytes, *, ending: str = "xlsx", **options) -> dict:
        options.setdefault("quarter", QUARTER)
        return add_up(self.imported("import_feed", kind, self.file(content, ending), **options).json)

    def imported(
        self, *words, by: str = "office", dry_run: bool = False, code: int = 0, quarter: str = ""
    ) -> Ran:
        extra = ["--quarter", quarter] if quarter else []
        extra += ["--dry-run"] if dry_run else []
        ran = run(*words, "--county", COUNTY, "--as", by, "--json", *extra)
        assert ran.code == code, ran.err
        return ran

    def sweep(self, quarter: str = QUARTER, *, by: str = "office") -> dict:
        ran = run("sweep", "--county", COUNTY, "--quarter", quarter, "--as", by, "--json")
        assert ran.code == 0, ran.err
        return ran.json

    def leads(self, quarter: str = QUARTER, *options: str) -> list[dict]:
        ran = run("leads", "--county", COUNTY, "--quarter", quarter, "--json", *options)
        assert ran.code == 0, ran.err
        return ran.lines

    def swept(self, quarter: str = QUARTER) -> set[tuple[str, str]]:
        """Household number and subcriterion of every lead after a sweep."""
        self.sweep(quarter)
        return {(lead["household_no"], lead["subcriterion"]) for lead in self.leads(quarter)}
