"""How much memory a process needs to take in a list of 500,000 rows: its peak, in a process of its own.

python -m bench.upload PATH receives, reads, checks and matches the file, rolls all back and prints one JSON
line
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HEADING = ["姓名", "身份证号码", "结算日期", "就医类型", "费用", "", "", "", "", "", "参保类型"]
UNDER = ["医疗总费用", "合规费用", "基本医保报销", "大病保险报销", "医疗救助", "其他赔付"]


def write_files(folder: Path, rows: list[list]) -> Iterator[Path]:
    """The same list as xlsx and as CSV, as an office sends it: a title, merged headings, a sum and who filled
    it in."""
    under = ["", "", "", "", *UNDER, ""]
    above, below = [["医疗费用结算清单"], HEADING, under], [["合计"], ["填报人：甲", "", "审核：乙"]]
    path = folder / "list.xlsx"
    _write_workbook(path, above, rows, below)
    yield path
    path = folder / "list.csv"
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([*above, *rows, *below])
    yield path


def _write_workbook(path: Path, above: list, rows: list, below: list) -> None:
    """With shared strings, as WPS and Excel save."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("清单")
        for number, row in enumerate([*above, *rows, *below]):
            sheet.write_row(number, 0, row)
        sheet.merge_range(0, 0, 0, 10, above[0][0])
        for place in (0, 1, 2, 3, 10):
            sheet.merge_range(1, place, 2, place, HEADING[place])
        sheet.merge_range(1, 4, 1, 9, HEADING[4])


def peaks(rows: list[list]) -> dict[str, dict]:
    """Form of the file → what its process told."""
    by_format = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in write_files(Path(folder), rows):
            ran = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "bench.upload", str(path)], capture_output=True, text=True, check=True
            )
            by_format[path.suffix[1:]] = json.loads(ran.stdout.splitlines()[-1])
    return by_format


def peak() -> int:
    """Megabytes that this process held at most; what getrusage says a child has from its parent on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def take_in(path: Path) -> dict:
    import django

    django.setup()
    from django.db import transaction

    from bench import county
    from screening import criteria
    from screening.feeds import receiving

    begun, started = peak(), time.process_time()
    round = county.the_round()
    with transaction.atomic():
        with path.open("rb") as stream:
            kind = criteria.feed_kinds()["medical_settlement"]
            feed = receiving.receive_feed(
                round, kind, file_name=path.name, content=stream, by=county.office()
            )
        outcome = receiving.check_feed(feed, by=county.office())
        transaction.set_rollback(True)
    receiving.private_files.remove(feed.stored_name)
    return {
        "read": outcome.read,
        "good": outcome.good,
        "before": begun,
        "peak": peak(),
        "cpu": time.process_time() - started,
        "size": path.stat().st_size >> 20,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    print(json.dumps(take_in(Path(sys.argv[1]))))
