from households.management.commands.import_registry import Command as ImportCommand
from households.models import ImportKind


class Command(ImportCommand):
    help = "Imports an income workbook (收入)."
    kind = ImportKind.INCOME
