"""The complaints of the latest minutes that were heard, minute by minute: what growth is told from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.season import Numbers
from domain.signal import GROWTH_MINUTES, growth_of

RECENT_MINUTES = 2 * GROWTH_MINUTES


@dataclass(slots=True)
class Recent:
    """Complaints of twice ``GROWTH_MINUTES`` minutes, the earliest first (rows), by service (columns)."""

    counts: Numbers

    @classmethod
    def empty(cls) -> Recent:
        return cls(np.zeros((2 * GROWTH_MINUTES, 0)))

    def include(self, more: int) -> None:
        self.counts = np.hstack([self.counts, np.zeros((2 * GROWTH_MINUTES, more))])

    def after(self, count: Numbers) -> Recent:
        """As it stands after a minute with ``count`` complaints."""
        return Recent(np.vstack([self.counts[1:], count]))

    def complaints(self, i: int, minutes: int) -> int:
        """How many there were about one service in the last ``minutes``, which are few enough to be kept."""
        return int(self.counts[-minutes:, i].sum())

    def growth(self, i: int) -> float:
        """Complaints of the last minutes for each one in as many before, about one service."""
        return growth_of(self.counts[GROWTH_MINUTES:, i].sum(), self.counts[:GROWTH_MINUTES, i].sum())
