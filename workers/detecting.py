"""From counts to incidents: close the minutes that the watermark has passed, once, and save what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from delivery.events import deliveries_for, event_of
from detector.blindness import Blindness
from detector.decisions import Rules, next_change
from detector.detector import Detector, Scores
from domain.delivery import Delivery
from domain.incident import Change, Evidence, Incident, incident_id
from domain.moments import MINUTES_PER_HOUR, milliseconds, minute_of
from domain.rate import MEASURES, Measure, RateBlock, RateHour
from domain.run import Run
from storage.evidence import surest
from storage.interfaces import Detection, DetectionStep, Posts, Stores

MOST_OPEN = 15  # minutes that may be open at once before looking ahead waits for them to be closed
MOST_MINUTES = 360  # closed in one transaction: a quarter of a day
# How many posts speak for an incident: the first of all, the surest until it was raised, and of later ones.
FIRST_POSTS, RAISING_POSTS, LATER_POSTS = 3, 9, 8
_ALL = 100_000

_COMPLAINTS, _MENTIONS, _RECOVERIES = (
    MEASURES.index(measure) for measure in (Measure.COMPLAINTS, Measure.MENTIONS, Measure.RECOVERIES)
)


class _State(msgspec.Struct, frozen=True):
    """What detection keeps between two calls, as one body of bytes."""

    detector: bytes
    blindness: bytes


@dataclass(frozen=True)
class Detecting:
    """The collaborators of detection in one run.

    ``names`` maps service ids to the names people read; ``grace`` (milliseconds) is how long a live minute
    stays open for late posts.
    """

    run: Run
    posts: Posts
    stores: Stores
    names: Mapping[str, str]
    budget: float
    grace: int
    model_version: str | None = None
    rules: Rules = field(default_factory=Rules)

    def close_minutes(self, now: datetime) -> int | None:
        """Close the minutes that may be closed, ``MOST_MINUTES`` at the most, and say how many were.

        ``None`` says that another worker was first: nothing of ours was saved.
        """
        before = self.stores.incidents.detection(self.run.name)
        if before is None:
            return 0
        # The order of reading matters: a hand-over moves the progress and fills the in-flight table at once,
        # so a batch behind the progress that was read is either still in flight or already counted.
        end = self.posts.ended()
        until = self._closed_until(now, end)
        if until <= before.next_minute:
            self._finish(before.next_minute, end, now)
            return 0
        closing = _Closing(self, before, min(until, before.next_minute + MOST_MINUTES), now)
        if not self.stores.incidents.save(closing.step()):
            return None
        self._finish(closing.until, end, now)
        return closing.until - before.next_minute

    def look_ahead(self, now: datetime) -> int | None:
        """Look at the minutes of a live run that are still open, and raise what is already certain.

        Counts of an open minute can only grow, so what they raise now the closed minute would raise as
        well. Nothing is learned, no minute is closed. Returns how many incidents were raised; ``None`` as
        above.
        """
        before = self.stores.incidents.detection(self.run.name)
        until = minute_of(now) + 1
        if before is None or until - before.next_minute > MOST_OPEN:
            return 0
        looking = _Closing(self, before, until, now)
        step = looking.openings()
        if not step.changes:
            return 0
        return len(step.changes) if self.stores.incidents.save(step) else None

    def _closed_until(self, now: datetime, end: int | None) -> int:
        """The first minute that may not be closed yet."""
        bound = milliseconds(now) - self.grace if self.run.is_live else self.posts.progress()
        if end is not None:
            bound = end
        if bound is None:
            return 0
        in_flight = self.posts.in_flight_since()
        return min(bound, bound if in_flight is None else in_flight) // 60_000

    def _finish(self, next_minute: int, end: int | None, now: datetime) -> None:
        if end is not None and next_minute >= end // 60_000 and self.run.finished_at is None:
            self.stores.runs.finish(self.run.name, now)


class _Closing:
    """One pass over successive minutes: what it finds out becomes one ``DetectionStep``."""

    def __init__(self, about: Detecting, before: Detection, until: int, now: datetime) -> None:
        self._about = about
        self._before = before
        self._now = now
        self.until = until
        self._minutes = range(before.next_minute, until)
        if before.state:
            state = msgspec.msgpack.decode(before.state, type=_State)
            self._detector = Detector.from_bytes(state.detector, budget=about.budget)
            self._blindness = Blindness.from_bytes(state.blindness)
        else:
            self._detector = Detector(budget=about.budget)
            self._blindness = Blindness()
        self._open = {
            incident.service: incident for incident in about.stores.incidents.open_in(about.run.name)
        }
        self._changes: list[Change] = []
        self._evidence: dict[str, tuple[Evidence, ...]] = {}

    def step(self) -> DetectionStep:
        """Everything that these minutes change."""
        rates = self._pass()
        state = _State(detector=self._detector.to_bytes(), blindness=self._blindness.to_bytes())
        return DetectionStep(
            run=self._about.run.name,
            expected_minute=self._before.next_minute,
            detection=Detection(next_minute=self.until, state=msgspec.msgpack.encode(state)),
            changes=tuple(self._changes),
            evidence=self._evidence,
            rates=tuple(rates.hours(self._kept_hour(), self._about.model_version)),
            deliveries=tuple(self._deliveries()),
        )

    def openings(self) -> DetectionStep:
        """Only the incidents that these minutes raise, as of now; fence and state stay as they were."""
        self._pass()
        opened = [change for change in self._changes if change.was is None]
        self._changes = [_as_of(self._now, change) for change in opened]
        self._evidence = {
            new.incident.id: self._evidence[old.incident.id]
            for old, new in zip(opened, self._changes, strict=True)
        }
        return DetectionStep(
            run=self._about.run.name,
            expected_minute=self._before.next_minute,
            detection=self._before,
            changes=tuple(self._changes),
            evidence=self._evidence,
            deliveries=tuple(self._deliveries()),
        )

    def _pass(self) -> _Rates:
        block = self._about.posts.rates(self._minutes.start, len(self._minutes))
        rates = _Rates(block, self._detector.services)
        volume = self._about.posts.volume(self._minutes.start, len(self._minutes))
        for offset, minute in enumerate(self._minutes):
            self._close(minute, rates, offset, volume[offset])
        return rates

    def _close(self, minute: int, rates: _Rates, offset: int, volume: int) -> None:
        self._detector.include(rates.joining(offset, len(self._detector.services)))
        blind = self._blindness.judge(minute, volume)
        self._blindness.learn(minute, volume)
        services = self._detector.services
        if not services:
            return
        counts = rates.at(offset, len(services))
        scores = self._detector.score(minute, counts[_COMPLAINTS], counts[_MENTIONS], counts[_RECOVERIES])
        rates.expect(offset, scores)
        if not blind:  # silence that nobody heard opens nothing, and resolves nothing
            self._change(minute, services, scores)
        skip = np.fromiter((service in self._open for service in services), bool, len(services))
        self._detector.learn(minute, counts[_COMPLAINTS], counts[_MENTIONS], skip, blind=blind)

    def _change(self, minute: int, services: tuple[str, ...], scores: Scores) -> None:
        told = set(scores.raised().tolist())
        if self._open:
            told.update(index for index, service in enumerate(services) if service in self._open)
        for index in sorted(told):
            service = services[index]
            change = next_change(
                self._open.get(service),
                scores.signal(index),
                self._about.rules,
                run=self._about.run.name,
                model_version=self._about.model_version,
            )
            if change is not None:
                self._take(change, minute)

    def _take(self, change: Change, minute: int) -> None:
        incident = change.incident
        if incident.state.is_open:
            self._open[incident.service] = incident
        else:
            del self._open[incident.service]
        self._changes.append(change)
        self._evidence[incident.id] = self._posts_for(incident, minute)

    def _posts_for(self, incident: Incident, minute: int) -> tuple[Evidence, ...]:
        """How it began, what raised it, and what came after."""
        onset, raised = minute_of(incident.onset_at), minute_of(incident.raised_at)
        posts, service = self._about.posts, incident.service
        before = posts.evidence(service, onset, raised - 1, _ALL)
        after = posts.evidence(service, raised, minute, LATER_POSTS) if minute >= raised else []
        return (*before[:FIRST_POSTS], *surest(before[FIRST_POSTS:], RAISING_POSTS), *after)

    def _deliveries(self) -> Iterator[Delivery]:
        endpoints = self._about.stores.deliveries.endpoints() if self._changes else []
        run = self._about.run
        for change in self._changes:
            incident = change.incident
            event = event_of(
                change,
                run_note=run.note,
                service_name=self._about.names.get(incident.service, incident.service),
                evidence=self._evidence[incident.id],
            )
            if event is not None:
                yield from deliveries_for(
                    event, endpoints, live=run.is_live, sequence=incident.revision, now=self._now
                )

    def _kept_hour(self) -> dict[str, RateHour]:
        """The rows of the hour that an earlier pass began."""
        hour, begun = divmod(self._minutes.start, MINUTES_PER_HOUR)
        rows = self._about.stores.incidents.rates(self._about.run.name, hour, hour) if begun else []
        return {row.service: row for row in rows}


class _Rates:
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

    def hours(self, begun: Mapping[str, RateHour], model_version: str | None) -> Iterator[RateHour]:
        """A row for each service and hour; the first hour goes on from the rows in ``begun``."""
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
            for name in (*MEASURES, "expected", "upper")
        }
        padded = {name: values + (0,) * (missing - len(values)) for name, values in kept.items()}
        counted = {
            str(measure): padded[measure] + tuple(self._counts[span, row, column].tolist())
            for row, measure in enumerate(MEASURES)
        }
        return RateHour(
            service=service,
            hour=hour,
            **counted,
            expected=padded["expected"] + _rounded(self._expected[span, column]),
            upper=padded["upper"] + _rounded(self._upper[span, column]),
            model_version=model_version,
        )


def _as_of(now: datetime, change: Change) -> Change:
    """An opening told before its minute has ended: nothing of it may lie in the future."""
    at = min(now, change.at)
    incident = change.incident
    onset = min(incident.onset_at, at)
    return msgspec.structs.replace(
        change,
        at=at,
        incident=msgspec.structs.replace(
            incident,
            id=incident_id(incident.run, incident.service, at),
            onset_at=onset,
            raised_at=at,
            last_high_at=at,
        ),
    )


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.round(values, 4).tolist())
