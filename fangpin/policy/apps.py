from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "fangpin.policy"
    label = "policy"
    verbose_name = "政策参数"

    def ready(self) -> None:
        from fangpin.policy import exports, panels  # noqa: F401  registers navigation, lines and the export
