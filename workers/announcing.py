"""From changes, of an incident or of a source, to the deliveries that tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from delivery.events import deliveries_for, event_of
from delivery.source_events import source_event
from domain.delivery import Delivery, Endpoint
from domain.incident import Change, Evidence
from domain.run import LIVE
from domain.source import SourceStatus


def deliveries_of(
    change: Change,
    evidence: Sequence[Evidence],
    endpoints: Iterable[Endpoint],
    *,
    run_note: str,
    names: Mapping[str, str],
    now: datetime,
) -> list[Delivery]:
    """One delivery of a change to each endpoint that wants it; none of a change that nobody could see.

    A common cause concerns all the services that it stands for; any other spillover concerns only the service
    that may be to blame.
    ``names`` maps service ids to the names people read; ``run_note`` says what kind of run it is.
    """
    incident = change.incident
    name = names.get(incident.service, incident.service)
    event = event_of(change, run_note=run_note, service_name=name, evidence=evidence, names=names)
    if event is None:
        return []
    stood_for = incident.blamed_for if incident.is_common_cause else ()
    return deliveries_for(
        event,
        endpoints,
        live=incident.run == LIVE,
        sequence=incident.revision,
        now=now,
        concerned=stood_for,
    )


def deliveries_of_source(
    status: SourceStatus, endpoints: Iterable[Endpoint], now: datetime
) -> list[Delivery]:
    """One delivery to each endpoint that wants to know of a source's new state."""
    return deliveries_for(source_event(status), endpoints, live=True, sequence=0, now=now)
