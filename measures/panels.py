"""What this app puts into the shell, one file a subject: navigation, to-do lines, panels of the household
page."""

from measures import (  # noqa: F401
    panels_catalogue,
    panels_measures,
    panels_orders,
    panels_plans,
    panels_releases,
    panels_visits,
)
