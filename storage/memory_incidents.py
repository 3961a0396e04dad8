"""Incidents with their evidence, the rates they came from, and how far detection has come: in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

import msgspec

from domain.delivery import Delivery
from domain.incident import Change, Evidence, Incident, TimelineEntry
from domain.rate import RateHour
from storage.interfaces import Detection, DetectionStep, IncidentFilter, KnownPost, ThreadId
from storage.known_posts import known_posts
from storage.memory_deliveries import MemoryDeliveries
from storage.memory_sources import MemorySources
from storage.timelines import entry_of

_THE_LAST = datetime.max.replace(tzinfo=UTC)


class MemoryIncidents:
    """The twin of ``SqlIncidents``, for one process. All of a step is checked before any of it is kept."""

    def __init__(self, deliveries: MemoryDeliveries, sources: MemorySources) -> None:
        self._deliveries = deliveries
        self._sources = sources
        self._lock = Lock()
        self._detections: dict[str, Detection] = {}
        self._incidents: dict[str, Incident] = {}
        self._timelines: dict[str, list[TimelineEntry]] = {}
        self._evidence: dict[str, tuple[Evidence, ...]] = {}
        self._rates: dict[tuple[str, str, int], RateHour] = {}

    def detection(self, run: str) -> Detection | None:
        return self._detections.get(run)

    def save(self, step: DetectionStep) -> bool:
        with self._lock:
            if not (self._is_next(step) and self._fits(step.changes) and self._has_all(step)):
                return False
            self._detections[step.run] = step.detection
            self._keep(step.changes)
            self._evidence.update(step.evidence)
            self._rates.update({(step.run, rate.service, rate.hour): rate for rate in step.rates})
            self._deliveries.send(step.deliveries)
            self._sources.cursors.update(step.cursors)
            for gap in step.gaps:
                self._sources.keep_gap(gap)
        return True

    def change(self, change: Change, deliveries: Sequence[Delivery]) -> bool:
        with self._lock:
            if not self._fits([change]):
                return False
            self._keep([change])
            self._deliveries.send(deliveries)
        return True

    def get(self, incident: str) -> Incident | None:
        return self._incidents.get(incident)

    def find(self, wanted: IncidentFilter, *, after: str | None, most: int) -> list[Incident]:
        with self._lock:
            found = _latest_first(one for one in self._incidents.values() if _matches(one, wanted))
            if after is not None:
                seen = _place(self._incidents[after])
                found = [one for one in found if _place(one) > seen]
        return found[:most]

    def open_in(self, run: str) -> list[Incident]:
        with self._lock:
            of_run = [one for one in self._incidents.values() if one.run == run]
        return _latest_first(one for one in of_run if one.state.is_open)

    def timeline(self, incident: str) -> list[TimelineEntry]:
        return list(self._timelines.get(incident, ()))

    def evidence(self, incident: str) -> list[Evidence]:
        return list(self._evidence.get(incident, ()))

    def rates(self, run: str, first_hour: int, last_hour: int, service: str | None = None) -> list[RateHour]:
        with self._lock:
            of_run = [rate for key, rate in self._rates.items() if key[0] == run]
        wanted = [
            rate
            for rate in of_run
            if first_hour <= rate.hour <= last_hour and service in (None, rate.service)
        ]
        return sorted(wanted, key=lambda rate: (rate.service, rate.hour))

    def withdraw(self, posts: Collection[tuple[str, str]]) -> list[str]:
        with self._lock:
            return self._blank(lambda one: (one.source, one.post_id) in posts)

    def blank_texts(self, before: datetime) -> int:
        with self._lock:
            old = [one for shown in self._evidence.values() for one in shown if one.written_at < before]
            self._blank(lambda one: one.written_at < before)
        return sum(1 for one in old if one.text)

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        with self._lock:
            return known_posts(
                ((one.source, one.post_id), one.text, incident.service, None)
                for incident in reversed(_latest_first(self._incidents.values()))
                for one in self._evidence.get(incident.id, ())
                if (one.source, one.post_id) in posts and one.text
            )

    def _blank(self, wanted: Callable[[Evidence], bool]) -> list[str]:
        """Take text and address from those posts, and say for which incidents they spoke."""
        touched = [name for name, shown in self._evidence.items() if any(map(wanted, shown))]
        for incident in touched:
            self._evidence[incident] = tuple(
                msgspec.structs.replace(one, text="", url=None) if wanted(one) else one
                for one in self._evidence[incident]
            )
        return sorted(touched)

    def forget(self, run: str) -> None:
        """Drop everything of a run."""
        with self._lock:
            self._detections.pop(run, None)
            for incident in [one.id for one in self._incidents.values() if one.run == run]:
                del self._incidents[incident]
                del self._timelines[incident]
                self._evidence.pop(incident, None)
            for key in [key for key in self._rates if key[0] == run]:
                del self._rates[key]

    def _is_next(self, step: DetectionStep) -> bool:
        kept = self._detections.get(step.run)
        return (kept.next_minute if kept else None) == step.expected_minute

    def _fits(self, changes: Sequence[Change]) -> bool:
        """Whether each change is of the revision that follows the one before it."""
        revisions = {incident.id: incident.revision for incident in self._incidents.values()}
        for incident in (change.incident for change in changes):
            if incident.revision != revisions.get(incident.id, -1) + 1:
                return False
            revisions[incident.id] = incident.revision
        return True

    def _has_all(self, step: DetectionStep) -> bool:
        """Whether every incident that evidence is for is kept, or will be."""
        changed = {change.incident.id for change in step.changes}
        return all(incident in changed or incident in self._incidents for incident in step.evidence)

    def _keep(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._incidents[change.incident.id] = change.incident
            self._timelines.setdefault(change.incident.id, []).append(entry_of(change))


def _matches(incident: Incident, wanted: IncidentFilter) -> bool:
    return (
        wanted.run in (None, incident.run)
        and wanted.service in (None, incident.service)
        and (not wanted.states or incident.state in wanted.states)
        and (wanted.raised_from is None or wanted.raised_from <= incident.raised_at)
        and (wanted.raised_until is None or incident.raised_at < wanted.raised_until)
    )


def _latest_first(incidents: Iterable[Incident]) -> list[Incident]:
    return sorted(incidents, key=_place)


def _place(incident: Incident) -> tuple[timedelta, str]:
    return _THE_LAST - incident.raised_at, incident.id
