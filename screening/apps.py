from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"
    verbose_name = "季度排查"

    def ready(self) -> None:
        # They register work, places in the navigation, panels.
        pass
