"""Does the threshold mean the budget? False alarms per service and month on streams without outages.

Run it as ``python benchmarks/budget.py`` (some minutes on one core; ``--services 8`` for a quick look). The
streams are simulated here, from seeds of their own: seasons of day and week, drift, restless chatter,
over-dispersion.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from detector.budget import threshold
from detector.detector import Detector
from detector.season import MINUTES_PER_DAY, Flags, Numbers

RATES = (0.05, 0.2, 1.0, 5.0, 20.0, 50.0)  # complaints a minute, on average
BUDGETS = (0.25, 1.0, 4.0)
DISPERSION = 0.2
LEARN_DAYS, SCORED_DAYS = 21, 32
APART = 60  # minutes: alarms closer than this are one
FIRST_MINUTE = 27_900_000 - 27_900_000 % MINUTES_PER_DAY


def wandering(rng: np.random.Generator, minutes: int, sd: float, memory: float, step: int) -> Numbers:
    """A stationary Ornstein-Uhlenbeck path, drawn every ``step`` minutes."""
    points = minutes // step + 2
    keep = math.exp(-step / memory)
    path = rng.normal(0.0, sd, points)
    for i in range(1, points):
        path[i] = keep * path[i - 1] + math.sqrt(1.0 - keep * keep) * path[i]
    return np.interp(np.arange(minutes), np.arange(points) * step, path)


def stream(rng: np.random.Generator, rate: float, minutes: int) -> NDArray[np.int64]:
    """One service's complaints in each minute."""
    minute = np.arange(minutes)
    angle = 2.0 * np.pi * minute / MINUTES_PER_DAY
    log = rng.uniform(0.4, 0.8) * np.cos(angle - rng.uniform(0.0, 2.0 * np.pi))
    log += rng.uniform(0.05, 0.2) * np.cos(2.0 * angle - rng.uniform(0.0, 2.0 * np.pi))
    log += np.where((minute // MINUTES_PER_DAY) % 7 >= 5, math.log(rng.uniform(0.6, 1.0)), 0.0)
    log -= math.log(np.exp(log).mean())
    log += wandering(rng, minutes, 0.25, 14.0 * MINUTES_PER_DAY, 60) - 0.25**2 / 2.0
    log += wandering(rng, minutes, 0.20, 240.0, 5) - 0.20**2 / 2.0
    uneven = rng.gamma(1.0 / DISPERSION, DISPERSION, minutes)
    return rng.poisson(rate * np.exp(log) * uneven)


def alarms(counts: NDArray[np.int64], budget: float, since: int) -> NDArray[np.int64]:
    """The alarms of each service (column) from minute ``since`` on; one holds the baseline until calm."""
    services = counts.shape[1]
    detector = Detector([f"s{i}" for i in range(services)], budget=budget)
    nothing = np.zeros(services, np.int64)
    alarm: Flags = np.zeros(services, bool)
    last = np.full(services, -APART - 1)
    found = np.zeros(services, np.int64)
    for offset, row in enumerate(counts):
        scores = detector.score(FIRST_MINUTE + offset, row, row, nothing)
        high = scores.score >= scores.threshold
        if offset >= since:
            found += high & (offset - last > APART)
        last = np.where(high, offset, last)
        alarm = high | (alarm & ~scores.calm)
        detector.learn(FIRST_MINUTE + offset, row, row, alarm)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--services", type=int, default=40, help="streams for each rate (40)")
    options.add_argument("--seed", type=int, default=11)
    chosen = options.parse_args()
    began = time.process_time()
    rng = np.random.default_rng(chosen.seed)
    minutes = (LEARN_DAYS + SCORED_DAYS) * MINUTES_PER_DAY
    counts = np.stack([stream(rng, rate, minutes) for rate in RATES for _ in range(chosen.services)], axis=1)
    months = chosen.services * SCORED_DAYS / 30.0
    print(
        f"false alarms per service and month, {months:.0f} months for each rate; the first days beside them"
    )
    print("budget  threshold  " + "".join(f"{rate:>8g}" for rate in RATES) + "   complaints a minute")
    for budget in BUDGETS:
        later = alarms(counts, budget, LEARN_DAYS * MINUTES_PER_DAY).reshape(len(RATES), -1).sum(axis=1)
        print(f"{budget:6g}  {threshold(budget):9.3f}  " + "".join(f"{n / months:8.2f}" for n in later))
    first = alarms(counts[:MINUTES_PER_DAY], 1.0, 0).reshape(len(RATES), -1).sum(axis=1)
    days = chosen.services / 30.0
    print("     1  first day  " + "".join(f"{n / days:8.2f}" for n in first))
    print(f"{time.process_time() - began:.0f} s of one core")


if __name__ == "__main__":
    main()
