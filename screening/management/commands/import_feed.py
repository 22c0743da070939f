from fangpin.accounts.commands import outcome_words
from fangpin.common.outcomes import Outcome
from fangpin.common.transitions import TransitionRefused
from screening import criteria
from screening.feeds import receiving
from screening.management.round_command import RoundCommand


class Command(RoundCommand):
    help = "Delivers a department's list for a round: read, checked, matched, accepted."
    permission = "feed.deliver"

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", choices=sorted(criteria.feed_kinds()))
        parser.add_argument("file")
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="check only, deliver nothing")

    def handle(self, *_args, **options) -> None:
        county, user = self.county(options), self.actor(options)
        round = self.round(county, options)
        name, content = self.content(options["file"])
        kind = criteria.feed_kinds()[options["kind"]]
        deliver = receiving.try_delivery if options["dry_run"] else receiving.deliver_feed
        try:
            outcome: Outcome = deliver(round, kind, file_name=name, content=content, by=user)
        except (receiving.FeedRefused, TransitionRefused) as error:
            raise self.refused(error.message) from error
        self.answer(options, outcome.as_json(), outcome_words(outcome))
