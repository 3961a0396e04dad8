"""A rate: how many distinct authors complained, asked, echoed ... about a service in a minute."""

from __future__ import annotations

from collections.abc import Sequence
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
    of the minutes from ``first_minute`` on. ``versions`` names for each minute the model version that
    counted last in it; ``None`` where none did.
    """

    first_minute: int
    services: tuple[str, ...]
    counts: NDArray[np.int32]
    versions: tuple[str | None, ...] = ()


class RateHour(msgspec.Struct, frozen=True):
    """One service's closed minutes of one hour, with what was expected of them.

    Every tuple holds one number for each closed minute, from the first minute of the hour on; ``upper`` is
    the count above which a minute alone would be too high to be chance; ``blind`` says that a source was not
    heard, so that few complaints mean nothing. ``hour`` counts since 1970. ``model_version`` counted the last
    of these minutes, and all of them unless ``swaps`` tells otherwise: from which minute of the hour on each
    version counted.
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
    swaps: tuple[tuple[int, str], ...] = ()

    @property
    def versions(self) -> tuple[str | None, ...]:
        """For each closed minute the model version that counted it."""
        named: list[str | None] = [self.model_version] * len(self.complaints)
        for start, version in self.swaps:
            named[start:] = [version] * (len(named) - start)
        return tuple(named)


def swaps_in(versions: Sequence[str | None]) -> tuple[tuple[int, str], ...]:
    """Where one version takes over from another, the first included; empty when there is but one.

    >>> swaps_in(["v1", None, "v2"]), swaps_in([None, "v1", "v1"])
    (((0, 'v1'), (2, 'v2')), ())
    """
    swaps: list[tuple[int, str]] = []
    for minute, version in enumerate(versions):
        if version is not None and (not swaps or swaps[-1][1] != version):
            swaps.append((minute if swaps else 0, version))
    return tuple(swaps) if len(swaps) > 1 else ()
