"""Apple's System Status: two feeds, of the services for everybody and of those for developers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin

import msgspec

from ingest.dashboard import Claim, Reading, Unreadable
from ingest.dashboards.entries import (
    decode,
    entry,
    from_epoch,
    identified,
    in_order,
    named,
    plain,
    read_each,
    state_of,
    word,
)

_MAINTENANCE = "maintenance"
_TYPES = ("outage", "issue", "performance", _MAINTENANCE)
_UPCOMING, _ONGOING = "upcoming", "ongoing"
_STATES = (_UPCOMING, _ONGOING, "resolved", "completed")

# Either feed may come as plain JSON, or inside a call: jsonCallback({...});
_CALL = re.compile(rb"\s*[\w$.]{1,100}\s?\(")


class _Feed(msgspec.Struct):
    services: list[msgspec.Raw]


class _Service(msgspec.Struct, rename="camel"):
    service_name: str
    events: list[msgspec.Raw]


class _Event(msgspec.Struct, rename="camel"):
    """``datePosted`` is left aside: it is when the feed was made, the same for every event of it."""

    epoch_start_date: int
    event_status: str
    status_type: str
    message: str | None
    epoch_end_date: int | None = None
    message_id: str | int | None = None


class Apple:
    """Reads both feeds.

    An event lists all services that it hits, and each of them has the event among its own: those are read.
    """

    about = "Apple's System Status: the services for everybody, and those for developers"
    ids_last = False  # one that is over may come under another

    def addresses(self, page: str) -> Sequence[str]:
        feeds = ("data/system_status_en_US.js", "data/developer/system_status_en_US.js")
        return [urljoin(page, feed) for feed in feeds]

    def read(self, address: str, body: bytes) -> Reading:  # noqa: ARG002 - both feeds are of one form
        services = decode(_json_in(body), _Feed).services
        if not services:
            raise Unreadable("lists no service; Apple's feeds list all of them at all times")
        return read_each(services, _service, "service")


def _json_in(body: bytes) -> bytes:
    call = _CALL.match(body)
    inside = body.rstrip().removesuffix(b";").rstrip()
    return inside[call.end() : -1] if call and inside.endswith(b")") else body


def _service(raw: msgspec.Raw) -> Reading:
    service = entry(raw, _Service)
    component = named(service.service_name, "serviceName")
    return read_each(
        service.events,
        lambda event: _event(event, component),
        "event",
        named_by="messageId",
        component=component,
    )


def _event(raw: msgspec.Raw, component: str) -> Reading:
    event = entry(raw, _Event)
    planned = word(event.status_type, _TYPES, "statusType") == _MAINTENANCE
    status = word(event.event_status, _STATES, "eventStatus")
    if status == _UPCOMING:
        return Reading()
    over = status != _ONGOING
    started_at = from_epoch(event.epoch_start_date, "epochStartDate")
    # What goes on has no end yet, though Apple may give the one that is planned.
    ended_at = from_epoch(event.epoch_end_date, "epochEndDate") if over else None
    in_order(started_at, ended_at)
    claim = Claim(
        component=component,
        state=state_of(over=over, planned=planned),
        id=None if event.message_id is None else identified(event.message_id, "messageId"),
        started_at=started_at,
        ended_at=ended_at,
        text=plain(component, event.message),
        planned=planned,
    )
    return Reading((claim,))
