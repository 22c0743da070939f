from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = "帮扶"

    def ready(self) -> None:
        # They register work, places in the navigation, panels, lines of the to-do page.
        from measures.catalogue import types as catalogue  # noqa: F401
