"""The parts of a case's page that later stages add; this module knows none of them by name. As
`households.panels`."""

from fangpin.common.actor import Actor
from households.panels import Panel, ShownPanel

_parts: list[Panel] = []


def register(part: Panel) -> Panel:
    """`context(case, user)` returns what the template sees beside `case`, or None where there is nothing to
    show."""
    _parts.append(part)
    return part


def parts_for(case, user: Actor) -> list[ShownPanel]:
    shown = []
    for part in sorted(_parts, key=lambda part: part.order):
        if user.may(part.permission) and (data := part.context(case, user)) is not None:
            shown.append(
                ShownPanel(part.title, part.template, {"case": case, "household": case.household, **data})
            )
    return shown
