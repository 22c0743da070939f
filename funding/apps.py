from importlib import import_module

from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "funding"
    verbose_name = "资金"
    # They register guards of measures, navigation, panels, to-do lines and exports, in this order.
    registers = (
        "funding.measures_guard",
        "funding.merging",
        "funding.applications.lists",
        "funding.applications.panels",
        "funding.bank_accounts.lists",
        "funding.payments.lists",
        "funding.payments.panels",
        "funding.sources.lists",
        "funding.sources.panels",
    )

    def ready(self) -> None:
        for module in self.registers:
            import_module(module)
