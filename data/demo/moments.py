"""When somebody writes: random times that follow the timeline's curves."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta, timezone

from material import Landmark, Timeline, at

PACIFIC = timezone(timedelta(hours=-8))
CHATTER, OUTAGE, BLAME = "chatter", "outage", "blame"


def moments(timeline: Timeline, rng: random.Random) -> list[tuple[datetime, str | Landmark]]:
    """Every time at which somebody writes, the earliest first, with what it is about."""
    found: list[tuple[datetime, str | Landmark]] = [(mark.at, mark) for mark in timeline.landmarks]
    found += [(moment, CHATTER) for moment in _chatter(timeline, rng)]
    found += [(moment, OUTAGE) for moment in _outage(timeline, rng)]
    found += [(moment, BLAME) for moment in _blame(timeline, rng)]
    return sorted(found, key=lambda pair: pair[0])


def _chatter(timeline: Timeline, rng: random.Random) -> list[datetime]:
    length = timeline.ends - timeline.starts
    hours = [timeline.starts + timedelta(hours=n) for n in range(int(length / timedelta(hours=1)))]
    loudness = [timeline.chatter.by_hour[hour.astimezone(PACIFIC).hour] for hour in hours]
    drawn = rng.choices(hours, loudness, k=timeline.chatter.posts)
    return [hour + timedelta(seconds=rng.randrange(3600)) for hour in drawn]


def _outage(timeline: Timeline, rng: random.Random) -> list[datetime]:
    curve = timeline.outage.curve
    return [
        timeline.noon + timedelta(minutes=minute, seconds=rng.randrange(60))
        for minute in range(int(curve[-1][0]))
        for _ in range(_poisson(at(curve, minute), rng))
    ]


def _blame(timeline: Timeline, rng: random.Random) -> list[datetime]:
    """Evenly spread, so that no carrier seems to fail by itself."""
    blame = timeline.outage.carriers
    step = (blame.until - blame.since) / blame.posts
    minutes = [blame.since + step * (n + rng.random()) for n in range(blame.posts)]
    return [timeline.noon + timedelta(seconds=int(60 * minute)) for minute in minutes]


def _poisson(mean: float, rng: random.Random) -> int:
    """A random count with this mean (Knuth's way, good for small means)."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
