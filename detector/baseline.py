"""The usual rate of each service at any minute of the week, learned hour by hour.

The logarithm of the usual rate is ``features(minute) @ coefficients``. An hour's count moves the
coefficients by linear Bayes on a gamma-Poisson observation (West, Harrison and Migon 1985): exact enough for
three complaints an hour, and wide open on a service's first day, when hours never seen have a large variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, polygamma

from detector.season import PRIOR_SPREAD, Flags, Numbers, features

MINUTES_PER_HOUR = 60
LEAST_RATE = (
    0.01  # a minute: about 14 stray complaints a day are everybody's share, so that three posts are no surge
)
_LOG_LEAST = math.log(LEAST_RATE)

# A service never seen: a gamma distribution so wide that a few minutes outweigh it. Its mean is high, so that
# a busy service's first minutes are no surge.
PRIOR_LEVEL = 0.0
PRIOR_LEVEL_SPREAD = 2.5

# Drift with a memory of 14 days and a standard deviation of 0.25 moves this much in an hour; the shape less.
LEVEL_STEP = 2 * 0.25**2 / (14 * 24)
SHAPE_STEP = 1e-5
HOUR_KEEP = math.exp(-MINUTES_PER_HOUR / 240.0)

# Variance of the restless level and over-dispersion (variance = mean + dispersion x mean^2) before a service
# has shown its own: the middle of NAB's realTweets outside their marked windows. The weights say how sure
# that is.
PRIOR_RESTLESS, RESTLESS_WEIGHT = 0.04, 1.0 / 0.03**2
PRIOR_DISPERSION, DISPERSION_WEIGHT = 0.2, 1.0 / 0.15**2
FORGET_HOURLY = math.exp(-1.0 / (30 * 24))
LIKE_HOURS = 4.0  # neighbouring hours are alike: four of them say as much as one of its own

_COEFFICIENTS = 1 + len(PRIOR_SPREAD)


@dataclass(slots=True)
class Baseline:
    """Coefficients (one row each) and their covariance, for services along the last axis."""

    coefficients: Numbers  # [coefficient, service]
    covariance: Numbers  # [coefficient or restless level, the same, service]
    restless_log: Numbers  # the hour's own restless level, kept apart so that it is not taken for season
    restless: Numbers  # its variance, by service
    restless_weight: Numbers
    dispersion: Numbers
    dispersion_weight: Numbers
    hour_count: Numbers  # complaints of the hour's learned minutes
    hour_usual: Numbers  # and what was usual for them
    hour_excess: Numbers  # sums from which the dispersion is estimated
    hour_weight: Numbers

    @classmethod
    def empty(cls) -> Baseline:
        none = np.zeros(0)
        matrix = np.zeros((_COEFFICIENTS + 1, _COEFFICIENTS + 1, 0))
        return cls(np.zeros((_COEFFICIENTS, 0)), matrix, *(none.copy() for _ in range(9)))

    def log_usual(self, minute: int) -> Numbers:
        """The logarithm of the usual rate of a minute, drift and season included, chatter's whims not."""
        rate: Numbers = (features(minute)[:, None] * self.coefficients).sum(axis=0)
        return np.maximum(rate, _LOG_LEAST)

    def doubt(self, minute: int) -> Numbers:
        """The variance of ``log_usual``: what we do not know of season and level."""
        return _quadratic(self.covariance[:-1, :-1], features(minute - minute % MINUTES_PER_HOUR + 30))

    def count(self, count: Numbers, usual: Numbers, expected: Numbers, spread: Numbers, take: Flags) -> None:
        """Add a minute to the hour. ``usual`` knows the season only, ``expected`` the chatter's level too."""
        self.hour_count += take * count
        self.hour_usual += take * usual
        per = 1.0 / expected
        chance = per + self.dispersion
        weight = take / (per * per * per + 2.0 * chance * chance)
        off = (count - expected) * per
        # One wild minute is bounded at some thirty variances, or at a handful of complaints out of nothing.
        off = np.minimum(off * off, 30.0 * chance + 20.0 * per * per)
        self.hour_excess += weight * (off - per - spread)
        self.hour_weight += weight

    def close_hour(self, minute: int) -> None:
        """Learn from the hour whose last minute this is."""
        self._learn_dispersion()
        x = np.append(features(minute - MINUTES_PER_HOUR // 2), 1.0)
        self._let_time_pass()
        self._learn_restlessness(x)
        self._learn_hour(x)
        for sums in (self.hour_count, self.hour_usual, self.hour_excess, self.hour_weight):
            sums[:] = 0.0

    def _learn_dispersion(self) -> None:
        self.dispersion_weight *= FORGET_HOURLY
        known = self.dispersion * (DISPERSION_WEIGHT + self.dispersion_weight) + self.hour_excess
        self.dispersion_weight += self.hour_weight
        self.dispersion = np.clip(known / (DISPERSION_WEIGHT + self.dispersion_weight), 0.02, 2.0)

    def _let_time_pass(self) -> None:
        self.restless_log *= HOUR_KEEP
        self.covariance[-1] *= HOUR_KEEP
        self.covariance[:, -1] *= HOUR_KEEP
        self.covariance[-1, -1] += (1 - HOUR_KEEP**2) * self.restless
        steps = np.full(_COEFFICIENTS, SHAPE_STEP)
        steps[0] = LEVEL_STEP
        self.covariance[np.arange(_COEFFICIENTS), np.arange(_COEFFICIENTS)] += steps[:, None]

    def _learn_restlessness(self, x: Numbers) -> None:
        """Moment estimate of the variance of hourly levels, each hour weighted by what it can tell."""
        self.restless_weight *= FORGET_HOURLY
        usual = np.maximum(self.hour_usual, 1e-9)
        chance = 1.0 / usual + self.dispersion / MINUTES_PER_HOUR
        doubt = _quadratic(self.covariance[:-1, :-1], x[:-1])
        weight = (self.hour_usual > 0) / (2.0 * (chance + self.restless + doubt) ** 2) / LIKE_HOURS
        off = np.minimum((self.hour_count / usual - 1.0) ** 2, 9.0 * (chance + self.restless + doubt))
        known = self.restless * (RESTLESS_WEIGHT + self.restless_weight) + weight * (off - chance - doubt)
        self.restless_weight += weight
        self.restless = np.clip(known / (RESTLESS_WEIGHT + self.restless_weight), 0.01, 1.0)

    def _learn_hour(self, x: Numbers) -> None:
        reach = (self.covariance * x[None, :, None]).sum(axis=1)
        variance = (reach * x[:, None]).sum(axis=0)
        # The gamma whose logarithm has this variance, by trigamma(a) ~ 1/a + 1/(2 a^2).
        shape = (1.0 + np.sqrt(1.0 + 2.0 * variance)) / (2.0 * variance)
        usual = self.hour_usual * np.exp(self.restless_log)
        weight = 1.0 / (1.0 + self.dispersion / MINUTES_PER_HOUR * usual)
        seen = shape + weight * self.hour_count
        shift = digamma(seen) - np.log(np.exp(digamma(shape)) + weight * usual)
        left = variance * polygamma(1, seen) / polygamma(1, shape)
        gain = reach / variance
        moved = gain * shift
        self.coefficients += moved[:-1]
        self.restless_log += moved[-1]
        self.covariance -= gain[:, None] * gain[None, :] * (variance - left)

    def include(self, more: int) -> None:
        """New services join with the shape that the services so far share, and no idea of their level."""
        shape = np.array([self._pooled(row) for row in range(1, _COEFFICIENTS)])
        column = np.concatenate([[PRIOR_LEVEL], shape])
        self.coefficients = np.hstack([self.coefficients, np.repeat(column[:, None], more, axis=1)])
        first = np.diag(np.concatenate([[PRIOR_LEVEL_SPREAD**2], PRIOR_SPREAD**2, [PRIOR_RESTLESS]]))
        self.covariance = np.concatenate(
            [self.covariance, np.repeat(first[:, :, None], more, axis=2)], axis=2
        )
        self.restless = np.append(self.restless, np.full(more, PRIOR_RESTLESS))
        self.dispersion = np.append(self.dispersion, np.full(more, PRIOR_DISPERSION))
        for name in (
            "restless_log", "restless_weight", "dispersion_weight",
            "hour_count", "hour_usual", "hour_excess", "hour_weight",
        ):  # fmt: skip
            setattr(self, name, np.append(getattr(self, name), np.zeros(more)))

    def _pooled(self, row: int) -> float:
        """A coefficient's mean over services, each weighted by what it has learned itself.

        ``fsum`` rounds once, so that the order in which services stand cannot change the mean.
        """
        prior = float(1.0 / PRIOR_SPREAD[row - 1] ** 2)
        learned = np.maximum(1.0 / self.covariance[row, row] - prior, 0.0)
        weighted: Numbers = learned * self.coefficients[row]
        return math.fsum(weighted.tolist()) / (prior + math.fsum(learned.tolist()))


def _quadratic(matrix: Numbers, x: Numbers) -> Numbers:
    result: Numbers = ((matrix * x[None, :, None]).sum(axis=1) * x[:, None]).sum(axis=0)
    return result
