from screening.management.round_command import RoundCommand
from screening.rounds.opening import RoundRefused, open_round


class Command(RoundCommand):
    help = "Opens a county's round of a quarter, also a past one."
    permission = "round.open"

    def handle(self, *_args, **options) -> None:
        county, user = self.county(options), self.actor(options)
        try:
            round = open_round(county, options["quarter"], by=user)
        except RoundRefused as error:
            raise self.refused(error.message) from error
        data = {
            "county": county.code[:6],
            "quarter": str(options["quarter"]),
            "state": round.state,
            "feeds_due": round.feeds_due and round.feeds_due.isoformat(),
        }
        self.answer(
            options, data, f"已开启：{county.name}{round}，部门数据 {round.feeds_due or '期限未定'} 截止。"
        )
