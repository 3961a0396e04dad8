"""The counts of one pass of detection, and the hours that they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from detector.detector import Scores
from domain.moments import MINUTES_PER_HOUR
from domain.rate import MEASURES, RateBlock, RateHour, swaps_in


class PassRates:
    """The counts of one pass, in the order in which the detector gets to know the services.

    A service joins with the first minute in which it has any count, never before: so the passes into
    which a run happens to be cut change nothing.
    """

    def __init__(self, block: RateBlock, known: tuple[str, ...]) -> None:
        self._first = block.first_minute
        minutes = block.counts.shape[2]
        any_count = np.asarray(block.counts.any(axis=0))
        starts = {service: int(np.argmax(any_count[row])) for row, service in enumerate(block.services)}
        joining = sorted((at, service) for service, at in starts.items() if service not in known)
        self._starts = [0] * len(known) + [at for at, _ in joining]
        self.services = (*known, *(service for _, service in joining))
        # By minute first: each minute's counts lie together.
        self._counts = np.zeros((minutes, len(MEASURES), len(self.services)), dtype=np.int64)
        place = {service: row for row, service in enumerate(self.services)}
        for row, service in enumerate(block.services):
            self._counts[:, :, place[service]] = block.counts[:, row, :].T
        self._expected = np.zeros((minutes, len(self.services)))
        self._upper = np.zeros((minutes, len(self.services)))
        self._blind = [False] * minutes
        self._versions = block.versions or (None,) * minutes

    def joining(self, offset: int, known: int) -> tuple[str, ...]:
        """The services that join in this minute, after the ``known`` first ones."""
        until = known
        while until < len(self.services) and self._starts[until] <= offset:
            until += 1
        return self.services[known:until]

    def at(self, offset: int, known: int) -> NDArray[np.int64]:
        """One minute's counts: a row for each measure, a column for each service known by now."""
        return self._counts[offset, :, :known]

    def expect(self, offset: int, scores: Scores) -> None:
        """Keep what was expected of one minute."""
        known = len(scores.expected_minute)
        self._expected[offset, :known] = scores.expected_minute
        self._upper[offset, :known] = scores.upper_minute

    def blind(self, offset: int) -> None:
        """Keep of one minute that a source was not heard in it."""
        self._blind[offset] = True

    def version_at(self, offset: int) -> str | None:
        """The model version that counted last in one minute, or in the nearest one before it."""
        return next((version for version in self._versions[offset::-1] if version is not None), None)

    def hours(self, begun: Mapping[str, RateHour], model_version: str | None) -> Iterator[RateHour]:
        """A row for each service and hour; the first hour goes on from the rows in ``begun``.

        Minutes in which nothing was counted name the version before them, or else ``model_version``.
        """
        until = self._first + len(self._counts)
        for hour in range(self._first // MINUTES_PER_HOUR, (until - 1) // MINUTES_PER_HOUR + 1):
            start = max(hour * MINUTES_PER_HOUR, self._first)
            stop = min((hour + 1) * MINUTES_PER_HOUR, until)
            span = slice(start - self._first, stop - self._first)
            for column, service in enumerate(self.services):
                if self._starts[column] < span.stop:
                    before = begun.get(service) if start == self._first else None
                    yield self._hour(service, column, hour, start, span, before, model_version)

    def _hour(
        self,
        service: str,
        column: int,
        hour: int,
        start: int,
        span: slice,
        before: RateHour | None,
        model_version: str | None,
    ) -> RateHour:
        # Minutes of the hour that lie before the run or before the service's first post held nothing.
        missing = start - hour * MINUTES_PER_HOUR
        kept = {
            name: (getattr(before, name) if before else ())[:missing]
            for name in (*MEASURES, "expected", "upper", "blind")
        }
        padded = {name: values + (0,) * (missing - len(values)) for name, values in kept.items()}
        counted = {
            str(measure): padded[measure] + tuple(self._counts[span, row, column].tolist())
            for row, measure in enumerate(MEASURES)
        }
        before_it = before.versions[:missing] if before else ()
        versions = (*before_it, *(None,) * (missing - len(before_it)), *self._versions[span])
        return RateHour(
            service=service,
            hour=hour,
            **counted,
            expected=padded["expected"] + _rounded(self._expected[span, column]),
            upper=padded["upper"] + _rounded(self._upper[span, column]),
            blind=(*map(bool, padded["blind"]), *self._blind[span]),
            model_version=next((version for version in reversed(versions) if version), model_version),
            swaps=swaps_in(versions),
        )


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.round(values, 4).tolist())
