from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = "农户与防贫对象"

    def ready(self) -> None:
        # They register work, exports, navigation, panels and checks.
        from households import exports, jobs, page  # noqa: F401
        from households.quality import households, lists, members, panels, reports, work  # noqa: F401
        from households.upkeep import changes  # noqa: F401
