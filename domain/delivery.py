"""An endpoint, an event, and a delivery: one attempt series to bring one event to one endpoint."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import msgspec


class EventType(StrEnum):
    OPENED = "incident.opened"
    UPDATED = "incident.updated"
    RESOLVED = "incident.resolved"
    OFFICIAL_ACKNOWLEDGED = "official.acknowledged"  # the official dashboard admits an incident of ours
    OFFICIAL_RESOLVED = "official.resolved"  # and calls it over
    OFFICIAL_SILENT = "official.silent"  # it has not admitted a confirmed incident for a set time
    SOURCE_STOPPED = "source.stopped"  # a source is no longer read: its budget is spent, or it refuses us
    SOURCE_RESUMED = "source.resumed"


class Endpoint(msgspec.Struct, frozen=True):
    """A subscriber's webhook address.

    ``services`` and ``events`` narrow what is brought; empty means all. ``replays`` says that events of
    replayed recordings are wanted too. ``secret`` is a Standard Webhooks secret ("whsec_..."); it is
    shown once and never logged. ``by_operator`` endpoints come from the settings and may be private.
    """

    id: str
    url: str
    secret: str
    created_at: datetime
    services: tuple[str, ...] = ()
    events: tuple[EventType, ...] = ()
    replays: bool = False
    by_operator: bool = False
    disabled_at: datetime | None = None
    disabled_reason: str | None = None

    def __repr__(self) -> str:
        # Neither the secret nor the address: a chat's webhook address is a secret by itself.
        return f"Endpoint(id={self.id!r}, by_operator={self.by_operator}, disabled_at={self.disabled_at})"

    def wants(self, event: Event, *, live: bool, concerned: Collection[str] = ()) -> bool:
        """Whether this endpoint asked for an event, which speaks for ``concerned`` services as well."""
        return (
            self.disabled_at is None
            and (live or self.replays)
            and (not self.services or not {event.service, *concerned}.isdisjoint(self.services))
            and (not self.events or event.type in self.events)
        )


class Event(msgspec.Struct, frozen=True):
    """What is told to subscribers. ``body`` is the exact JSON text that is signed and sent."""

    id: str
    type: EventType
    incident: str
    service: str
    at: datetime
    body: str


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"  # given up; a person may replay it


class Delivery(msgspec.Struct, frozen=True):
    """One event on its way to one endpoint. ``sequence`` orders the events of one incident."""

    id: str
    endpoint: str
    event: Event
    sequence: int
    state: DeliveryState
    tries: int
    next_try_at: datetime
    last_status: int | None = None
    last_error: str | None = None
    delivered_at: datetime | None = None
