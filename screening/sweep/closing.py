"""The end of a sweep: reasons that no rule has found are closed, leads without a reason go."""

from django.utils import timezone

from fangpin.common import database
from screening.models import Round, Source

# Open reasons that no rule of this sweep has found, nor a rule that is no more.
_NOT_SEEN = """
SELECT r.id FROM screening_lead l JOIN screening_leadreason r ON r.lead_id = l.id AND r.closed_at IS NULL
LEFT JOIN sweep_seen s ON s.household_id = l.household_id AND s.rule = r.rule AND s.subcriterion =
  l.subcriterion
WHERE l.round_id = %(round)s AND l.source = %(online)s AND s.household_id IS NULL
"""
_HAS_REASON = (
    "EXISTS (SELECT 1 FROM screening_leadreason r WHERE r.lead_id = screening_lead.id "
    "AND r.closed_at IS NULL)"
)
_OF_ROUND = "WHERE round_id = %(round)s AND source = %(online)s"


def close_what_was_not_seen(round: Round) -> dict[str, int]:
    """Closes reasons that this sweep did not find. A lead without reasons is withdrawn where nobody has acted
    on it, else flagged; one whose reason came back is reopened. How many of each."""
    database.refresh_statistics("sweep_seen")
    params = {"round": round.pk, "online": Source.ONLINE.value, "now": timezone.now()}
    closed = database.run(
        f"UPDATE screening_leadreason SET closed_at = %(now)s WHERE id IN ({_NOT_SEEN})", params
    )
    withdrawn = database.run(
        f"UPDATE screening_lead SET withdrawn_at = %(now)s {_OF_ROUND} AND withdrawn_at IS NULL "
        f"AND acted_at IS NULL AND NOT {_HAS_REASON}",
        params,
    )
    flagged = database.run(
        f"UPDATE screening_lead SET flagged_at = %(now)s {_OF_ROUND} AND flagged_at IS NULL "
        f"AND acted_at IS NOT NULL AND NOT {_HAS_REASON}",
        params,
    )
    reopened = database.run(
        f"UPDATE screening_lead SET withdrawn_at = NULL, flagged_at = NULL {_OF_ROUND} "
        f"AND (withdrawn_at IS NOT NULL OR flagged_at IS NOT NULL) AND {_HAS_REASON}",
        params,
    )
    return {"reasons_closed": closed, "withdrawn": withdrawn, "flagged": flagged, "reopened": reopened}
