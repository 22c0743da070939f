"""One thing measured, with what it is held against."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Measure:
    """Seconds of the product, the floor and the peer, with the line to reach."""

    name: str
    goal: str
    product: list[float]
    floor: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    note: str = ""

    @property
    def over_floor(self) -> float | None:
        return statistics.median(self.product) / statistics.median(self.floor) if self.floor else None

    def over(self, other: "Measure") -> float:
        return statistics.median(self.product) / statistics.median(other.product)

    @property
    def under_peer(self) -> float | None:
        return statistics.median(self.peer) / statistics.median(self.product) if self.peer else None


def timed(work: Callable[[], object], repeat: int) -> list[float]:
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds
