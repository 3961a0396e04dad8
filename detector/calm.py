"""Whether the latest minutes, taken alone, look usual again.

The surge's test run backwards: a CUSUM of the likelihood ratio of "as usual" against "still failing", which
is two and a half times the usual or an eighth of how it was at its height, whichever is more. Without the
second a sparse service would need hours, for in one an empty hour says little; but after two complaints a
minute, half an hour without any says much. Two bounds apart keep it from flapping.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.season import Numbers
from detector.surge import likelihood_ratio

STILL_HIGH = 2.5  # times the usual: below this, an outage is as good as over
OF_HEIGHT = 1.0 / 8.0  # and below this share of its height
_PACE = 0.5 ** (1.0 / 15.0)  # complaints a minute, with a half-life of 15 minutes
_HEIGHT = 0.5 ** (1.0 / 180.0)  # an old height fades, so that a long outage that ebbs at night is not over
CALM_FROM = 2.3  # natural logarithms: ten to one for the usual
CALM_UNTIL = 0.3
MOST = 5.0


@dataclass(slots=True)
class Calm:
    evidence: Numbers
    since: NDArray[np.int64]  # the first calm minute; -1 while there is none
    pace: Numbers  # complaints a minute just now, smoothed
    height: Numbers  # and at the most, some hours back

    @classmethod
    def empty(cls) -> Calm:
        return cls(np.zeros(0), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))

    def include(self, more: int) -> None:
        self.evidence = np.append(self.evidence, np.full(more, MOST))
        self.since = np.append(self.since, np.zeros(more, np.int64))
        self.pace = np.append(self.pace, np.zeros(more))
        self.height = np.append(self.height, np.zeros(more))

    def after(self, minute: int, count: Numbers, own: Numbers, expected: Numbers, spread: Numbers) -> Calm:
        """As it stands after a minute with ``count`` complaints.

        ``own`` and ``expected`` are what is usual of it, from the service's own level and in all; ``spread``
        is its relative variance beyond Poisson.
        """
        failing = np.maximum(expected + (STILL_HIGH - 1.0) * own, self.height * OF_HEIGHT)
        gain = likelihood_ratio(count, expected, failing, 1.0 / spread)
        evidence = np.clip(self.evidence - gain, 0.0, MOST)
        was = self.since >= 0
        now = (evidence >= CALM_FROM) | (was & (evidence >= CALM_UNTIL))
        pace = _PACE * self.pace + (1.0 - _PACE) * count
        return Calm(
            evidence=evidence,
            since=np.where(now, np.where(was, self.since, minute), -1),
            pace=pace,
            height=np.maximum(_HEIGHT * self.height, pace),
        )
