"""From minutes and counts to places on the sheet, and the shapes that a row of minutes makes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from commands.picture.svg import Point
from domain.moments import start_of_minute
from domain.series import Minute

MOST_LEVELS = 5  # lines across
STEPS = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)  # minutes between two ticks of time
MOST_TICKS = 12
GAP_FROM = 3.0  # pixels: wider bars stand apart
THINNEST = 1.5  # and thinner ones would hardly be seen


@dataclass(frozen=True)
class Plot:
    """Where on the sheet a minute and a count lie. ``first`` and ``last`` are minutes, both shown."""

    left: float
    right: float
    top: float
    ground: float
    first: int
    last: int
    most: float  # the count at the top

    @property
    def width_of_minute(self) -> float:
        return (self.right - self.left) / (self.last + 1 - self.first)

    def x(self, at: datetime) -> float:
        """Where an instant lies; what is out of the picture lies on its edge."""
        minutes = (at - start_of_minute(self.first)) / timedelta(minutes=1)
        return min(max(self.left + minutes * self.width_of_minute, self.left), self.right)

    def shows(self, at: datetime) -> bool:
        return start_of_minute(self.first) <= at <= start_of_minute(self.last + 1)

    def y(self, count: float) -> float:
        return self.ground - (self.ground - self.top) * min(max(count, 0.0), self.most) / self.most

    def bars(self, minutes: Sequence[Minute]) -> list[list[Point]]:
        """A bar for each minute with complaints."""
        width = self.width_of_minute
        width = width * 0.85 if width >= GAP_FROM else max(width, THINNEST)
        return [
            [(x, self.ground), (x, y), (end, y), (end, self.ground)]
            for minute in minutes
            if minute.complaints
            for x, y in [(self.x(minute.at), self.y(minute.complaints))]
            for end in [min(x + width, self.right)]
        ]

    def steps(self, values: Sequence[tuple[Minute, float]]) -> list[list[Point]]:
        """A line with a level for each minute; it breaks where minutes are missing."""
        runs = []
        for run in unbroken([minute for minute, _ in values]):
            heights = dict(values[run.start : run.stop])
            runs.append([point for minute, value in heights.items() for point in self._step(minute, value)])
        return runs

    def between(self, bounds: Sequence[tuple[Minute, float, float]]) -> list[list[Point]]:
        """The outlines between two such lines, the lower and the upper."""
        lower = self.steps([(minute, low) for minute, low, _ in bounds])
        upper = self.steps([(minute, high) for minute, _, high in bounds])
        return [[*up, *reversed(down)] for down, up in zip(lower, upper, strict=True)]

    def columns(self, minutes: Sequence[Minute]) -> list[list[Point]]:
        """Columns of full height, one for each unbroken run of minutes."""
        return [
            [(left, self.top), (right, self.top), (right, self.ground), (left, self.ground)]
            for run in unbroken(minutes)
            for left, right in [
                (self.x(minutes[run.start].at), self.x(minutes[run.stop - 1].at) + self.width_of_minute)
            ]
        ]

    def levels(self) -> list[float]:
        """The counts at which a line goes across, the ground left out."""
        step = level_step(self.most)
        return [step * number for number in range(1, math.floor(self.most / step + 1e-9) + 1)]

    def ticks(self) -> Iterator[datetime]:
        """The times that are written below: round ones, and not too many."""
        length = self.last + 1 - self.first
        step = next((step for step in STEPS if length / step <= MOST_TICKS), STEPS[-1])
        step *= math.ceil(length / step / MOST_TICKS) if step == STEPS[-1] else 1
        for minute in range(-(-self.first // step) * step, self.last + 2, step):
            yield start_of_minute(minute)

    def _step(self, minute: Minute, value: float) -> tuple[Point, Point]:
        x, y = self.x(minute.at), self.y(value)
        return (x, y), (min(x + self.width_of_minute, self.right), y)


def ceiling(value: float) -> float:
    """The count at the top of the sheet: a whole number of levels, a little above the highest.

    >>> [ceiling(value) for value in (0, 1, 3.4, 7, 48, 199, 1204)]
    [2.0, 2.0, 4.0, 8.0, 50.0, 250.0, 1500.0]
    """
    wanted = max(value * 1.04, 2.0)
    step = level_step(wanted)
    return step * math.ceil(wanted / step - 1e-9)


def level_step(most: float) -> float:
    """A round number of complaints that goes at most ``MOST_LEVELS`` times into ``most``."""
    power = 10.0 ** math.floor(math.log10(most / MOST_LEVELS)) if most > MOST_LEVELS else 1.0
    return next(
        factor * power
        for factor in (1, 2, 2.5, 5, 10)
        if (factor * power).is_integer() and most / (factor * power) <= MOST_LEVELS
    )


def unbroken(minutes: Sequence[Minute]) -> list[range]:
    """Where minutes follow each other without a gap, as places in the row."""
    breaks = [
        place for place, (one, other) in enumerate(pairwise(minutes), 1) if other.number != one.number + 1
    ]
    edges = [0, *breaks, len(minutes)]
    return [range(start, stop) for start, stop in pairwise(edges) if start < stop]
