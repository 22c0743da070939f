from fangpin.common.refusals import Refused
from screening.comparison import compare as comparison
from screening.management.round_command import RoundCommand


class Command(RoundCommand):
    help = "Compares the online and the offline list of a round."
    permission = "round.compare"

    def handle(self, *_args, **options) -> None:
        county, user = self.county(options), self.actor(options)
        round = self.round(county, options)
        try:
            counts = comparison.compare_round(round, by=user)
        except Refused as error:
            raise self.refused(error.message) from error
        self.answer(
            options,
            {"county": county.code[:6], "quarter": str(round.period), **counts},
            f"对比完成：共 {counts['candidates']} 户，一致 {counts['consistent']}、户一致风险不一致 "
            f"{counts['mismatch']}、"
            f"仅线上 {counts['online_only']}、仅线下 {counts['offline_only']}；待核实 "
            f"{counts['to_verify']}。",
        )
