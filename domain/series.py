"""Rates minute by minute, out of the hours in which they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from domain.moments import MINUTES_PER_HOUR, start_of_minute
from domain.rate import RateHour


class Minute(NamedTuple):
    """One closed minute of one service; ``number`` counts since 1970."""

    number: int
    complaints: int
    questions: int
    echoes: int
    recoveries: int
    mentions: int
    expected: float
    upper: float
    blind: bool = False
    model_version: str | None = None

    @property
    def at(self) -> datetime:
        return start_of_minute(self.number)


def minutes_in(hours: Iterable[RateHour], first: int, last: int) -> list[Minute]:
    """The closed minutes from ``first`` to ``last``, both included, the earliest first."""
    minutes = (minute for hour in hours for minute in _minutes_of(hour) if first <= minute.number <= last)
    return sorted(minutes, key=lambda minute: minute.number)


def _minutes_of(hour: RateHour) -> Iterator[Minute]:
    columns = (hour.complaints, hour.questions, hour.echoes, hour.recoveries, hour.mentions)
    start = hour.hour * MINUTES_PER_HOUR
    blind = hour.blind or (False,) * len(hour.expected)  # hours of an earlier version say nothing of it
    for offset, (counts, expected, upper, deaf, version) in enumerate(
        zip(zip(*columns, strict=True), hour.expected, hour.upper, blind, hour.versions, strict=True)
    ):
        yield Minute(start + offset, *counts, expected, upper, deaf, version)
