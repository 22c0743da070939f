import argparse
import json

from django.utils import timezone

from fangpin.accounts.commands import CountyCommand
from households import quality
from households.quality.reports import counts


def check_of(code: str) -> quality.Check:
    if check := quality.find(code):
        return check
    known = " ".join(check.code for check in quality.checks())
    raise argparse.ArgumentTypeError(f"没有这项检查：{code}。可选：{known}")


class Command(CountyCommand):
    help = (
        "Counts the doubts of a county's registry (户册疑点), or lists those of one check: one JSON "
        "object a line."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", type=check_of, help="lists the rows of one check")

    def handle(self, *_args, **options) -> None:
        county = self.county(options)
        lines = self._rows(options["check"], county) if options["check"] else self._counts(county)
        total = 0
        for data, words, count in lines:
            total += count
            self.stdout.write(json.dumps(data, ensure_ascii=False) if options["json"] else words)
        (self.stderr if options["json"] else self.stdout).write(f"共 {total} 处疑点。")

    def _counts(self, county):
        day = timezone.localdate()
        for check in quality.checks():
            number = sum(counts(check, county.pk, day).values())
            data = {
                "check": check.code,
                "title": check.title,
                "severity": check.severity.value,
                "count": number,
            }
            yield data, f"{number:>7}  {check.title}（{check.code}，{check.severity.label}）", number

    def _rows(self, check: quality.Check, county):
        in_doubt = quality.doubts(check, quality.base_of_area(check, county.pk), timezone.localdate())
        if check.is_of_member:
            in_doubt = in_doubt.select_related("household")
        for row in in_doubt.order_by("pk").iterator(chunk_size=2000):
            home = row.household if check.is_of_member else row
            name = row.name if check.is_of_member else home.head_name
            value = check.words(row.value)
            data = {"check": check.code, "household_no": home.number, "name": name, "value": value}
            yield data, f"{home.number}  {name}  {value}", 1
