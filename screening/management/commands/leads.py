import json

from screening.leads import explanations
from screening.management.round_command import RoundCommand
from screening.models import Lead, Source


def _gone(lead: Lead) -> list[str]:
    """Of a lead that somebody has acted on: it is kept although nothing supports it any more."""
    return [f"{words}（依据已消失，请核对）" for words, _ in explanations.closed_sentences(lead)]


class Command(RoundCommand):
    help = "Lists the leads of a round that stand, one a line."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", choices=Source.values)

    def handle(self, *_args, **options) -> None:
        round = self.round(self.county(options), options)
        leads = (
            Lead.objects.filter(round=round)
            .current()
            .select_related("household")
            .prefetch_related(explanations.REASONS)
        )
        if options["source"]:
            leads = leads.filter(source=options["source"])
        leads = leads.order_by("household__village_id", "household_id", "source", "subcriterion")
        for lead in leads.iterator(chunk_size=2000):
            explanation = "；".join(explanations.sentences(lead) or _gone(lead))
            if not options["json"]:
                self.stdout.write(f"{lead.household.number} {lead.subcriterion} {explanation}")
                continue
            line = {
                "household_no": lead.household.number,
                "source": lead.source,
                "subcriterion": lead.subcriterion,
                "category": lead.category,
                "above_line": lead.above_line,
                "in_case": lead.in_case,
                "explanation": explanation,
            }
            self.stdout.write(json.dumps(line, ensure_ascii=False))
