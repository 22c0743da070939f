from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"
    verbose_name = "季度排查"

    def ready(self) -> None:
        from screening import jobs, national_panels, panels  # noqa: F401  registers work, navigation and panels
