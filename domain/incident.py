"""An incident: a signal's life, with its evidence."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec

from domain.mention import Kind, Symptom
from domain.notice import OfficialNotice
from domain.signal import Signal, chance_per_month


class State(StrEnum):
    """Where an incident stands."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"  # a person said that it was none

    @property
    def is_open(self) -> bool:
        return self not in (State.RESOLVED, State.DISMISSED)


class Severity(StrEnum):
    """How far the complaints stand above the usual: a factor of less than 5, less than 20, or more."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Reason(StrEnum):
    """Why an incident changed."""

    SURGE = "surge"  # the rate is too high to be chance
    SUSTAINED = "sustained"  # and stayed so
    GROWTH = "growth"  # the severity rose
    EASING = "easing"  # the latest minutes look usual again
    RELAPSE = "relapse"  # it eased, and came back
    CALM = "calm"  # it stayed usual for long enough
    VERDICT = "verdict"  # a person said so
    ACKNOWLEDGED = "acknowledged"  # the official side admits it
    OFFICIAL_WELL = "official_well"  # and calls it over
    SILENT = "silent"  # it has been confirmed for a set time, and the official side says nothing
    SPILLS = "spills"  # complaints about others rise with it, and it may be to blame for them
    SPILLOVER = "spillover"  # another's incident may be to blame for it
    OWN_OUTAGE = "own_outage"  # one of its spillovers is raised by itself after all
    COMMON_CAUSE = "common_cause"  # many services fail at once, and this incident stands for all

    @property
    def repeats_a_notice(self) -> bool:
        """Whether the official notice behind the change tells the same; a story shows one of the two."""
        return self in (Reason.ACKNOWLEDGED, Reason.OFFICIAL_WELL)


class Spillover(msgspec.Struct, frozen=True):
    """A service that surges along with another's incident, and for that reason has none of its own.

    ``since`` is the estimated start of its surge; ``expected`` and ``observed`` are its complaints over
    ``window`` minutes when it was ``noted_at``. ``raised_at`` is when it was raised by itself after all.
    """

    service: str
    since: datetime
    noted_at: datetime
    expected: float
    observed: int
    window: int
    raised_at: datetime | None = None


class Incident(msgspec.Struct, frozen=True):
    """One service's outage, as the public tells it.

    ``expected`` and ``observed`` are complaints over ``window`` minutes, at the moment of the highest score;
    ``growth`` is as a signal's, at that moment. The onset lies between ``onset_earliest_at`` and
    ``onset_latest_at`` as far as the counts can tell; incidents of earlier versions do not know.
    ``revision`` counts the changes: a change is saved only onto the revision it was decided from.
    ``official_at`` and ``official_well_at`` are when the official dashboard was first seen to admit it, and
    to call it over; ``silent_at`` is when it was told that the dashboard had been silent for too long.
    ``relapse_of`` names the incident of the service that had been resolved shortly before.
    ``spillovers`` are the services that this one may be to blame for; with ``is_common_cause`` they are all
    that fail at once, and the incident stands for them. ``spillover_of`` names the incident that may be to
    blame for this one, which had been raised before.
    """

    id: str
    run: str
    service: str
    state: State
    severity: Severity
    onset_at: datetime
    raised_at: datetime
    last_high_at: datetime  # the last minute whose score stood above the threshold
    expected: float
    observed: int
    spread: float
    window: int
    score: float
    threshold: float
    revision: int = 0
    confirmed_at: datetime | None = None
    recovering_at: datetime | None = None
    resolved_at: datetime | None = None
    model_version: str | None = None
    official_at: datetime | None = None
    official_well_at: datetime | None = None
    silent_at: datetime | None = None
    onset_earliest_at: datetime | None = None
    onset_latest_at: datetime | None = None
    growth: float | None = None
    relapse_of: str | None = None
    spillovers: tuple[Spillover, ...] = ()
    spillover_of: str | None = None
    is_common_cause: bool = False

    @property
    def chance_per_month(self) -> float:
        """How often in 30 days chance alone would give one service its score."""
        return chance_per_month(self.score)

    @property
    def blamed_for(self) -> tuple[str, ...]:
        """The services that surge because of it, as far as is known; those raised by themselves do not."""
        return tuple(note.service for note in self.spillovers if note.raised_at is None)

    def noted_at(self, at: datetime) -> tuple[str, ...]:
        """The services that were noted as its spillovers at this time."""
        return tuple(note.service for note in self.spillovers if note.noted_at == at)

    def cleared_at(self, at: datetime) -> tuple[str, ...]:
        """Those of them that were raised by themselves at this time."""
        return tuple(note.service for note in self.spillovers if note.raised_at == at)


class Change(msgspec.Struct, frozen=True):
    """What happens to an incident: the incident as it will be, why, and the signal behind it.

    ``was`` is the state before, ``None`` for a new incident. A change whose ``was`` equals the incident's
    state moves figures only (a growth), or tells what the ``official`` side said.
    """

    incident: Incident
    was: State | None
    reason: Reason
    at: datetime
    signal: Signal | None = None
    official: OfficialNotice | None = None


class TimelineEntry(msgspec.Struct, frozen=True):
    """One line of an incident's story."""

    at: datetime
    state: State
    reason: Reason
    severity: Severity
    expected: float
    observed: int
    score: float


class Evidence(msgspec.Struct, frozen=True):
    """A post that speaks for an incident. It names no author.

    ``also_names`` are the other services that it names, in the order of their ids.
    """

    source: str
    post_id: str
    written_at: datetime
    text: str
    kind: Kind
    probability: float
    symptoms: tuple[Symptom, ...] = ()
    url: str | None = None
    also_names: tuple[str, ...] = ()


def incident_id(run: str, service: str, raised_at: datetime) -> str:
    """The same name for the same incident, whoever finds it, however often.

    >>> from datetime import UTC
    >>> incident_id("live", "imessage", datetime(2012, 11, 18, 20, 5, tzinfo=UTC))
    'inc_20121118T2005_11a0f937ca'
    """
    digest = hashlib.sha256(f"{run}\0{service}\0{raised_at.isoformat()}".encode()).hexdigest()
    return f"inc_{raised_at:%Y%m%dT%H%M}_{digest[:10]}"
