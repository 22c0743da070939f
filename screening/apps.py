from importlib import import_module

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"
    verbose_name = "季度排查"
    # They register work, navigation, panels, to-do lines and exports, in this order.
    registers = (
        "screening.rounds.due_dates",
        "screening.sweep.rule_households",
        "screening.sweep.jobs",
        "screening.feeds.jobs",
        "screening.lamps.receivers",
        "screening.national.receivers",
        "screening.national.panels",
        "screening.panels",
        "screening.feeds.assistance",
        "screening.comparison.exports",
        "screening.leads.exports",
        "screening.field.exports",
        "screening.field.panels",
        "screening.leads.panels",
        "screening.lamps.home",
        "screening.rounds.todo",
        "screening.feeds.todo",
        "screening.sweep.todo",
        "screening.leads.todo",
        "screening.lamps.todo",
        "screening.field.todo",
        "screening.comparison.todo",
        "screening.feeds.triage.panels",
        "screening.meetings.todo",
        "screening.cases.lists",
        "screening.cases.panels",
        "screening.lamps.panels",
        "screening.meetings.panels",
        "screening.simulation.exports",
        "screening.simulation.requests",
        "screening.simulation.panels",
        "screening.feeds.receivers",
    )

    def ready(self) -> None:
        for module in self.registers:
            import_module(module)
