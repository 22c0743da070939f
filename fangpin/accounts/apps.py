from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fangpin.accounts"
    label = "accounts"
    verbose_name = "岗位与权限"

    def ready(self) -> None:
        from fangpin.accounts.people import jobs, panels  # noqa: F401  registers work, navigation and lines
