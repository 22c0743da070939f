import argparse
import datetime

from fangpin.accounts import acting
from fangpin.accounts.models import User
from fangpin.common.refusals import Refused
from fangpin.policy.models import Revision
from fangpin.policy.parameters import PARAMETERS
from fangpin.policy.values import Unfit, parse
from screening import criteria
from screening.management.round_command import RoundCommand
from screening.models import Change, Round
from screening.simulation import requests as simulations
from screening.simulation.run import Outcome, simulate


def single_value(text: str) -> tuple:
    """From `medical.threshold=15000.00`: the key and the value."""
    key, _, value = text.partition("=")
    if key not in PARAMETERS:
        raise argparse.ArgumentTypeError(f"没有参数 {key}，可用的有：{'、'.join(PARAMETERS)}。")
    try:
        return key, parse(PARAMETERS[key], value)
    except Unfit as error:
        raise argparse.ArgumentTypeError(f"{key}：{error.message}") from error


class Command(RoundCommand):
    help = "Runs the rules over a round under another policy and tells what would differ. Writes nothing."
    permission = "policy.simulate"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--draft", type=int, help="number of a draft or of a release, as its page shows it"
        )
        parser.add_argument("--on", type=datetime.date.fromisoformat, help="all values in force on that day")
        parser.add_argument(
            "--set",
            dest="values",
            action="append",
            type=single_value,
            default=[],
            metavar="KEY=VALUE",
            help="one value, money in yuan; may be repeated",
        )

    def handle(self, *_args, **options) -> None:
        county, user = self.county(options), self.actor(options)
        round = self.round(county, options)
        if not simulations.may(round, user):
            raise self.refused("您当前的岗位不能对这个县试算。")
        if not (options["draft"] or options["on"] or options["values"]):
            raise self.refused("请写明按什么试算：--draft、--on 或 --set。")
        try:
            policy, about = simulations.other_policy(
                round,
                revision=self._revision(options, user),
                day=options["on"],
                values=dict(options["values"]),
            )
        except Refused as error:
            raise self.refused(error.message) from error
        outcome = simulate(round, policy)
        self.answer(options, _as_json(round, about, outcome), _words(round, about, outcome))

    def actor(self, options: dict) -> User:
        """Somebody of the county, or of the region above it."""
        try:
            return acting.user_for(options["username"], self.permission, options["county"])
        except acting.CannotAct as error:
            user = User.objects.filter(username=options["username"], is_active=True).first()
            for duty in acting.duties_of(user) if user else []:
                if (
                    user.act_in(duty).may(self.permission)
                    and duty.division_id == options["county"][:2] + "0" * 10
                ):
                    return user
            raise self.refused(error.message) from error

    def _revision(self, options: dict, user: User) -> Revision | None:
        if not options["draft"]:
            return None
        revision = (
            Revision.objects.for_user(user).select_related("division").filter(pk=options["draft"]).first()
        )
        if revision is None:
            raise self.refused(f"没有编号 {options['draft']} 的草稿或调整，请核对。")
        return revision


def _as_json(round: Round, about: str, outcome: Outcome) -> dict:
    names = {Change.ADDED: "added", Change.DROPPED: "dropped", Change.CHANGED: "changed", "": "unchanged"}
    return {
        "county": round.county_id[:6],
        "quarter": str(round.period),
        "about": about,
        "differing": outcome.differing,
        "households": {
            "before": outcome.before,
            "after": outcome.after,
            "added": outcome.of_households(Change.ADDED),
            "dropped": outcome.of_households(Change.DROPPED),
            "present": outcome.present,
        },
        "categories": [
            {"change": names[change], "category": category, "in_case": in_case, "households": n}
            for (change, category, in_case), n in sorted(outcome.households.items())
        ],
        "leads": [
            {
                "change": names[change],
                "criterion": criteria.criterion_of(subcriterion).code,
                "subcriterion": subcriterion,
                "township": township + "000",
                "households": n,
            }
            for (change, subcriterion, township), n in sorted(outcome.leads.items())
        ],
    }


def _words(round: Round, about: str, outcome: Outcome) -> str:
    lines = [
        f"{round}，按{about}试算，没有改动任何数据：",
        f"本次参数 {outcome.before} 户，试算 {outcome.after} 户；增加 {outcome.of_households(Change.ADDED)} "
        f"户，"
        f"减少 {outcome.of_households(Change.DROPPED)} 户。",
    ]
    for code, subcriterion in criteria.subcriteria().items():
        counts = {
            change: sum(n for (kind, sub, _), n in outcome.leads.items() if (kind, sub) == (change, code))
            for change in Change.values
        }
        if any(counts.values()):
            words = "，".join(f"{Change(change).label} {n}" for change, n in counts.items() if n)
            lines.append(f"  {subcriterion.label}：{words}")
    return "\n".join(lines)
