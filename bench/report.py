"""Prints the ratios with their spread beside the line to reach, and keeps one JSON line a run."""

import json
import platform
import statistics
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bench.timing import Measure


def show(measures: Iterable[Measure], options) -> None:
    done = []
    for measure in measures:
        done.append(measure)
        print(f"\n{measure.name}\n  goal      {measure.goal}")
        print(f"  product   {_spread(measure.product)}")
        if measure.floor:
            low, high = min(measure.product) / max(measure.floor), max(measure.product) / min(measure.floor)
            print(
                f"  floor     {_spread(measure.floor)}\n  ratio     {measure.over_floor:.1f} ×  "
                f"({low:.1f} "
                f"to {high:.1f})"
            )
        if measure.peer:
            print(f"  peer      {_spread(measure.peer)}\n  faster    {measure.under_peer:.0f} ×")
        if measure.note:
            print(f"  note      {measure.note}")
    line = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "households": options.households,
        "rows": options.rows,
        "measures": [
            {
                "name": m.name,
                "product": statistics.median(m.product),
                "over_floor": m.over_floor,
                "under_peer": m.under_peer,
                "note": m.note,
            }
            for m in done
        ],
    }
    path = Path(settings.VAR_DIR) / "bench.jsonl"
    with path.open("a") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    print(f"\none line added to {path}")


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} s  ({min(seconds):.3f} to {max(seconds):.3f}, n={len(seconds)})"
