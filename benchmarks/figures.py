"""A figure: the median of several runs after one that only warms up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    ``rate`` is per second, the median of some runs; ``spread`` how far any of them lies from it, as a share.
    ``against`` is a ratio to another figure of the same run, in words: it holds on any machine.
    """

    what: str
    unit: str
    rate: float
    spread: float
    against: str = ""

    def compared(self, to: Figure, words: str) -> Figure:
        """The same figure, with its ratio to another."""
        ratio = f"{self.rate / to.rate:.2f} x {words}"
        return Figure(self.what, self.unit, self.rate, self.spread, ratio)


def measured(what: str, unit: str, work: Callable[[], int], *, runs: int = RUNS) -> Figure:
    """Run ``work``, which says how many it did, once unmeasured and then ``runs`` times."""
    work()
    return figure_of(what, unit, [_rate(work) for _ in range(runs)])


def figure_of(what: str, unit: str, rates: list[float]) -> Figure:
    """The figure that some rates make."""
    middle = median(rates)
    return Figure(what, unit, middle, max(abs(rate - middle) for rate in rates) / middle)


def _rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    done = work()
    return done / (time.perf_counter() - began)
