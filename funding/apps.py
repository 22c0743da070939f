from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "funding"
    verbose_name = "资金"

    def ready(self) -> None:
        # They register guards of measures, places in the navigation, panels, lines of the to-do page.
        from funding import measures_guard, merging, panels  # noqa: F401
