from django.apps import AppConfig


class HandheldConfig(AppConfig):
    name = "handheld"
    verbose_name = "手机入户"

    def ready(self) -> None:
        # They register places in the navigation and lines of the to-do page.
        from handheld import panels  # noqa: F401
