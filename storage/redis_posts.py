"""The posts of one run in Redis: Stream, in-flight table, counts, evidence, and memory of threads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

import msgspec
import numpy as np
from redis import Redis
from redis.exceptions import ResponseError

from domain.drift import BINS, Verdicts
from domain.incident import Evidence
from domain.mention import KINDS, Mention
from domain.moments import MINUTES_PER_HOUR, milliseconds, minute_of
from domain.rate import MEASURES, Measure, RateBlock, Sighting
from storage.evidence import surest
from storage.interfaces import NO_VERDICTS, Batch, HandOver, ThreadId, Witness
from storage.redis_label_queue import RedisLabelQueue
from storage.redis_scripts import COUNT, HAND_OVER, PUT_ASIDE

GROUP = "workers"
KEPT_EVIDENCE = 20  # posts for each service and minute: a story needs a dozen, not a flood
KEPT_SECONDS = 2 * 24 * 3600  # today's counts, and yesterday's for whoever comes late
KEPT_MARKS = 60  # minutes: far more than detection ever goes back
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS

_encode = msgspec.msgpack.Encoder().encode
_mentions = msgspec.msgpack.Decoder(tuple[Mention, ...])
_evidence = msgspec.msgpack.Decoder(Evidence)
_about = msgspec.msgpack.Decoder(tuple[int, tuple[str, ...]])


class RedisPosts:
    """The ``Posts`` of one run on a Redis server (6.2 or newer, or Valkey).

    ``claim_after`` is how long (milliseconds) a batch may rest with one worker before another takes it over;
    after ``tries`` such turns it is put aside in the run's list of dead batches.
    """

    def __init__(self, redis: Redis, run: str, *, claim_after: int = 30_000, tries: int = 5) -> None:
        self._redis = redis
        self._prefix = f"{{groundswell:{run}}}:"
        self._claim_after = claim_after
        self._tries = tries
        self._hand_over = redis.register_script(HAND_OVER)
        self._count = redis.register_script(COUNT)
        self._put_aside = redis.register_script(PUT_ASIDE)
        self.label_queue = RedisLabelQueue(redis, self._prefix)

    # --- the reader's side ---

    def hand_over(self, page: HandOver) -> bool:
        """Append, register and move the cursor in one transaction. False: the cursor was elsewhere."""
        earliest = min((minute_of(mention.post.written_at) for mention in page.mentions), default=0)
        step = page.step
        arguments: list[str | bytes | int] = [
            KEPT_SECONDS,
            page.source,
            step.cursor if step else "",
            (step.expected if step else None) or "",
            "" if step is None or step.progress is None else step.progress,
            "" if step is None or step.handed_at is None else step.handed_at,
            _encode(page.mentions) if page.mentions else b"",
            earliest * 60_000,
            len(page.volume),
        ]
        for minute, posts in page.volume.items():
            arguments += [*divmod(minute, MINUTES_PER_HOUR), posts]
        for (source, post), (at, services) in page.threads.items():
            arguments += [at // _DAY_MS, f"{source}|{post}", _encode((at, services))]
        return bool(self._hand_over(keys=[self._prefix], args=arguments))

    def end(self, last: int) -> None:
        """The run has no more to read: minutes may close up to ``last`` (milliseconds)."""
        self._redis.set(self._prefix + "end", last)

    def cursor(self, source: str) -> str | None:
        """Where a reader stands; ``None`` at the start."""
        found = cast(bytes | None, self._redis.hget(self._prefix + "cursors", source))
        return None if found is None else found.decode()

    def cursors_before(self, minute: int) -> dict[str, str]:
        """For each source a cursor behind which lies all that was handed over in ``minute`` and later."""
        with self._redis.pipeline() as pipe:
            pipe.hgetall(self._prefix + "cursors")
            pipe.hgetall(self._prefix + "marks")
            now, marked = cast(list[dict[bytes, bytes]], pipe.execute())
        before = {source.decode(): cursor.decode() for source, cursor in now.items()}
        by_age = sorted((_mark(field), cursor.decode()) for field, cursor in marked.items())
        for (at, source), cursor in reversed(by_age):  # the earliest last, so that it is the one that stays
            if at >= minute:
                before[source] = cursor
        old = [field for field in marked if _mark(field)[0] < minute - KEPT_MARKS]
        if old:
            self._redis.hdel(self._prefix + "marks", *old)
        return {source: cursor for source, cursor in before.items() if cursor}

    def withdraw(self, ids: Collection[ThreadId], now: datetime) -> None:
        """Drop the texts of posts that their authors deleted, those still in flight as well."""
        # Every mention is remembered for its thread's sake, and most posts are none.
        today = milliseconds(now) // _DAY_MS
        known = self._about(ids, range(today - 2, today + 2))
        if not known:
            return
        withdrawn = self._prefix + "withdrawn"
        with self._redis.pipeline() as pipe:
            # First the note for those in flight: whoever counts after this keeps no text of theirs.
            pipe.sadd(withdrawn, *(f"{source}|{post}" for source, post in known))
            pipe.expire(withdrawn, KEPT_SECONDS)
            pipe.execute()
        for thread, (written, services) in known.items():
            for service in services:
                self._strike(f"{self._prefix}evidence:{service}:{written // 60_000}", thread)

    def _strike(self, key: str, post: ThreadId) -> None:
        for packed in cast(list[bytes], self._redis.zrange(key, 0, -1)):
            told = _evidence.decode(packed)
            if (told.source, told.post_id) == post:
                self._redis.zrem(key, packed)

    def threads(self, ids: Collection[ThreadId], since: int) -> dict[ThreadId, tuple[str, ...]]:
        """The services that earlier posts were about, for those of ``ids`` written after ``since`` (ms)."""
        # A thread's memory lasts for a day at the most: two days' hashes hold all that counts.
        first = since // _DAY_MS
        about = self._about(ids, range(first, first + 2))
        return {thread: services for thread, (written, services) in about.items() if written >= since}

    def _about(
        self, ids: Collection[ThreadId], days: Iterable[int]
    ) -> dict[ThreadId, tuple[int, tuple[str, ...]]]:
        """When posts were written (milliseconds) and which services they were about, as far as is known."""
        if not ids:
            return {}
        wanted = list(ids)
        fields = [f"{source}|{post}" for source, post in wanted]
        known: dict[ThreadId, tuple[int, tuple[str, ...]]] = {}
        with self._redis.pipeline(transaction=False) as pipe:
            for day in days:
                pipe.hmget(f"{self._prefix}threads:{day}", fields)
            for row in pipe.execute():
                known |= {
                    thread: _about.decode(packed)
                    for thread, packed in zip(wanted, row, strict=True)
                    if packed
                }
        return known

    # --- the worker's side ---

    def take(self, worker: str, most: int) -> list[Batch]:
        """New batches for ``worker``, and those that another worker left behind."""
        return [*self._left_behind(worker, most), *self._new(worker, most)]

    def _new(self, worker: str, most: int) -> Iterator[Batch]:
        stream = self._prefix + "posts"
        try:
            answer = self._redis.xreadgroup(GROUP, worker, {stream: ">"}, count=most)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            self._make_group()
            return
        for entries in _entries_of(answer):
            yield from self._batches(entries)

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(self._prefix + "posts", GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another worker was first
                raise

    def _left_behind(self, worker: str, most: int) -> Iterator[Batch]:
        stream = self._prefix + "posts"
        try:
            claimed = self._redis.xautoclaim(stream, GROUP, worker, self._claim_after, count=most)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            self._make_group()
            return
        entries = claimed[1]
        if not entries:
            return
        pending = self._redis.xpending_range(
            stream, GROUP, min=entries[0][0], max=entries[-1][0], count=most, consumername=worker
        )
        turns = {row["message_id"]: row["times_delivered"] for row in pending}
        for entry in entries:
            if int(turns.get(entry[0], 1)) > self._tries:
                self._put_aside(keys=[self._prefix], args=[GROUP, entry[0], KEPT_SECONDS])
            else:
                yield from self._batches([entry])

    def _batches(self, entries: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[Batch]:
        for entry, fields in entries:
            try:
                yield Batch(id=entry.decode(), mentions=_mentions.decode(fields[b"mentions"]))
            except (msgspec.DecodeError, KeyError):  # written by another version: never ours to read
                self._put_aside(keys=[self._prefix], args=[GROUP, entry, KEPT_SECONDS])

    def count(
        self,
        batch: Batch,
        sightings: Sequence[Sighting],
        evidence: Sequence[Witness],
        *,
        version: str | None = None,
        verdicts: Mapping[int, Verdicts] = NO_VERDICTS,
    ) -> None:
        """Apply the counts, keep the evidence, acknowledge the batch and strike it off, in one call."""
        slots = [
            (hour, slot, number) for hour, some in verdicts.items() for slot, number in _slots(some) if number
        ]
        arguments: list[str | bytes | int | float] = [
            KEPT_SECONDS,
            GROUP,
            batch.id,
            version or "",
            KEPT_EVIDENCE,
            len(sightings),
            len(slots),
        ]
        for sighting in sightings:
            hour, within = divmod(sighting.at, _HOUR_MS)
            arguments += [f"{sighting.service}|{sighting.measure}", sighting.author, hour, within // 60_000]
        for one in slots:
            arguments += one
        for witness in evidence:
            told = witness.evidence
            minute = minute_of(told.written_at)
            arguments += [
                f"{told.source}|{told.post_id}",
                f"{witness.service}:{minute}",
                -told.probability,
                _encode(told),
            ]
        self._count(keys=[self._prefix], args=arguments)

    def backlog(self) -> int:
        """How many batches were handed over and not yet counted."""
        return self._redis.zcard(self._prefix + "inflight")

    # --- the detector's side ---

    def in_flight_since(self) -> int | None:
        """The earliest post (milliseconds) of a batch that is not yet counted."""
        first = cast(
            list[tuple[bytes, float]], self._redis.zrange(self._prefix + "inflight", 0, 0, withscores=True)
        )
        return int(first[0][1]) if first else None

    def progress(self) -> dict[str, int]:
        """For each source the earliest time (milliseconds) that its reader may still bring."""
        found = cast(dict[bytes, bytes], self._redis.hgetall(self._prefix + "progress"))
        return {source.decode(): int(at) for source, at in found.items()}

    def ended(self) -> int | None:
        """What ``end`` was told, once it was."""
        found = cast(bytes | None, self._redis.get(self._prefix + "end"))
        return None if found is None else int(found)

    def rates(self, first_minute: int, minutes: int) -> RateBlock:
        """The counts of every service that has any in those minutes."""
        cells: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for hour, fields in self._hours("counts", first_minute, minutes):
            for field, value in fields.items():
                service, measure, offset = field.decode().rsplit("|", 2)
                minute = hour * MINUTES_PER_HOUR + int(offset) - first_minute
                if 0 <= minute < minutes:
                    cells[service].append((MEASURES.index(Measure(measure)), minute, int(value)))
        services = tuple(sorted(cells))
        counts = np.zeros((len(MEASURES), len(services), minutes), dtype=np.int32)
        for row, service in enumerate(services):
            for measure_row, minute, count in cells[service]:
                counts[measure_row, row, minute] = count
        versions = self._versions(first_minute, minutes)
        return RateBlock(first_minute=first_minute, services=services, counts=counts, versions=versions)

    def _versions(self, first_minute: int, minutes: int) -> tuple[str | None, ...]:
        versions: list[str | None] = [None] * minutes
        for hour, fields in self._hours("versions", first_minute, minutes):
            for offset, version in fields.items():
                minute = hour * MINUTES_PER_HOUR + int(offset) - first_minute
                if 0 <= minute < minutes:
                    versions[minute] = version.decode()
        return tuple(versions)

    def verdicts(self, first_hour: int, hours: int) -> dict[str, Verdicts]:
        """The verdicts of each version on the posts of those hours."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for _, fields in self._hours("verdicts", first_hour * MINUTES_PER_HOUR, hours * MINUTES_PER_HOUR):
            for field, number in fields.items():
                version, _, slot = field.decode().rpartition("|")
                found[version][slot] += int(number)
        return {version: _verdicts_in(counts) for version, counts in found.items()}

    def volume(self, first_minute: int, minutes: int) -> list[int]:
        """All posts read in each minute, of every source together."""
        totals = [0] * minutes
        for hour, fields in self._hours("volume", first_minute, minutes):
            for field, value in fields.items():
                minute = hour * MINUTES_PER_HOUR + int(field.rsplit(b"|", 1)[1]) - first_minute
                if 0 <= minute < minutes:
                    totals[minute] += int(value)
        return totals

    def _hours(self, what: str, first_minute: int, minutes: int) -> Iterator[tuple[int, dict[bytes, bytes]]]:
        first = first_minute // MINUTES_PER_HOUR
        last = (first_minute + minutes - 1) // MINUTES_PER_HOUR
        with self._redis.pipeline(transaction=False) as pipe:
            for hour in range(first, last + 1):
                pipe.hgetall(f"{self._prefix}{what}:{hour}")
            yield from zip(range(first, last + 1), pipe.execute(), strict=True)

    def evidence(self, service: str, first_minute: int, last_minute: int, most: int) -> list[Evidence]:
        """The surest complaints of those minutes, both ends included, the earliest written first."""
        with self._redis.pipeline(transaction=False) as pipe:
            for minute in range(first_minute, last_minute + 1):
                pipe.zrange(f"{self._prefix}evidence:{service}:{minute}", 0, -1)
            told = [_evidence.decode(packed) for row in pipe.execute() for packed in row]
        return surest(told, most)

    def forget(self) -> None:
        """Drop everything of this run."""
        pattern = self._prefix.replace("[", r"\[").replace("*", r"\*").replace("?", r"\?") + "*"
        for key in self._redis.scan_iter(match=pattern, count=1000):
            self._redis.unlink(key)


def _slots(verdicts: Verdicts) -> Iterator[tuple[str, int]]:
    """The counts of verdicts, each under its kind or the number of its bin."""
    yield from zip(KINDS, verdicts.kinds, strict=True)
    yield from zip(map(str, range(BINS)), verdicts.scores, strict=True)


def _verdicts_in(counts: Mapping[str, int]) -> Verdicts:
    return Verdicts(
        kinds=tuple(counts.get(kind, 0) for kind in KINDS),
        scores=tuple(counts.get(str(number), 0) for number in range(BINS)),
    )


def _mark(field: bytes) -> tuple[int, str]:
    """The minute and the source of a mark."""
    source, _, minute = field.decode().rpartition("|")
    return int(minute), source


def _entries_of(answer: object) -> Iterator[list[tuple[bytes, dict[bytes, bytes]]]]:
    """The entries of each Stream: the second protocol answers with pairs, the third with a mapping."""
    if isinstance(answer, dict):
        for entries in answer.values():
            yield from entries
        return
    for _, entries in cast(list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]], answer or []):
        yield entries
