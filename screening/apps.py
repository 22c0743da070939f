from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"
    verbose_name = "季度排查"

    def ready(self) -> None:
        from screening import due_dates, jobs, national_panels, panels  # noqa: F401  register work, places, panels
