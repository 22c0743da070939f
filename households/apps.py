from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = "农户与防贫对象"

    def ready(self) -> None:
        from households import exports, jobs, page  # noqa: F401  registers work, exports, navigation and panels
