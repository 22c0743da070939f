from importlib import import_module

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = "帮扶"
    # They register guards, work, navigation, panels, to-do lines and exports, in this order.
    registers = (
        "measures.catalogue.exports",
        "measures.merging",
        "measures.catalogue.panels",
        "measures.planning.lists",
        "measures.planning.panels",
        "measures.orders.sheets",
        "measures.orders.lists",
        "measures.orders.panels",
        "measures.income_plans.lists",
        "measures.income_plans.panels",
        "measures.releases.panels",
        "measures.visits.lists",
        "measures.visits.panels",
    )

    def ready(self) -> None:
        for module in self.registers:
            import_module(module)
