"""The panels of the household page. Each app registers its own; this module knows no app by name.

`register(Panel(title="风险线索", order=30, permission="lead.view", template="screening/_leads.html",
context=f))`: `f(household, user)` returns what the template sees beside `household`, or None where there is
nothing to show. The page draws the frame and the title, the template what lies in it (a table as it is,
anything else in `.panel-body`). Three keys speak to the frame: `note` (a tag beside the title), `more` and
`more_label` (a link). Own panels stand at 10 to 19 and 80 to 99; the stages of the work come between, in
their order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Panel:
    title: str
    order: int
    permission: str
    template: str
    context: Callable  # (household, user) → dict or None


@dataclass(frozen=True)
class ShownPanel:
    """A panel of one household, for one reader."""

    title: str
    template: str
    data: dict

    @property
    def html(self) -> str:
        return render_to_string(self.template, self.data)


_panels: list[Panel] = []


def register(panel: Panel) -> Panel:
    _panels.append(panel)
    return panel


def panels_for(household, user, **shared) -> list[ShownPanel]:
    """What `user` sees of a household that he has fetched in scope; `shared` goes to every template."""
    shown = []
    for panel in sorted(_panels, key=lambda panel: panel.order):
        if not user.may(panel.permission):
            continue
        data = panel.context(household, user)
        if data is not None:
            shown.append(ShownPanel(panel.title, panel.template, {"household": household, **shared, **data}))
    return shown
