from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from screening import criteria
from screening.feeds import receiving


class Command(BaseCommand):
    help = "Writes the template workbook of a kind of list."

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", choices=sorted(criteria.feed_kinds()))
        parser.add_argument("file")

    def handle(self, *_args, **options) -> None:
        template = receiving.template_workbook(criteria.feed_kinds()[options["kind"]])
        try:
            Path(options["file"]).write_bytes(template)
        except OSError as error:
            raise CommandError(f"写不了文件 {options['file']}：{error.strerror}") from error
        self.stderr.write(f"模板已写到 {options['file']}")
