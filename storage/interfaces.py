"""What the steps ask of a store. Each has a memory twin and a true one, under one contract test."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol

import msgspec

from domain.activation import Activation, Why
from domain.delivery import Delivery, DeliveryState, Endpoint
from domain.doubt import Doubt
from domain.drift import Verdicts
from domain.incident import Change, Evidence, Incident, State, TimelineEntry
from domain.label import Label
from domain.mention import Mention
from domain.model_version import ModelCard, ModelVersion
from domain.notice import OfficialNotice
from domain.rate import RateBlock, RateHour, Sighting
from domain.retraining import Retraining
from domain.run import Run
from domain.source import Gap
from domain.spending import Spent

# --- Redis: what is running ---------------------------------------------------------------------------


class Witness(msgspec.Struct, frozen=True):
    """One post that speaks for one service, kept until an incident asks for it."""

    service: str
    evidence: Evidence


NO_VERDICTS: Mapping[int, Verdicts] = MappingProxyType({})


class Batch(msgspec.Struct, frozen=True):
    """Mentions on their way from a reader to a worker; ``id`` is the entry's place in the Stream."""

    id: str
    mentions: tuple[Mention, ...]


ThreadId = tuple[str, str]  # a post's source and id


class KnownPost(msgspec.Struct, frozen=True):
    """The words of a post as they are still kept somewhere, and the services it was judged for."""

    text: str
    services: tuple[str, ...]
    lang: str | None = None


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


class LabelQueue(Protocol):
    """Posts of the last day on which a verdict would teach most: not too many, and of every service."""

    def offer(self, doubts: Sequence[Doubt], now: datetime) -> None:
        """Take doubts in, save those that are too old, labelled, withdrawn, or nearly say what another says.

        When there are too many, the service that has most of them loses its least unsure one.
        """

    def find(self, now: datetime, *, service: str | None = None, most: int) -> list[Doubt]:
        """The most unsure ones, every service's in turns."""

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        """Those of the posts that wait here."""

    def settle(self, posts: Collection[ThreadId], now: datetime) -> None:
        """Let posts go that were labelled; neither they nor what nearly says the same come again."""

    def withdraw(self, posts: Collection[ThreadId]) -> None:
        """Let posts go that their authors deleted."""

    def sweep(self, now: datetime) -> None:
        """Let go what is older than a day."""


class Posts(Protocol):
    """The Stream of posts of one run, with the in-flight table, the counts and the memory of threads."""

    @property
    def label_queue(self) -> LabelQueue:
        """The run's own queue; it knows which posts were withdrawn."""

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

    def count(
        self,
        batch: Batch,
        sightings: Sequence[Sighting],
        evidence: Sequence[Witness],
        *,
        version: str | None = None,
        verdicts: Mapping[int, Verdicts] = NO_VERDICTS,
    ) -> None:
        """Apply the counts, keep the evidence, acknowledge the batch and strike it off, in one call.

        ``version`` judged the batch, with these ``verdicts`` by the hour (since 1970) in which the posts were
        written. A batch that is no longer in flight was counted before, or put aside: it changes nothing.
        """

    def backlog(self) -> int:
        """How many batches were handed over and not yet counted."""

    def in_flight_since(self) -> int | None:
        """The earliest post (milliseconds) of a batch that is not yet counted."""

    def progress(self) -> dict[str, int]:
        """For each source the earliest time (milliseconds) that its reader may still bring."""

    def ended(self) -> int | None:
        """What ``end`` was told, once it was."""

    def rates(self, first_minute: int, minutes: int) -> RateBlock: ...

    def verdicts(self, first_hour: int, hours: int) -> dict[str, Verdicts]:
        """The verdicts of each version on the posts of those hours."""

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

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        """Those of the posts whose words are kept as evidence."""


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

    def add_all(self, labels: Sequence[Label]) -> int:
        """Keep verdicts in one transaction, and say how many of them changed anything.

        One that only repeats what its person said before leaves that as it was.
        """

    def remove(self, label: str, by: str) -> bool:
        """Drop a person's label; whether there was one of this id."""

    def find(
        self,
        *,
        incident: str | None = None,
        official: str | None = None,
        source: str | None = None,
        post: str | None = None,
        by: str | None = None,
        after: str | None = None,
        most: int = 1000,
    ) -> list[Label]:
        """The latest first, then by id; ``after`` is the id of the last one already seen.

        Raises ``KeyError`` for an ``after`` that is not kept (or no longer).
        """

    def of_posts(self, since: datetime | None = None) -> list[Label]:
        """The labels of posts whose words are known, the earliest first; only later ones than ``since``."""

    def of_incidents(self) -> list[Label]:
        """The labels of incidents and of official events, the latest first."""

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        """Those of the posts whose words are kept with a label."""

    def withdraw(self, posts: Collection[ThreadId]) -> None:
        """Drop the words of these posts; what was said of them stays."""


class Models(Protocol):
    def add(self, version: ModelVersion) -> None:
        """Keep a version; one that is already known stays as it is."""

    def activate(self, version: str, at: datetime, *, why: Why = Why.BY_HAND, by: str | None = None) -> None:
        """Make a kept version the one that counts. Raises ``KeyError`` for an unknown one."""

    def active(self) -> str | None: ...

    def activations(self) -> list[Activation]:
        """Every one, the earliest first."""

    def get(self, version: str) -> ModelVersion | None: ...

    def cards(self) -> list[ModelCard]:
        """The latest trained first."""

    def prune(self, keep: int) -> int:
        """Drop versions that never counted, save the ``keep`` latest of them; how many were dropped."""


class Retrainings(Protocol):
    """Every retraining with its decision; of all machines, one at a time is under way."""

    def begin(self, retraining: Retraining) -> bool:
        """Keep a new one. False: another is under way, and nothing was kept."""

    def get(self, retraining: str) -> Retraining | None: ...

    def under_way(self) -> Retraining | None: ...

    def find(self, *, after: str | None = None, most: int) -> list[Retraining]:
        """The latest asked for first, then by id; ``after`` is the id of the last one already seen.

        Raises ``KeyError`` for an ``after`` that is not kept.
        """

    def take_up(
        self, retraining: str, holder: str, at: datetime, *, silent_since: datetime
    ) -> Retraining | None:
        """Give one to a holder, if none has it or its holder has given no sign since then.

        ``None``: another holds it, or it is over.
        """

    def give_sign(self, retraining: str, holder: str, at: datetime) -> bool:
        """Say that its holder is alive. False: it is over, or another's by now."""

    def save(self, retraining: Retraining) -> bool:
        """Keep how far it has come. False: it is over, or another's by now, and nothing was kept."""

    def conclude(self, retraining: Retraining, *, over: str | None = None) -> bool:
        """End it; one that is promoted makes its challenger active in the same transaction.

        False, and nothing was kept: it is over, or another's by now; or, of one that is promoted, the active
        version is no longer ``over``.
        """


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
    def retrainings(self) -> Retrainings: ...

    @property
    def keys(self) -> Keys: ...
