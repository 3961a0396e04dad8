"""What the steps ask of a store. Each has a memory twin and a true one, under one contract test."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec

from domain.delivery import Delivery, DeliveryState, Endpoint
from domain.incident import Change, Evidence, Incident, State, TimelineEntry
from domain.label import Label
from domain.mention import Mention
from domain.model_version import ModelCard, ModelVersion
from domain.notice import OfficialNotice
from domain.rate import RateBlock, RateHour, Sighting
from domain.run import Run
from domain.source import Gap
from domain.spending import Spent

# --- Redis: what is running ---------------------------------------------------------------------------


class Witness(msgspec.Struct, frozen=True):
    """One post that speaks for one service, kept until an incident asks for it."""

    service: str
    evidence: Evidence


class Batch(msgspec.Struct, frozen=True):
    """Mentions on their way from a reader to a worker; ``id`` is the entry's place in the Stream."""

    id: str
    mentions: tuple[Mention, ...]


ThreadId = tuple[str, str]  # a post's source and id


class Step(msgspec.Struct, frozen=True):
    """Where a source's reader stands after a hand-over, and where it stood before (``None``: at the start).

    ``progress`` is the earliest time that the reader may still bring, in milliseconds (``None``: as it was).
    ``handed_at`` is the minute, by the clock, in which a live page is handed over.
    """

    cursor: str
    expected: str | None
    progress: int | None
    handed_at: int | None = None


class HandOver(msgspec.Struct, frozen=True):
    """All that one page of posts changes at once.

    ``step`` is ``None`` where nobody remembers a place, as with posts that come in over HTTP. ``volume``
    counts all posts read, by minute, whether or not they name a service; ``threads`` maps posts to when
    they were written (milliseconds) and to the services they are about.
    """

    source: str
    step: Step | None
    mentions: tuple[Mention, ...]
    volume: dict[int, int]
    threads: dict[ThreadId, tuple[int, tuple[str, ...]]]


class Posts(Protocol):
    """The Stream of posts of one run, with the in-flight table, the counts and the memory of threads."""

    def hand_over(self, page: HandOver) -> bool:
        """Append, register and move the cursor in one transaction. False: the cursor was elsewhere."""

    def end(self, last: int) -> None:
        """The run has no more to read: minutes may close up to ``last`` (milliseconds)."""

    def cursor(self, source: str) -> str | None: ...

    def cursors_before(self, minute: int) -> dict[str, str]:
        """For each source a cursor behind which lies all that was handed over in ``minute`` and later.

        It is where the source stood before its first hand-over in one of those minutes.
        """

    def withdraw(self, ids: Collection[ThreadId], now: datetime) -> None:
        """Drop the texts of posts that their authors deleted, those still in flight as well.

        A post that is brought again afterwards is counted, but its text is never evidence.
        """

    def threads(self, ids: Collection[ThreadId], since: int) -> dict[ThreadId, tuple[str, ...]]:
        """The services that earlier posts were about, for those of ``ids`` written after ``since`` (ms)."""

    def take(self, worker: str, most: int) -> list[Batch]:
        """New batches for ``worker``, and those that another worker left behind."""

    def count(self, batch: Batch, sightings: Sequence[Sighting], evidence: Sequence[Witness]) -> None:
        """Apply the counts, keep the evidence, acknowledge the batch and strike it off, in one call."""

    def backlog(self) -> int:
        """How many batches were handed over and not yet counted."""

    def in_flight_since(self) -> int | None:
        """The earliest post (milliseconds) of a batch that is not yet counted."""

    def progress(self) -> dict[str, int]:
        """For each source the earliest time (milliseconds) that its reader may still bring."""

    def ended(self) -> int | None:
        """What ``end`` was told, once it was."""

    def rates(self, first_minute: int, minutes: int) -> RateBlock: ...

    def volume(self, first_minute: int, minutes: int) -> list[int]:
        """All posts read in each minute, of every source together."""

    def evidence(self, service: str, first_minute: int, last_minute: int, most: int) -> list[Evidence]:
        """The surest complaints of those minutes, both ends included, the earliest written first."""

    def forget(self) -> None:
        """Drop everything of this run."""


# --- SQL: what must last ------------------------------------------------------------------------------


class Detection(msgspec.Struct, frozen=True):
    """How far detection has come in a run: the next minute to close, and the detector's own state."""

    next_minute: int
    state: bytes


class DetectionStep(msgspec.Struct, frozen=True):
    """All that the closing of some minutes changes, saved in one transaction or not at all.

    It holds only if the run's ``next_minute`` still is ``expected_minute`` (``None``: none was ever
    closed) and every changed incident still has the revision that its change was decided from.
    ``changes`` are in order and may hold several of one incident; ``rates`` replace the hours they name;
    ``cursors`` are where each reader goes on if all that is running is lost.
    """

    run: str
    expected_minute: int | None
    detection: Detection
    changes: tuple[Change, ...] = ()
    evidence: Mapping[str, tuple[Evidence, ...]] = {}  # by incident; replaces what was kept
    rates: tuple[RateHour, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    cursors: Mapping[str, str] = {}
    gaps: tuple[Gap, ...] = ()


class Runs(Protocol):
    def start(self, run: Run) -> None:
        """Begin a run; all that an earlier run of this name left is forgotten, save its deliveries."""

    def finish(self, name: str, at: datetime) -> None: ...

    def get(self, name: str) -> Run | None: ...

    def all(self) -> list[Run]:
        """Every run, the latest started first."""


class IncidentFilter(msgspec.Struct, frozen=True):
    """Which incidents are asked for; ``None`` means any. ``raised_from`` <= raised_at < ``raised_until``."""

    run: str | None = None
    service: str | None = None
    states: tuple[State, ...] = ()
    raised_from: datetime | None = None
    raised_until: datetime | None = None


class Incidents(Protocol):
    def detection(self, run: str) -> Detection | None: ...

    def save(self, step: DetectionStep) -> bool:
        """Save a step whole. False: another worker was first, and nothing was saved."""

    def change(self, change: Change, deliveries: Sequence[Delivery]) -> bool:
        """Save one change that no detection brought (a verdict), under the same rule."""

    def get(self, incident: str) -> Incident | None: ...

    def find(self, wanted: IncidentFilter, *, after: str | None, most: int) -> list[Incident]:
        """The latest raised first, then by id; ``after`` is the id of the last one already seen.

        Raises ``KeyError`` for an ``after`` that is not kept (or no longer, as its run was started again).
        """

    def open_in(self, run: str) -> list[Incident]: ...

    def timeline(self, incident: str) -> list[TimelineEntry]: ...

    def evidence(self, incident: str) -> list[Evidence]: ...

    def rates(self, run: str, first_hour: int, last_hour: int, service: str | None = None) -> list[RateHour]:
        """By service, then by hour; both ends belong to it."""

    def withdraw(self, posts: Collection[tuple[str, str]]) -> list[str]:
        """Blank texts and addresses of posts (source and id) in all evidence; the incidents it was for."""

    def blank_texts(self, before: datetime) -> int:
        """Blank the texts of all evidence written before a time, and say how many there were."""


class Notices(Protocol):
    def add(self, notices: Iterable[OfficialNotice]) -> None:
        """Keep notices; one that is already known (run, service, state, seen_at, event) is kept once."""

    def find(
        self, run: str, service: str | None = None, *, since: datetime | None = None
    ) -> list[OfficialNotice]:
        """The earliest seen first; only those seen at ``since`` or later, where it is given."""


class Sources(Protocol):
    """What must be known of the sources when all that is running was lost."""

    def cursor(self, source: str) -> str | None:
        """Where its reader may go on; it lies before all posts of minutes that are not closed yet."""

    def keep_gap(self, gap: Gap) -> None:
        """Keep a gap; one that touches an earlier one of the source, for the same reason, extends it."""

    def gaps(self, since: datetime, until: datetime, source: str | None = None) -> list[Gap]:
        """Those that reach into a span of time, the earliest first."""

    def spent(self, source: str, since: date) -> Spent:
        """All that was spent on a source on that day (UTC) and after it."""

    def spend(self, source: str, day: date, cost: Spent) -> None: ...


class Deliveries(Protocol):
    def add_endpoint(self, endpoint: Endpoint) -> None:
        """Keep an endpoint; the same id again replaces it."""

    def endpoint(self, endpoint: str) -> Endpoint | None: ...

    def endpoints(self) -> list[Endpoint]: ...

    def remove_endpoint(self, endpoint: str) -> bool: ...

    def disable_endpoint(self, endpoint: str, why: str, at: datetime) -> None: ...

    def claim_due(self, now: datetime, until: datetime, most: int) -> list[Delivery]:
        """Waiting deliveries that are due, claimed for this caller until ``until``.

        Of one endpoint and incident only the earliest waiting one is given, so that order holds. Two callers
        never get the same delivery while a claim lasts.
        """

    def record_success(self, delivery: Delivery, status: int, at: datetime) -> None: ...

    def record_failure(
        self, delivery: Delivery, *, status: int | None, error: str, again_at: datetime | None
    ) -> None:
        """Count the try; ``again_at`` is when to try again, ``None`` parks the delivery.

        A try is counted once: a ``delivery`` whose tries are no longer those that are kept changes nothing.
        """

    def replay(self, delivery: str, now: datetime) -> bool:
        """Put a parked delivery back: due at once, with all its tries before it.

        False: no delivery of that id is parked, or its endpoint is gone.
        """

    def find(
        self, *, endpoint: str | None = None, state: DeliveryState | None = None, most: int = 100
    ) -> list[Delivery]:
        """The latest event first."""

    def send(self, fresh: Sequence[Delivery]) -> None:
        """Send deliveries on their way; one that is already known by its id stays as it is."""

    def of_incidents(self, incidents: Collection[str]) -> list[Delivery]:
        """Every delivery that tells of one of these incidents."""

    def replace_body(self, delivery: str, body: str) -> None:
        """Give a delivery's event another text, from which something was taken out."""

    def prune(self, before: datetime) -> int:
        """Drop what was delivered, or parked, of events before a time, and say how many there were."""


class Labels(Protocol):
    def add(self, label: Label) -> None:
        """Keep a verdict; a later one of the same person on the same subject replaces the earlier."""

    def find(
        self, *, incident: str | None = None, official: str | None = None, most: int = 1000
    ) -> list[Label]:
        """The latest first."""


class Models(Protocol):
    def add(self, version: ModelVersion) -> None:
        """Keep a version; one that is already known stays as it is."""

    def activate(self, version: str, at: datetime) -> None:
        """Make a kept version the one that counts. Raises ``KeyError`` for an unknown one."""

    def active(self) -> str | None: ...

    def get(self, version: str) -> ModelVersion | None: ...

    def cards(self) -> list[ModelCard]:
        """The latest trained first."""


class Keys(Protocol):
    """API keys. Only a SHA-256 of each is kept: a key has 256 random bits, so no salt is needed."""

    def add(self, name: str, digest: bytes, at: datetime) -> None: ...

    def name_of(self, digest: bytes) -> str | None:
        """Whose key this is; ``None`` for an unknown or revoked one."""

    def any(self) -> bool: ...

    def revoke(self, name: str, at: datetime) -> bool: ...


class Stores(Protocol):
    """Everything that lasts, in one hand; all of it lies in one database."""

    @property
    def runs(self) -> Runs: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def sources(self) -> Sources: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def labels(self) -> Labels: ...

    @property
    def models(self) -> Models: ...

    @property
    def keys(self) -> Keys: ...
