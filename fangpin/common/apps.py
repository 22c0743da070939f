from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommonConfig(AppConfig):
    name = "fangpin.common"
    label = "common"
    verbose_name = "公共基础"

    def ready(self) -> None:
        from fangpin.common import tasks  # noqa: F401  found by its name in `jobs.wake`
        from fangpin.common.database import triggers

        post_migrate.connect(triggers.protect_append_only_tables, dispatch_uid="append-only")
        post_migrate.connect(triggers.keep_balances, dispatch_uid="keep-balances")
