"""The joined collaborators of one process: what every entrance (task, API, command) works with."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from celery import Celery
from celery.exceptions import OperationalError
from msgspec.structs import replace
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import Engine

from delivery.guard import Guard
from delivery.sender import Sender
from delivery.signing import new_secret
from domain.activation import Why
from domain.busy import Busy
from domain.doubt import Doubt
from domain.drift import Drift
from domain.incident import Incident
from domain.kinship import Kinship
from domain.label import Label
from domain.moments import minute_of
from domain.retraining import Retraining
from domain.run import LIVE, Run
from domain.source import SourceState, SourceStatus
from ingest.dashboards.fetching import Fetcher
from ingest.dashboards.matching import pages_of
from ingest.pseudonyms import Pseudonyms
from ingest.registry import DASHBOARDS
from ingest.source import Source, Surroundings
from models.catalogue import SHIPPED, Catalogue, load_catalogue
from models.matcher import Matcher
from models.shipped import ModelRefused, shipped_version
from settings import Settings, WrongSettings
from storage.database import migrate, open_database
from storage.interfaces import Detection, DetectionStep, KnownPost, LabelQueue, ThreadId
from storage.redis_posts import RedisPosts
from storage.redis_sources import RedisSources
from storage.redis_watches import RedisWatches
from storage.rows import in_chunks
from storage.sql import SqlStores
from workers.announcing import deliveries_of_source
from workers.asking import Schedule, ask, look_after
from workers.at_work import AtWork
from workers.broker import RETRAINING_SECONDS, make_app
from workers.detecting import Detecting
from workers.drifting import drift_now
from workers.intake import COME_BACK_AFTER, Intake, take_in
from workers.judging import judge
from workers.labelling import completed, posts_of
from workers.listening import Listener
from workers.operators_endpoint import keep_operators_endpoint
from workers.readiness import database_fault, redis_fault, worker_fault
from workers.reading import Reader
from workers.secrets_kept import kept_secret
from workers.sources import configured_sources
from workers.versions import Versions
from workers.watching import Watching

if TYPE_CHECKING:
    from models.classifier import Classifier
    from workers.retraining import Retrainer

log = logging.getLogger(__name__)

HTTP = "http"  # the source of posts that name none


class House:
    """One process's collaborators. Nothing is opened before it is used, and nothing survives a fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._began = datetime.now(UTC)
        self.new_webhook_secret: str | None = None  # made by this process for the operator's endpoint
        self._classifier: Classifier | None = None
        self._refused: str | None = None

    # --- collaborators ---

    @cached_property
    def catalogue(self) -> Catalogue:
        extra = (self.settings.catalogue,) if self.settings.catalogue else ()
        return load_catalogue(SHIPPED, *extra)

    @cached_property
    def names(self) -> dict[str, str]:
        """What people read for each service id."""
        return {service.id: service.name for service in self.catalogue}

    @cached_property
    def kin(self) -> Kinship:
        """What the catalogue says of services that surge together."""
        return Kinship.of(self.catalogue)

    @cached_property
    def reader(self) -> Reader:
        key = self.settings.author_key
        return self.reader_with(
            key.get_secret_value().encode() if key else kept_secret(self.settings.var / "author.key")
        )

    def reader_with(self, author_key: bytes) -> Reader:
        """A reader that hides authors behind a key of its own."""
        return Reader(
            matcher=Matcher(self.catalogue),
            accounts=self.catalogue,
            pseudonyms=Pseudonyms(author_key),
            thread_limit=int(self.settings.thread_hours * 3_600_000),
        )

    @cached_property
    def redis(self) -> Redis:
        return Redis.from_url(
            self.settings.redis_address,
            socket_timeout=10,
            socket_connect_timeout=2,
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
            health_check_interval=30,
        )

    @cached_property
    def broker(self) -> Celery:
        return make_app(self.settings)

    @cached_property
    def engine(self) -> Engine:
        return open_database(self.settings.database_address)

    @cached_property
    def stores(self) -> SqlStores:
        return SqlStores(self.engine)

    @cached_property
    def guard(self) -> Guard:
        try:
            return Guard(self.settings.webhook_allow)
        except ValueError as wrong:
            raise WrongSettings(f"GROUNDSWELL_WEBHOOK_ALLOW: {wrong}") from None

    @cached_property
    def sender(self) -> Sender:
        return Sender(self.guard)

    def posts(self, run: Run) -> RedisPosts:
        """A run's posts. A replay that begins anew never meets what an earlier one left in flight."""
        begun = "" if run.is_live else f"@{run.started_at.timestamp():.6f}"
        return RedisPosts(
            self.redis,
            run.name + begun,
            claim_after=int(self.settings.claim_after_seconds * 1000),
            tries=self.settings.batch_tries,
        )

    def detecting(self, run: Run) -> Detecting:
        return Detecting(
            run=run,
            posts=self.posts(run),
            stores=self.stores,
            names=self.names,
            budget=self.settings.budget,
            grace=int(self.settings.grace_seconds * 1000),
            model_version=self.stores.models.active(),
            listening=tuple(self.sources) if run.is_live else (),
            began=self._began,
            watched=self.watched,
            silent_after=timedelta(minutes=self.settings.silent_after_minutes),
            kin=self.kin,
        )

    @cached_property
    def watched(self) -> frozenset[str]:
        """The services whose official dashboard is looked at."""
        pages = pages_of(self.catalogue, DASHBOARDS) if self.settings.looks_every else []
        return frozenset(service.id for page in pages for service in page.services)

    # --- sources ---

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources that the settings ask for, by name. Raises ``WrongSettings``."""
        around = Surroundings(services=tuple(self.catalogue), purse=self.stores.sources)
        return {source.name: source for source in configured_sources(self.settings.sources, around)}

    @cached_property
    def source_statuses(self) -> RedisSources:
        return RedisSources(self.redis)

    def listener(self, source: Source) -> Listener:
        """A reader of one source into the live run."""
        return Listener(
            source=source,
            reader=self.reader,
            posts=self.posts(self.live),
            stores=self.stores,
            sources=self.source_statuses,
            holder=f"{socket.gethostname()}:{os.getpid()}",
            nudge=lambda: self.nudge(LIVE),
            announce=self.announce,
        )

    def announce(self, status: SourceStatus) -> None:
        """Tell every endpoint that a source is read no longer, or again."""
        deliveries = self.stores.deliveries
        deliveries.send(deliveries_of_source(status, deliveries.endpoints(), datetime.now(UTC)))

    def wake_polled(self) -> None:
        """Let polled sources that refused us be asked again: whoever starts anew may have mended it."""
        for source in self.sources.values():
            status = self.source_statuses.status(source.name) if source.every is not None else None
            if status is not None and status.state is SourceState.STOPPED:
                now = datetime.now(UTC)
                self.source_statuses.say(replace(status, state=SourceState.WAITING, at=now, again_at=now))

    @cached_property
    def watching(self) -> Watching | None:
        """The watch over the official pages of the catalogue; ``None`` where the settings want none."""
        every = self.settings.looks_every
        if not every:
            return None
        return Watching(
            pages=pages_of(self.catalogue, DASHBOARDS),
            kinds=DASHBOARDS,
            fetcher=Fetcher(every),
            watches=RedisWatches(self.redis),
            notices=self.stores.notices,
        )

    @property
    def asks_outside(self) -> bool:
        """Whether anything is to be polled: a source, or an official page."""
        polled = any(source.every is not None for source in self.sources.values())
        return polled or self.watching is not None

    @property
    def live(self) -> Run:
        return Run(name=LIVE, started_at=datetime.now(UTC))

    # --- classifiers ---

    def classifier(self) -> Classifier:
        """The active classifier. A version that is refused leaves the one before at work."""
        active = self.stores.models.active()
        known = (None, self._refused, self._classifier.version if self._classifier else None)
        if self._classifier is None or active not in known:
            self._classifier = self._loaded(active)
        return self._classifier

    @cached_property
    def at_work(self) -> AtWork:
        """The classifier for each next batch."""
        return AtWork(self.classifier)

    def _loaded(self, version: str | None) -> Classifier:
        # Who only reads or shows never waits for scikit-learn and spaCy.
        from models.model_file import load

        kept = self.stores.models.get(version) if version else None
        if kept is None:
            return self.shipped_classifier()
        try:
            return load(kept.body, kept.card, self.catalogue)
        except ModelRefused as refused:
            log.error("classifier %s is refused: %s", version, refused)  # noqa: TRY400 - the reason says it all
            self._refused = version  # it is not read again, nor told again, with every look
            return self._classifier or self.shipped_classifier()

    def shipped_classifier(self) -> Classifier:
        """The classifier that comes with Groundswell."""
        from models.model_file import load_shipped

        return load_shipped(self.catalogue)

    @cached_property
    def versions(self) -> Versions:
        """What a person may do with the versions of the classifier."""
        return Versions(self.stores.models, tuple(self.catalogue))

    def retrainer(self, watch: Callable[[Retraining], None] = lambda _: None) -> Retrainer:
        """What carries retrainings out; ``watch`` is told of every step."""
        from models.corpus import CORPUS, read_core, read_corpus
        from workers.retraining import Retrainer

        return Retrainer(
            stores=self.stores,
            services=tuple(self.catalogue),
            corpus=lambda: read_corpus(CORPUS),
            core=read_core,
            watch=watch,
        )

    def ask_retraining(self, by: str, now: datetime) -> Retraining | None:
        """A new retraining, on its way to a worker; ``None`` if one is under way."""
        asked = ask(self.stores, by, now)
        if asked is not None:
            self.nudge_retraining(asked)
        return asked

    def look_after_retraining(self, now: datetime) -> None:
        """Let a worker take up the retraining that is due, or waits, or whose process died."""
        every = timedelta(hours=self.settings.retrain_hours) or None
        one = look_after(self.stores, Schedule(every, self.settings.retrain_labels), now)
        if one is not None:
            self.nudge_retraining(one)

    def nudge_retraining(self, retraining: Retraining) -> None:
        """Say that a retraining waits. A lost nudge costs a minute: the next look says it again."""
        try:
            self.broker.send_task("retrain", args=[retraining.id], retry=False, expires=RETRAINING_SECONDS)
        except OperationalError as error:
            log.warning("the broker did not take a retraining's nudge: %s", error)

    # --- the start ---

    def prepare(self) -> None:
        """Bring the database up to date; see to a live run, a classifier and the operator's endpoint."""
        migrate(self.engine)
        shipped = shipped_version()
        self.stores.models.add(shipped)
        if self.stores.models.active() is None:
            self.stores.models.activate(shipped.card.version, datetime.now(UTC), why=Why.SHIPPED)
        if self.stores.runs.get(LIVE) is None:
            self.begin(Run(name=LIVE, started_at=datetime.now(UTC)), minute_of(datetime.now(UTC)))
        guard = self.guard  # wrong networks are told even without an endpoint
        self.new_webhook_secret = keep_operators_endpoint(self.settings, guard, self.stores.deliveries)

    def begin(self, run: Run, first_minute: int) -> None:
        """Start a run whose first minute is known."""
        self.stores.runs.start(run)
        step = DetectionStep(
            run=run.name,
            expected_minute=None,
            detection=Detection(next_minute=first_minute, state=b""),
        )
        self.stores.incidents.save(step)

    def first_key(self) -> str | None:
        """An API key, made at the first start and given this once; ``None`` when there is one already."""
        return None if self.stores.keys.any() else self.new_key("first")

    def new_key(self, name: str) -> str:
        """A new API key, which is kept nowhere: only its digest is."""
        key = f"gsk_{secrets.token_urlsafe(32)}"
        self.stores.keys.add(name, hashlib.sha256(key.encode()).digest(), datetime.now(UTC))
        return key

    def revoke_keys(self, name: str) -> bool:
        """End every key of a name; whether there was one."""
        return self.stores.keys.revoke(name, datetime.now(UTC))

    def abandon(self, run: Run) -> None:
        """End a replay whose reader has gone, so that no worker looks after it any more."""
        kept = self.stores.runs.get(run.name)
        if kept is not None and kept.started_at == run.started_at and kept.finished_at is None:
            self.stores.runs.finish(run.name, datetime.now(UTC))

    # --- what the entrances ask for ---

    def active_runs(self) -> list[Run]:
        return [run for run in self.stores.runs.all() if run.finished_at is None]

    def nudge(self, run: str) -> None:
        """Say that posts wait. A lost nudge costs a second: the next tick says it again."""
        try:
            self.broker.send_task("drain", args=[run], retry=False)
        except OperationalError as error:
            log.warning("the broker did not take a nudge: %s", error)

    def take_in(self, lines: Iterable[bytes]) -> Intake:
        """Bring posts that came over HTTP on their way to the live run. Raises ``Busy``."""
        intake = take_in(lines, self.reader, self.posts(self.live))
        with suppress(RedisError):  # the posts are in; what is lost is their number
            self.source_statuses.took_in(
                HTTP, intake.accepted, intake.mentions, len(intake.rejected), datetime.now(UTC)
            )
        if intake.mentions:
            self.nudge(LIVE)
        return intake

    def completed(self, labels: Sequence[Label]) -> list[Label]:
        """Labels with the words of their posts, and whatever else is known of these."""
        waiting: dict[ThreadId, KnownPost] = {}
        with suppress(RedisError):  # then the queue's words are not known, but a verdict is kept all the same
            waiting = self._label_queue.known_posts(posts_of(labels))
        return list(completed(labels, self.stores, waiting))

    def label(self, label: Label) -> Incident | None:
        """Keep a verdict, and give its incident back as it is afterwards."""
        incident = judge(label, self.stores, self.names)
        self._settle([label])
        return incident

    def label_all(self, labels: Sequence[Label]) -> int:
        """Keep verdicts on posts, all of them or none, and say how many of them changed anything."""
        changed = self.stores.labels.add_all(labels)
        self._settle(labels)
        return changed

    def _settle(self, labels: Sequence[Label]) -> None:
        with suppress(RedisError):  # then they wait a day longer than they need to
            for some in in_chunks(posts_of(labels)):
                self._label_queue.settle(some, datetime.now(UTC))

    @property
    def _label_queue(self) -> LabelQueue:
        return self.posts(self.live).label_queue

    def doubts(self, service: str | None, most: int) -> list[Doubt]:
        """The posts on which a verdict would teach most. Raises ``Busy`` when Redis is away."""
        with self._busy_without_redis():
            return self._label_queue.find(datetime.now(UTC), service=service, most=most)

    def drift(self) -> Drift | None:
        """How far the active version has drifted in the last day. Raises ``Busy`` when Redis is away."""
        with self._busy_without_redis():
            return drift_now(self.stores.models, self.posts(self.live), datetime.now(UTC))

    @contextmanager
    def _busy_without_redis(self) -> Iterator[None]:
        try:
            yield
        except RedisError as error:
            raise Busy("the store of running posts does not answer", COME_BACK_AFTER) from error

    def check_endpoint(self, url: str) -> None:
        self.guard.check_url(url)

    def new_endpoint_secret(self) -> str:
        return new_secret()

    def hearing(self) -> list[SourceStatus]:
        """How every source of the live run is doing, by name. Raises ``Busy`` when Redis is away."""
        with self._busy_without_redis():
            known = {status.name: status for status in self.source_statuses.statuses()}
        # What is configured and never spoke is not heard; what is configured no longer is nobody's concern.
        starting = SourceStatus(name="", state=SourceState.WAITING, at=datetime.now(UTC))
        configured = {name: known.get(name) or replace(starting, name=name) for name in self.sources}
        brought = {name: status for name, status in known.items() if status.reader is None}
        return [status for _, status in sorted((configured | brought).items())]

    def readiness(self) -> dict[str, str | None]:
        """Each part of the house, and what is wrong with it, if anything."""
        return {
            "redis": redis_fault(self.redis),
            "database": database_fault(self.stores.models),
            "worker": worker_fault(self.redis),
        }
