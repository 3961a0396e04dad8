"""Evidence for a surge: one sequential test for each size it may have, all run at once.

Each row tests "the rate is ``size`` times what the chatter's level says, since some minute" against "nothing
happened", by Page's CUSUM (1954) on the ratio of negative binomial predictive likelihoods: the ratio adds up
while it speaks for the surge and starts anew when it is used up. Each hypothesis follows the restless level by
itself, from where it stood when the surge is supposed to have begun (the "filter bank" of Willsky and Jones 1976).
The minute of the last start is the maximum likelihood estimate of the onset.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.level import absorb, relax
from detector.season import Numbers

SIZES = np.array([1.5, 2.0, 3.0, 5.0, 10.0, 30.0])
UNSURE = 0.5  # relative variance of the level above which a service is too new to say what a surge would be
_LOG_SIZES = np.log(SIZES)[:, None]


@dataclass(slots=True)
class Expectation:
    """What the next minute should hold if nothing happens, for each service."""

    log_usual: Numbers
    log: Numbers  # the restless level before the minute is seen
    spread: Numbers
    usual_spread: Numbers
    leaked: Numbers  # complaints that a burst of mentions brings by mistake
    leak_spread: Numbers
    dispersion: Numbers

    @property
    def own(self) -> Numbers:
        rate: Numbers = np.exp(self.log_usual + self.log)
        return rate


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
        return cls(
            np.zeros(rows), np.zeros(rows), np.ones(rows), np.zeros(rows, np.int64), np.zeros(rows), np.zeros(rows)
        )

    def include(self, how_many: int, minute: int) -> None:
        rows = (len(SIZES), how_many)
        self.evidence = np.hstack([self.evidence, np.zeros(rows)])
        self.log = np.hstack([self.log, np.zeros(rows)])
        self.spread = np.hstack([self.spread, np.ones(rows)])
        self.since = np.hstack([self.since, np.full(rows, minute)])
        self.observed = np.hstack([self.observed, np.zeros(rows)])
        self.expected = np.hstack([self.expected, np.zeros(rows)])

    def after(self, minute: int, count: Numbers, usual: Expectation) -> Bank:
        """The bank as it stands when ``minute`` is seen with ``count`` complaints."""
        new = self.evidence <= 0.0
        log, spread = relax(self.log, self.spread, usual.usual_spread)
        log = np.where(new, usual.log, log)
        spread = np.where(new, usual.spread, spread)
        calm_own = usual.own
        calm = calm_own + usual.leaked
        own = np.maximum(np.exp(usual.log_usual + log + _LOG_SIZES), calm_own)
        surging = own + usual.leaked
        gain = likelihood_ratio(count, calm, surging, predictive_spread(calm_own, usual))
        log, spread = absorb(log, spread, count, own, surging, usual.dispersion)
        old = ~new
        gain = np.where(usual.spread > UNSURE, -1.0, gain)
        return Bank(
            old * self.evidence + gain,
            log,
            spread,
            np.where(new, minute, self.since),
            old * self.observed + count,
            old * self.expected + calm,
        )

    def forget(self, which: NDArray[np.bool_]) -> None:
        """Drop all evidence of some services."""
        self.evidence[:, which] = 0.0

    def shift(self, by: Numbers) -> None:
        """The seasonal usual moved by ``-by``: the levels above it move the other way."""
        self.log += by


def predictive_spread(own: Numbers, usual: Expectation) -> Numbers:
    """Relative variance of a minute's count beyond Poisson: over-dispersion, and doubt about the level."""
    share = own / (own + usual.leaked)
    return usual.dispersion + usual.spread * share * share + usual.leak_spread * (1.0 - share) ** 2


def likelihood_ratio(count: Numbers, calm: Numbers, surging: Numbers, spread: Numbers) -> Numbers:
    """log NB(count; surging) - log NB(count; calm), with variance = mean + spread x mean^2."""
    size = 1.0 / spread
    ratio: Numbers = count * np.log(surging / calm) - (count + size) * np.log((size + surging) / (size + calm))
    return ratio
