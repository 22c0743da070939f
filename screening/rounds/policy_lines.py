"""The figures of the policy that a round runs under, as lines of its page."""

from fangpin.policy.parameters import PARAMETERS
from fangpin.policy.values import in_words
from screening.models import Round


def policy_lines(round: Round) -> list[dict]:
    """The parameters that the round keeps, as words, with the day from which they hold (Art. 14)."""
    own = round.parameters
    return [
        {
            "label": parameter.name,
            "value": in_words(parameter, own[key]),
            "since": own.since(key),
            "regulation": parameter.regulation,
        }
        for key, parameter in PARAMETERS.items()
        if key in own.values and not key.startswith(("cap.", "followup."))
    ]
