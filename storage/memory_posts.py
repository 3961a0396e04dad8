"""The memory twin of ``redis_posts``: the same answers, from one process's own dictionaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np

from domain.drift import Verdicts
from domain.incident import Evidence
from domain.moments import minute_of
from domain.rate import MEASURES, Measure, RateBlock, Sighting
from storage.evidence import surest
from storage.interfaces import NO_VERDICTS, Batch, HandOver, ThreadId, Witness
from storage.memory_label_queue import MemoryLabelQueue
from storage.redis_posts import KEPT_EVIDENCE

_HOUR_MS = 3_600_000
_encode = msgspec.msgpack.Encoder().encode


class MemoryPosts:
    """The ``Posts`` of one run, for a backtest in one process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Drop everything of this run."""
        self._cursors: dict[str, str] = {}
        self._progress: dict[str, int] = {}
        self._marks: dict[tuple[int, str], str] = {}
        self._withdrawn: set[ThreadId] = set()
        self.label_queue = MemoryLabelQueue(self._withdrawn)
        self._end: int | None = None
        self._waiting: dict[str, Batch] = {}
        self._taken: dict[str, Batch] = {}
        self._handed_over = 0
        self._threads: dict[ThreadId, tuple[int, tuple[str, ...]]] = {}
        self._volume: dict[int, int] = defaultdict(int)
        self._authors: dict[tuple[str, Measure, int, bytes], int] = {}
        self._counts: dict[int, dict[tuple[str, Measure], int]] = defaultdict(lambda: defaultdict(int))
        self._evidence: dict[tuple[str, int], list[Evidence]] = {}
        self._versions: dict[int, str] = {}
        self._verdicts: dict[tuple[int, str], Verdicts] = defaultdict(Verdicts)

    def hand_over(self, page: HandOver) -> bool:
        """Append, register and move the cursor. False: the cursor was elsewhere."""
        if page.step:
            if self._cursors.get(page.source) != page.step.expected:
                return False
            self._cursors[page.source] = page.step.cursor
            if page.step.progress is not None:
                self._progress[page.source] = page.step.progress
            if page.step.handed_at is not None:
                mark = (page.step.handed_at, page.source)
                self._marks.setdefault(mark, page.step.expected or "")
        if page.mentions:
            self._handed_over += 1
            batch = Batch(id=str(self._handed_over), mentions=page.mentions)
            self._waiting[batch.id] = batch
        for minute, posts in page.volume.items():
            self._volume[minute] += posts
        self._threads.update(page.threads)
        return True

    def end(self, last: int) -> None:
        """The run has no more to read: minutes may close up to ``last`` (milliseconds)."""
        self._end = last

    def cursor(self, source: str) -> str | None:
        """Where a reader stands; ``None`` at the start."""
        return self._cursors.get(source)

    def cursors_before(self, minute: int) -> dict[str, str]:
        """For each source a cursor behind which lies all that was handed over in ``minute`` and later."""
        before = dict(self._cursors)
        for (at, source), cursor in sorted(self._marks.items(), reverse=True):
            if at >= minute:
                before[source] = cursor
        return {source: cursor for source, cursor in before.items() if cursor}

    def withdraw(self, ids: Collection[ThreadId], now: datetime) -> None:  # noqa: ARG002 - nothing ages here
        """Drop the texts of posts that their authors deleted, those still in flight as well."""
        self._withdrawn.update(thread for thread in ids if thread in self._threads)
        for key, told in self._evidence.items():
            self._evidence[key] = [one for one in told if (one.source, one.post_id) not in self._withdrawn]

    def threads(self, ids: Collection[ThreadId], since: int) -> dict[ThreadId, tuple[str, ...]]:
        """The services that earlier posts were about, for those of ``ids`` written after ``since`` (ms)."""
        found = {thread: self._threads[thread] for thread in ids if thread in self._threads}
        return {thread: services for thread, (at, services) in found.items() if at >= since}

    def take(self, worker: str, most: int) -> list[Batch]:  # noqa: ARG002 - one process, one worker
        """New batches. None is ever left behind: worker and memory end together."""
        taken = list(self._waiting.values())[:most]
        for batch in taken:
            self._taken[batch.id] = self._waiting.pop(batch.id)
        return taken

    def count(
        self,
        batch: Batch,
        sightings: Sequence[Sighting],
        evidence: Sequence[Witness],
        *,
        version: str | None = None,
        verdicts: Mapping[int, Verdicts] = NO_VERDICTS,
    ) -> None:
        """Apply the counts, keep the evidence and strike the batch off."""
        if batch.id not in self._waiting and batch.id not in self._taken:
            return
        for sighting in sightings:
            self._see(sighting, version)
        for hour, some in verdicts.items():
            self._verdicts[hour, version or ""] += some
        for witness in evidence:
            if (witness.evidence.source, witness.evidence.post_id) in self._withdrawn:
                continue
            key = (witness.service, minute_of(witness.evidence.written_at))
            # The true store orders equals by their bytes, so this one does too.
            told = {_encode(one): one for one in (*self._evidence.get(key, ()), witness.evidence)}
            ranked = sorted(told, key=lambda packed: (-told[packed].probability, packed))
            self._evidence[key] = [told[packed] for packed in ranked[:KEPT_EVIDENCE]]
        self._waiting.pop(batch.id, None)
        self._taken.pop(batch.id, None)

    def _see(self, sighting: Sighting, version: str | None) -> None:
        what = (sighting.service, sighting.measure)
        minute = sighting.at // 60_000
        seen = (*what, sighting.at // _HOUR_MS, sighting.author)
        before = self._authors.get(seen)
        if before is not None and before <= minute:
            return
        if before is not None:
            self._counts[before][what] -= 1
        self._authors[seen] = minute
        self._counts[minute][what] += 1
        if version is not None:
            self._versions[minute] = version

    def backlog(self) -> int:
        """How many batches were handed over and not yet counted."""
        return len(self._waiting) + len(self._taken)

    def in_flight_since(self) -> int | None:
        """The earliest post (milliseconds) of a batch that is not yet counted."""
        batches = [*self._waiting.values(), *self._taken.values()]
        written = (minute_of(mention.post.written_at) for batch in batches for mention in batch.mentions)
        earliest = min(written, default=None)
        return None if earliest is None else earliest * 60_000

    def progress(self) -> dict[str, int]:
        """For each source the earliest time (milliseconds) that its reader may still bring."""
        return dict(self._progress)

    def ended(self) -> int | None:
        """What ``end`` was told, once it was."""
        return self._end

    def rates(self, first_minute: int, minutes: int) -> RateBlock:
        """The counts of every service that has any in those minutes."""
        span = range(first_minute, first_minute + minutes)
        cells = [
            (service, measure, minute - first_minute, value)
            for minute in span
            if minute in self._counts
            for (service, measure), value in self._counts[minute].items()
            if value
        ]
        services = tuple(sorted({service for service, *_ in cells}))
        row = {service: index for index, service in enumerate(services)}
        counts = np.zeros((len(MEASURES), len(services), minutes), dtype=np.int32)
        for service, measure, minute, value in cells:
            counts[MEASURES.index(measure), row[service], minute] = value
        versions = tuple(map(self._versions.get, span))
        return RateBlock(first_minute=first_minute, services=services, counts=counts, versions=versions)

    def verdicts(self, first_hour: int, hours: int) -> dict[str, Verdicts]:
        """The verdicts of each version on the posts of those hours."""
        found: dict[str, Verdicts] = defaultdict(Verdicts)
        for (hour, version), some in self._verdicts.items():
            if first_hour <= hour < first_hour + hours:
                found[version] += some
        return dict(found)

    def volume(self, first_minute: int, minutes: int) -> list[int]:
        """All posts read in each minute, of every source together."""
        return [self._volume.get(minute, 0) for minute in range(first_minute, first_minute + minutes)]

    def evidence(self, service: str, first_minute: int, last_minute: int, most: int) -> list[Evidence]:
        """The surest complaints of those minutes, both ends included, the earliest written first."""
        told = [
            one
            for minute in range(first_minute, last_minute + 1)
            for one in self._evidence.get((service, minute), ())
        ]
        return surest(told, most)
