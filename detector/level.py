"""The restless level: how chatter comes and goes around its season, followed minute by minute.

A service's rate is its seasonal usual times ``exp(log)``. ``log`` falls back to nought with a memory of four
hours; ``spread`` is its relative variance. Both steps are those of a discounted gamma-Poisson model
(West, Harrison and Migon 1985, "Dynamic generalized linear models and Bayesian forecasting", JASA 80), with
the negative binomial's surplus variance taken off each count's weight.
"""

from __future__ import annotations

import numpy as np

from detector.season import Numbers

MEMORY_MINUTES = 240.0  # autocorrelation 0.4-0.7 after an hour and 0.2 after a day in NAB's realTweets
KEEP = float(np.exp(-1.0 / MEMORY_MINUTES))


def relax(log: Numbers, spread: Numbers, usual_spread: Numbers) -> tuple[Numbers, Numbers]:
    """One minute passes unseen: the level leans back, and we are less sure of it."""
    return KEEP * log, usual_spread + KEEP * KEEP * (spread - usual_spread)


def absorb(
    log: Numbers, spread: Numbers, count: Numbers, own: Numbers, total: Numbers, dispersion: Numbers
) -> tuple[Numbers, Numbers]:
    """One minute's count is seen: ``total`` was expected, ``own`` of it from the service's own level."""
    share = own / total
    weight = own * share / (1.0 + dispersion * total)
    seen = weight * count / total
    shape = 1.0 / spread
    return log + np.log((shape + seen) / (shape + weight)), 1.0 / (shape + seen)
