"""Evidence for a surge: one sequential test for each size it may have, all run at once.

Each row tests "the rate is ``size`` times what the chatter's level says, since some minute" against "nothing
happened", by Page's CUSUM (1954) on the ratio of negative binomial predictive likelihoods: the ratio adds up
while it speaks for the surge and starts anew when it is used up. Each hypothesis follows the restless level
by itself, from where it stood when the surge is supposed to have begun (the filter bank of Willsky and Jones
1976, cut to one onset for each size). The minute of the last start is the likeliest onset.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.level import absorb, relax
from detector.season import Numbers

SIZES = np.array([1.5, 2.0, 3.0, 5.0, 10.0, 30.0])
UNSURE = 0.5  # relative variance of the level above which a service is too new to say what a surge would be
FADE = float(np.exp(-1.0 / 720.0))  # a creeping change of half a day is drift, not a surge
_LOG_SIZES = np.log(SIZES)[:, None]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the next minute should hold if nothing happens, for each service."""

    log_usual: Numbers  # the seasonal usual rate, and its logarithm
    rate: Numbers
    log: Numbers  # the restless level before the minute is seen, and its relative variance
    spread: Numbers
    usual_spread: Numbers  # what that variance grows to while nothing is seen
    leaked: Numbers  # complaints that a burst of mentions brings by mistake
    leak_spread: Numbers
    dispersion: Numbers


@dataclass(slots=True)
class Bank:
    """Log-likelihood ratios and levels of every size (rows) and service (columns)."""

    evidence: Numbers
    log: Numbers
    spread: Numbers
    since: NDArray[np.int64]  # the first minute of the supposed surge
    observed: Numbers  # complaints since then
    expected: Numbers

    @classmethod
    def empty(cls) -> Bank:
        rows = (len(SIZES), 0)
        since = np.zeros(rows, np.int64)
        return cls(np.zeros(rows), np.zeros(rows), np.ones(rows), since, np.zeros(rows), np.zeros(rows))

    def include(self, more: int) -> None:
        rows = (len(SIZES), more)
        self.evidence = np.hstack([self.evidence, np.zeros(rows)])
        self.log = np.hstack([self.log, np.zeros(rows)])
        self.spread = np.hstack([self.spread, np.ones(rows)])
        self.since = np.hstack([self.since, np.zeros(rows, np.int64)])
        self.observed = np.hstack([self.observed, np.zeros(rows)])
        self.expected = np.hstack([self.expected, np.zeros(rows)])

    def after(
        self, minute: int, count: Numbers, usual: Expectation, own: Numbers, calm: Numbers, spread: Numbers
    ) -> Bank:
        """The bank as it stands when ``minute`` is seen with ``count`` complaints.

        ``own`` and ``calm`` are what is expected of it from the service's own level and in all; ``spread`` is
        its relative variance beyond Poisson.
        """
        new = self.evidence <= 0.0
        old = np.where(new, 0.0, FADE)
        log, doubt = relax(self.log, self.spread, usual.usual_spread)
        log = np.where(new, usual.log, log)
        doubt = np.where(new, usual.spread, doubt)
        surge = np.maximum(np.exp(usual.log_usual + log + _LOG_SIZES), own)
        in_all = surge + usual.leaked
        gain = likelihood_ratio(count, calm, in_all, 1.0 / spread)
        unsure = usual.spread > UNSURE
        if unsure.any():
            gain = np.where(unsure, -1.0, gain)
        log, doubt = absorb(log, doubt, count, surge, in_all, usual.dispersion)
        return Bank(
            evidence=old * self.evidence + gain,
            log=log,
            spread=doubt,
            since=np.where(new, minute, self.since),
            observed=np.where(new, 0.0, self.observed) + count,
            expected=np.where(new, 0.0, self.expected) + calm,
        )

    def kept(self, most: float) -> Bank:
        """The same, with no more evidence than ``most``."""
        evidence = np.minimum(self.evidence, most)
        return Bank(evidence, self.log, self.spread, self.since, self.observed, self.expected)

    def forget(self, which: NDArray[np.bool_]) -> None:
        """Drop all evidence of some services."""
        self.evidence = np.where(which, 0.0, self.evidence)

    def shift(self, by: Numbers) -> None:
        """The seasonal usual moved by ``-by``: the levels above it move the other way."""
        self.log = self.log + by


def predictive_spread(own: Numbers, expected: Numbers, usual: Expectation) -> Numbers:
    """A minute's relative variance beyond Poisson: over-dispersion, doubt about level and leak."""
    share = own / expected
    return usual.dispersion + usual.spread * share**2 + usual.leak_spread * (1.0 - share) ** 2


def likelihood_ratio(count: Numbers, calm: Numbers, surging: Numbers, size: Numbers) -> Numbers:
    """log NB(count; surging) - log NB(count; calm), with variance = mean + mean^2 / size."""
    ratio: Numbers = count * np.log(surging / calm) - (count + size) * np.log(
        (size + surging) / (size + calm)
    )
    return ratio
