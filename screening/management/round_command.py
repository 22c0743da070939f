"""What the commands over a round share."""

import argparse

from fangpin.accounts.commands import CountyCommand
from fangpin.accounts.models import Division
from screening.models import Round
from screening.quarters import Quarter


def quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class RoundCommand(CountyCommand):
    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--quarter", required=True, type=quarter, help="for example 2020Q1")

    def round(self, county: Division, options: dict) -> Round:
        wanted = options["quarter"]
        rounds = (
            Round.objects.begun()
            .select_related("county")
            .filter(county=county, year=wanted.year, quarter=wanted.number)
        )
        if round := rounds.first():
            return round
        raise self.refused(f"{county.name}{wanted.label}的排查还没有开启，请先执行 open_round。")
