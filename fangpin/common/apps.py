from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommonConfig(AppConfig):
    name = "fangpin.common"
    label = "common"
    verbose_name = "公共基础"

    def ready(self) -> None:
        from fangpin.common import database

        post_migrate.connect(database.protect_append_only_tables, dispatch_uid="append-only")
        post_migrate.connect(database.keep_balances, dispatch_uid="keep-balances")
