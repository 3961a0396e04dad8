"""A source that is read no longer, or again, as an event: who is on call must know what nobody hears."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.delivery import Event, EventType
from domain.source import SourceState, SourceStatus


class SourceEventData(msgspec.Struct, frozen=True):
    """What is told of the source. ``until`` is when it will be read again, where that is known."""

    source: str
    state: SourceState
    reason: str | None
    until: datetime | None
    heard_until: datetime | None


class SourceEventBody(msgspec.Struct, frozen=True):
    """The JSON object that a subscriber gets, in the form of Standard Webhooks."""

    type: EventType
    timestamp: datetime
    data: SourceEventData


def source_event(status: SourceStatus) -> Event:
    """The event of a source that has just come to be in this state."""
    stopped = status.state in (SourceState.STOPPED, SourceState.SPENT)
    kind = EventType.SOURCE_STOPPED if stopped else EventType.SOURCE_RESUMED
    data = SourceEventData(
        source=status.name,
        state=status.state,
        reason=status.last_error if stopped else None,
        until=status.again_at if stopped else None,
        heard_until=status.heard_until,
    )
    name = status.name.replace(":", "_").replace("/", "_")
    return Event(
        id=f"evt_source_{name}_{status.at:%Y%m%dT%H%M%S%f}",
        type=kind,
        incident=f"source:{status.name}",
        service="",
        at=status.at,
        body=msgspec.json.encode(SourceEventBody(kind, status.at, data)).decode(),
    )
