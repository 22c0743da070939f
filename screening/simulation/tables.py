"""The outcome of a simulation as its page shows it: figures, categories, situations by township."""

from collections import Counter, defaultdict

from fangpin.accounts.models import Division
from households.codelists import Category
from screening.leads.figures import situation_columns
from screening.models import Change
from screening.simulation.run import Outcome


def figures(outcome: Outcome) -> list[dict]:
    """For components/figures.html."""
    return [
        {"number": outcome.before, "unit": "户", "label": "按本次的参数"},
        {"number": outcome.after, "unit": "户", "label": "按试算的参数"},
        {"number": outcome.of_households(Change.ADDED), "unit": "户", "label": "增加"},
        {"number": outcome.of_households(Change.DROPPED), "unit": "户", "label": "减少"},
    ]


def cost(outcome: Outcome) -> str:
    """增加 2 户、减少 0 户，合计多 2 户，相当于现有风险线索（80 户）的 2.5%。"""
    added, dropped = outcome.of_households(Change.ADDED), outcome.of_households(Change.DROPPED)
    more = added - dropped
    together = f"合计多 {more} 户" if more > 0 else f"合计少 {-more} 户" if more else "合计不变"
    share = ""
    if outcome.present:
        tenths = (abs(more) * 2000 + outcome.present) // (2 * outcome.present)
        share = f"，相当于现有风险线索（{outcome.present} 户）的 {tenths // 10}.{tenths % 10}%"
    elif more:
        share = "；本季度现在还没有风险线索，不能算占比"
    words = f"增加 {added} 户、减少 {dropped} 户，{together}{share}。"
    if known := outcome.of_households(Change.ADDED, in_case=True):
        words += f"增加的户中 {known} 户已是防贫对象，只会多一项待核实的风险。"
    return words


def categories(outcome: Outcome) -> list[dict]:
    """脱贫监测户, 边缘户: households added, dropped, unchanged."""
    counts: Counter = Counter()
    for (change, category, _), n in outcome.households.items():
        counts[category, change] += n
    return [
        {
            "label": category.label,
            "added": counts[category, Change.ADDED],
            "dropped": counts[category, Change.DROPPED],
            "same": counts[category, ""],
        }
        for category in Category
    ]


def by_township(outcome: Outcome) -> dict:
    """Situations across, townships down; each cell the households added, dropped and marked otherwise."""
    cells: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for (change, code, township), n in outcome.leads.items():
        if change:
            cells[township, code][change] += n
    columns = situation_columns({code for _, code in cells})
    townships = {township for township, _ in cells}
    places = Division.objects.filter(code__in=[t.ljust(12, "0") for t in townships]).order_by("code")
    return {
        "columns": columns,
        "rows": [
            {
                "place": place,
                "cells": [_cell(cells[place.code[:9], sub.code], sub.code) for sub in columns],
                "total": _cell(_sum(cells, townships={place.code[:9]}), ""),
            }
            for place in places
        ],
        "totals": [_cell(_sum(cells, codes={sub.code}), sub.code) for sub in columns],
        "total": _cell(_sum(cells), ""),
    }


def _sum(cells: dict, *, townships: set | None = None, codes: set | None = None) -> Counter:
    total: Counter = Counter()
    for (township, code), counts in cells.items():
        if (townships is None or township in townships) and (codes is None or code in codes):
            total.update(counts)
    return total


def _cell(counts: Counter, code: str) -> dict:
    return {
        "added": counts[Change.ADDED],
        "dropped": counts[Change.DROPPED],
        "changed": counts[Change.CHANGED],
        "risk": code,
    }
