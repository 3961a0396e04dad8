"""What one minute says of every service, as arrays in the order of the services."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detector.band import upper
from detector.calm import Calm
from detector.onset import Onsets
from detector.recent import Recent
from detector.season import Flags, Numbers
from detector.surge import Bank
from domain.moments import start_of_minute
from domain.signal import Signal

Minutes = NDArray[np.int64]


@dataclass(frozen=True)
class Scores:
    """``score`` and ``threshold`` share the scale of ``detector.budget``.

    ``window``, ``expected``, ``observed`` and ``spread`` are of the surge that the evidence speaks most for:
    its minutes, the complaints usual for them, those seen, and one standard deviation of the usual.
    """

    services: tuple[str, ...]
    minute: int
    threshold: float
    score: Numbers
    expected_minute: Numbers
    spread_minute: Numbers  # relative variance of this minute's count, beyond Poisson
    recoveries: NDArray[np.int64]
    last_high: Minutes  # the last minute that reached the threshold; -1: none
    bank: Bank
    onsets: Onsets
    calm_state: Calm
    recent: Recent
    rarity: float  # standard deviations of a normal law as rare as the budget

    @cached_property
    def _best(self) -> NDArray[np.intp]:
        best: NDArray[np.intp] = np.argmax(self.bank.evidence, axis=0)
        return best

    def _of_best(self, rows: Numbers | Minutes) -> Numbers | Minutes:
        best: Numbers | Minutes = np.take_along_axis(rows, self._best[None, :], axis=0)[0]
        return best

    @cached_property
    def onset(self) -> Minutes:
        """The first minute of the supposed surge."""
        return self._of_best(self.bank.since).astype(np.int64)

    @cached_property
    def onset_interval(self) -> tuple[Minutes, Minutes]:
        """The earliest and the latest minute that may be the onset."""
        return self.onsets.interval(self.bank.evidence, self.bank.since, self.onset, self.minute)

    @cached_property
    def window(self) -> Minutes:
        return self.minute + 1 - self.onset

    @cached_property
    def expected(self) -> Numbers:
        return self._of_best(self.bank.expected).astype(np.float64)

    @cached_property
    def observed(self) -> Minutes:
        return self._of_best(self.bank.observed).astype(np.int64)

    @cached_property
    def spread(self) -> Numbers:
        """Over-dispersion averages out over a window of independent minutes."""
        return np.sqrt(self.expected + self.spread_minute * self.expected**2 / self.window)

    @cached_property
    def upper_minute(self) -> Numbers:
        """The count above which this minute alone would be too high."""
        return upper(self.expected_minute, self.spread_minute, self.rarity)

    @cached_property
    def calm(self) -> Flags:
        """The latest minutes, taken alone, look usual."""
        return (self.calm_state.since >= 0) & (self.score < self.threshold)

    def raised(self) -> NDArray[np.intp]:
        """The services at or above the threshold."""
        return np.flatnonzero(self.score >= self.threshold)

    def signal(self, i: int) -> Signal:
        """All this about one service, as a record."""
        calm = bool(self.calm[i])
        earliest, latest = (int(bound[i]) for bound in self.onset_interval)
        last_high = self.minute if self.score[i] >= self.threshold else int(self.last_high[i])
        return Signal(
            service=self.services[i],
            at=start_of_minute(self.minute + 1),
            onset=start_of_minute(int(self.onset[i])),
            onset_earliest=start_of_minute(earliest),
            onset_latest=start_of_minute(latest),
            expected=float(self.expected[i]),
            observed=int(self.observed[i]),
            spread=float(self.spread[i]),
            window=int(self.window[i]),
            score=float(self.score[i]),
            threshold=self.threshold,
            growth=self.recent.growth(i),
            calm=calm,
            recoveries=int(self.recoveries[i]),
            calm_for=self.minute + 1 - int(self.calm_state.since[i]) if calm else 0,
            last_high_at=start_of_minute(last_high + 1) if last_high >= 0 else None,
        )
