"""An incident, its changes and an endpoint to tell of them, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from delivery.events import deliveries_for, event_of
from delivery.signing import new_secret
from domain.delivery import Delivery, Endpoint
from domain.incident import Change, Evidence, Incident, Reason, Severity, State
from domain.mention import Kind, Symptom

AT = datetime(2012, 11, 18, 20, 5, tzinfo=UTC)

INCIDENT = Incident(
    id="inc_20121118T2005_11a0f937ca",
    run="live",
    service="imessage",
    state=State.SUSPECTED,
    severity=Severity.MAJOR,
    onset_at=AT - timedelta(minutes=5),
    raised_at=AT,
    last_high_at=AT,
    expected=0.8,
    observed=14,
    spread=0.9,
    window=5,
    score=9.1234,
    threshold=5.5,
    model_version="2012.11.1",
    onset_earliest_at=AT - timedelta(minutes=7),
    onset_latest_at=AT - timedelta(minutes=4),
    growth=14 / 3,
    relapse_of="inc_20121118T1940_0123456789",
)

OPENED = Change(INCIDENT, None, Reason.SURGE, AT)


def changed(was: State, now: State, reason: Reason, revision: int = 1) -> Change:
    incident = msgspec.structs.replace(INCIDENT, state=now, revision=revision)
    return Change(incident, was, reason, AT + timedelta(minutes=revision))


def evidence(text: str = "stuck at sending", url: str | None = None, source: str = "x") -> Evidence:
    return Evidence(source, "270", AT, text, Kind.COMPLAINT, 0.93456, (Symptom.SENDING,), url)


def endpoint(url: str, **fields: Any) -> Endpoint:  # Any: whatever fields an Endpoint has
    return Endpoint(**{"id": "ep_1", "url": url, "secret": new_secret(), "created_at": AT, **fields})


def delivery(to: Endpoint) -> Delivery:
    event = event_of(OPENED, service_name="iMessage", evidence=[evidence("naïve ☎ 🎉")])
    assert event is not None
    [waiting] = deliveries_for(event, [to], live=True, sequence=0, now=AT)
    return waiting
