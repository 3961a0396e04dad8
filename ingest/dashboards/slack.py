"""Slack's own status page: what is active now, and what was."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

import msgspec

from ingest.dashboard import Claim, Reading
from ingest.dashboards.entries import (
    about_each,
    decode,
    entry,
    identified,
    in_order,
    latest,
    moment,
    named,
    plain,
    read_each,
    state_of,
    web_address,
    word,
)

_MAINTENANCE = "maintenance"
_TYPES = ("incident", "notice", "outage", _MAINTENANCE)
_ACTIVE, _COMPLETED = "active", "completed"
_NOT_BEGUN = ("scheduled", "cancelled")
_STATES = (_ACTIVE, "resolved", _COMPLETED, *_NOT_BEGUN)


class _Current(msgspec.Struct):
    active_incidents: list[msgspec.Raw]


class _Note(msgspec.Struct):
    body: str | None = None
    date_created: str | None = None


class _Incident(msgspec.Struct):
    id: str | int
    date_created: str
    title: str
    type: str
    status: str
    date_updated: str | None = None
    url: str | None = None
    services: list[str] | None = None
    notes: list[_Note] | None = None


class Slack:
    """Reads version 2.0.0 of the Slack Status API."""

    about = "Slack's status page: what is active, and what was resolved"
    ids_last = True

    def addresses(self, page: str) -> Sequence[str]:
        return [urljoin(page, f"api/v2.0.0/{list_}") for list_ in ("current", "history")]

    def read(self, address: str, body: bytes) -> Reading:
        if urlsplit(address).path.endswith("/history"):
            incidents = decode(body, list[msgspec.Raw])
        else:
            incidents = decode(body, _Current).active_incidents
        return read_each(incidents, _incident, "incident", named_by="id", by_numbers=True)


def _incident(raw: msgspec.Raw) -> Reading:
    incident = entry(raw, _Incident)
    status = word(incident.status, _STATES, "status")
    planned = word(incident.type, _TYPES, "type") == _MAINTENANCE or status == _COMPLETED
    if status in _NOT_BEGUN:
        return Reading()
    over = status != _ACTIVE
    started_at = moment(incident.date_created, "date_created")
    # Slack gives no end. Its last word on what is over is the nearest to one, and moves when it adds another.
    ended_at = moment(incident.date_updated, "date_updated") if over else None
    in_order(started_at, ended_at)
    notes = [(moment(note.date_created, "notes"), note.body) for note in incident.notes or ()]
    claim = Claim(
        component=None,
        state=state_of(over=over, planned=planned),
        id=identified(incident.id, "id"),
        started_at=started_at,
        ended_at=ended_at,
        text=plain(incident.title, latest(notes)),
        url=web_address(incident.url),
        planned=planned,
    )
    return about_each(claim, (named(service, "services") for service in incident.services or ()))
