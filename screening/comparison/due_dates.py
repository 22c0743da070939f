"""Until when a village verifies (Art. 7(2)2)."""

import datetime

from django.utils import timezone

from fangpin.common import working_days
from screening.models import Round


def verification_due(round: Round) -> datetime.date | None:
    """In working days from today, by the round's policy. Frozen once it is stored; None where the calendar of
    the year is not confirmed."""
    try:
        return working_days.add(timezone.localdate(), round.parameters["round.verification_due"])
    except working_days.YearNotConfirmed:
        return None
