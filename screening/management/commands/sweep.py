from fangpin.common.jobs import AlreadyRunning, JobFailed
from screening.management.round_command import RoundCommand
from screening.sweep.jobs import sweep_now


class Command(RoundCommand):
    help = "Runs every rule over a round."
    permission = "round.sweep"

    def handle(self, *_args, **options) -> None:
        county, user = self.county(options), self.actor(options)
        round = self.round(county, options)
        try:
            result = sweep_now(round, by=user)
        except (AlreadyRunning, JobFailed) as error:
            raise self.refused(error.message) from error
        self.answer(
            options,
            result,
            (
                f"数据比对完成：{result['households']} 户、{result['leads']} 条风险线索；撤回 "
                f"{result['withdrawn']}，恢复 {result['reopened']}。"
            ),
        )
