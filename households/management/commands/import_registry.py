from fangpin.accounts.commands import CountyCommand, outcome_words
from fangpin.common.files import private_files
from fangpin.common.workbooks import UnreadableFile
from households.models import ImportKind
from households.registry import imports


class Command(CountyCommand):
    help = "Imports a registry workbook (户册)."
    permission = "registry.import"
    kind = ImportKind.REGISTRY

    def add_arguments(self, parser) -> None:
        parser.add_argument("file")
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")

    def handle(self, *_args, **options) -> None:
        county, user = self.county(options), self.actor(options)
        name, content = self.content(options["file"])
        try:
            table = imports.read(self.kind, content, name)
        except UnreadableFile as error:
            raise self.refused(error.message) from error
        outcome = imports.import_table(
            self.kind,
            table,
            county,
            by=user,
            dry_run=options["dry_run"],
            digest=private_files.digest(content),
        )
        self.answer(options, outcome.as_json(), outcome_words(outcome))
