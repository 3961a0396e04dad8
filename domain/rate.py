"""A rate: how many distinct authors complained, asked, echoed ... about a service in a minute."""

from __future__ import annotations

from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray


class Measure(StrEnum):
    """What is counted for each service and minute, by distinct authors."""

    COMPLAINTS = "complaints"
    QUESTIONS = "questions"
    ECHOES = "echoes"
    RECOVERIES = "recoveries"
    MENTIONS = "mentions"  # of any kind


MEASURES: tuple[Measure, ...] = tuple(Measure)


class Sighting(msgspec.Struct, frozen=True):
    """One author seen once: the smallest thing that is counted.

    ``author`` is eight bytes of a keyed hash. ``at`` is in milliseconds since 1970.
    """

    service: str
    measure: Measure
    author: bytes
    at: int


class RateBlock(msgspec.Struct, frozen=True):
    """Counts of several services over successive minutes.

    ``counts[measure, service, minute]``: whole numbers, in the order of ``MEASURES``, of ``services``, and
    of the minutes from ``first_minute`` on.
    """

    first_minute: int
    services: tuple[str, ...]
    counts: NDArray[np.int32]


class RateHour(msgspec.Struct, frozen=True):
    """One service's closed minutes of one hour, with what was expected of them.

    Every tuple holds one number for each closed minute, from the first minute of the hour on; ``upper`` is
    the count above which a minute alone would be too high to be chance; ``blind`` says that a source was not
    heard, so that few complaints mean nothing. ``hour`` counts since 1970.
    """

    service: str
    hour: int
    complaints: tuple[int, ...]
    questions: tuple[int, ...]
    echoes: tuple[int, ...]
    recoveries: tuple[int, ...]
    mentions: tuple[int, ...]
    expected: tuple[float, ...]
    upper: tuple[float, ...]
    model_version: str | None = None
    blind: tuple[bool, ...] = ()
