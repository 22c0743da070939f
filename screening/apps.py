from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"
    verbose_name = "季度排查"

    def ready(self) -> None:
        # They register work, places in the navigation, panels.
        from screening import (  # noqa: F401
            due_dates,
            found,
            jobs,
            national_panels,
            panels,
            panels_meetings,
            panels_policy,
            registry_follow,
        )
