"""A small real house on the memory twins: a few services, and posts that are read for their length only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from api.keys import digest_of
from delivery.errors import AddressRefused
from domain.delivery import Delivery
from domain.doubt import Doubt
from domain.drift import Drift
from domain.incident import (
    Change,
    Evidence,
    Incident,
    Reason,
    Severity,
    State,
    incident_id,
)
from domain.label import Label, Verdict
from domain.mention import Kind, Symptom
from domain.moments import MINUTES_PER_HOUR, minute_of
from domain.notice import OfficialNotice, OfficialState
from domain.rate import RateHour
from domain.retraining import Retraining
from domain.run import Run
from domain.service import Dashboard, Service
from domain.source import SourceStatus
from models.catalogue import Catalogue
from storage.interfaces import Detection, DetectionStep
from storage.memory import MemoryStores
from storage.memory_posts import MemoryPosts
from workers.asking import ask
from workers.drifting import drift_now
from workers.labelling import completed, posts_of
from workers.versions import Versions

KEY = "gsk_for-tests"
NOW = datetime(2012, 11, 18, 20, 51, tzinfo=UTC)
ONSET = datetime(2012, 11, 18, 19, 58, tzinfo=UTC)
RAISED = datetime(2012, 11, 18, 20, 4, tzinfo=UTC)
SERVICES = [
    ("imessage", "iMessage", "Apple"),
    ("facetime", "FaceTime", "Apple"),
    ("spotify", "Spotify", "Spotify"),
    ("netflix", "Netflix", "Netflix"),
]


class BadLine(msgspec.Struct, frozen=True):
    number: int
    field: str | None
    why: str


class Intake(msgspec.Struct, frozen=True):
    accepted: int
    mentions: int
    rejected: tuple[BadLine, ...]


@dataclass
class SmallHouse:
    """Fulfils ``api.house.House``. ``failing`` names the parts that are not well."""

    stores: MemoryStores = field(default_factory=MemoryStores)
    catalogue: Catalogue = field(default_factory=lambda: catalogue_of(SERVICES))
    failing: dict[str, str] = field(default_factory=dict)
    busy: Exception | None = None
    watched: frozenset[str] = frozenset({"imessage", "facetime"})
    statuses: list[SourceStatus] = field(default_factory=list)
    posts: MemoryPosts = field(default_factory=MemoryPosts)

    def take_in(self, lines: Iterable[bytes]) -> Intake:
        if self.busy:
            raise self.busy
        good, bad = 0, []
        for number, line in enumerate(lines, start=1):
            try:
                json.loads(line)["text"]
                good += 1
            except (ValueError, KeyError):
                bad.append(BadLine(number, "text", "is missing"))
        return Intake(good, good, tuple(bad))

    def hearing(self) -> list[SourceStatus]:
        if self.busy:
            raise self.busy
        return self.statuses

    def readiness(self) -> dict[str, str | None]:
        return {part: self.failing.get(part) for part in ("redis", "database", "worker")}

    def completed(self, labels: Sequence[Label]) -> list[Label]:
        posts = posts_of(labels)
        return list(completed(labels, self.stores, self.posts.label_queue.known_posts(posts)))

    def doubts(self, service: str | None, most: int) -> list[Doubt]:
        if self.busy:
            raise self.busy
        return self.posts.label_queue.find(NOW, service=service, most=most)

    def drift(self) -> Drift | None:
        if self.busy:
            raise self.busy
        return drift_now(self.stores.models, self.posts, NOW)

    @property
    def versions(self) -> Versions:
        return Versions(self.stores.models, tuple(self.catalogue))

    def ask_retraining(self, by: str, now: datetime) -> Retraining | None:
        return ask(self.stores, by, now)

    def label(self, label: Label) -> Incident | None:
        self.stores.labels.add(label)
        incident = self.stores.incidents.get(label.incident) if label.incident else None
        if incident is None or label.verdict is not Verdict.NOT_AN_OUTAGE:
            return incident
        after = msgspec.structs.replace(incident, state=State.DISMISSED, revision=incident.revision + 1)
        self.stores.incidents.change(Change(after, incident.state, Reason.VERDICT, label.at), ())
        return after

    def check_endpoint(self, url: str) -> None:
        if not url.startswith("https://"):
            raise AddressRefused("only https addresses are called")

    def new_endpoint_secret(self) -> str:
        return "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def catalogue_of(services: Iterable[tuple[str, str, str]]) -> Catalogue:
    return Catalogue(
        {
            id_: Service(
                id_, name, vendor, "app", dashboard=Dashboard("web", f"https://{id_}.example/status")
            )
            for id_, name, vendor in services
        }
    )


def small_house() -> SmallHouse:
    """An empty house with one key."""
    house = SmallHouse()
    house.stores.keys.add("tests", digest_of(KEY), NOW)
    return house


def with_live(house: SmallHouse, *, until: datetime = NOW) -> SmallHouse:
    """With a live run that has closed its minutes up to now and heard a little of everything."""
    house.stores.runs.start(Run("live", NOW - timedelta(days=2)))
    save(house, "live", until, rates=[*calm_hours("spotify", until), *calm_hours("imessage", until)])
    return house


def calm_hours(service: str, until: datetime) -> list[RateHour]:
    last = minute_of(until)
    return [
        hour_of(service, hour, [number % 2 for number in range(min(60, last - hour * 60))])
        for hour in range(last // MINUTES_PER_HOUR - 6, last // MINUTES_PER_HOUR + 1)
    ]


def hour_of(service: str, hour: int, complaints: list[int]) -> RateHour:
    counts, none = tuple(complaints), (0,) * len(complaints)
    return RateHour(
        service=service,
        hour=hour,
        complaints=counts,
        questions=none,
        echoes=none,
        recoveries=none,
        mentions=counts,
        expected=(0.13,) * len(counts),
        upper=(3.0,) * len(counts),
        model_version="words-1",
    )


def an_incident(service: str = "imessage", *, run: str = "live", raised_at: datetime = RAISED) -> Incident:
    """A critical one, confirmed and open."""
    return Incident(
        id=incident_id(run, service, raised_at),
        run=run,
        service=service,
        state=State.CONFIRMED,
        severity=Severity.CRITICAL,
        onset_at=raised_at - (RAISED - ONSET),
        raised_at=raised_at,
        last_high_at=raised_at + timedelta(minutes=40),
        expected=1.3,
        observed=142,
        spread=1.2,
        window=10,
        score=31.0,
        threshold=6.0,
        confirmed_at=raised_at + timedelta(minutes=5),
        model_version="words-1",
    )


def a_post(text: str, *, url: str | None = None) -> Evidence:
    return Evidence("api", "77", RAISED, text, Kind.COMPLAINT, 0.93, symptoms=(Symptom.SENDING,), url=url)


def admission(service: str = "imessage", *, run: str = "live", after: int = 57) -> OfficialNotice:
    """The official page admits it, so many minutes after an incident raised at ``RAISED``."""
    return OfficialNotice(
        run, service, OfficialState.TROUBLE, RAISED + timedelta(minutes=after), "Some users are affected"
    )


def save(
    house: SmallHouse,
    run: str,
    until: datetime,
    *,
    incidents: Iterable[Incident] = (),
    evidence: Iterable[Evidence] = (),
    rates: Iterable[RateHour] = (),
    deliveries: Iterable[Delivery] = (),
) -> None:
    """Close a run's minutes up to ``until``, with what that brought."""
    before = house.stores.incidents.detection(run)
    changes = [Change(one, None, Reason.SURGE, one.raised_at) for one in incidents]
    saved = house.stores.incidents.save(
        DetectionStep(
            run=run,
            expected_minute=before.next_minute if before else None,
            detection=Detection(minute_of(until), b""),
            changes=tuple(changes),
            evidence={change.incident.id: tuple(evidence) for change in changes},
            rates=tuple(rates),
            deliveries=tuple(deliveries),
        )
    )
    assert saved
