"""A change of an incident as an event, and the event's deliveries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import msgspec

from domain.delivery import Delivery, DeliveryState, Endpoint, Event, EventType
from domain.incident import Change, Evidence, Incident, Reason, Severity, Spillover, State
from domain.mention import Kind
from domain.notice import OfficialNotice, OfficialState

LARGEST_BODY = 20_000  # bytes; Standard Webhooks asks receivers for no more
MOST_EVIDENCE = 5
MOST_SPILLOVERS = 60  # listed; their number is told in any case
LONGEST_TEXT = 280  # characters of an evidence post
LONGEST_NOTICE = 600  # of an official notice
LONGEST_URL = 500
LONGEST_NAME = 200  # characters of ids, names and notes

NO_NAMES: Mapping[str, str] = MappingProxyType({})

_OFFICIAL = {
    Reason.ACKNOWLEDGED: EventType.OFFICIAL_ACKNOWLEDGED,
    Reason.OFFICIAL_WELL: EventType.OFFICIAL_RESOLVED,
    Reason.SILENT: EventType.OFFICIAL_SILENT,
}


class EventService(msgspec.Struct, frozen=True):
    """The service that an event is about."""

    id: str
    name: str


class EventEvidence(msgspec.Struct, frozen=True):
    """A post that speaks for the incident, shortened."""

    source: str
    post_id: str
    written_at: datetime
    text: str
    kind: Kind
    probability: float
    symptoms: tuple[str, ...]
    url: str | None


class EventSpillover(msgspec.Struct, frozen=True):
    """A service that surges along with the incident, and has none of its own for that reason.

    ``raised_at`` is when it was raised by itself after all.
    """

    service: EventService
    since: datetime
    raised_at: datetime | None
    expected: float
    observed: int
    window_minutes: int


class EventNotice(msgspec.Struct, frozen=True):
    """What the official side said, shortened."""

    state: OfficialState
    seen_at: datetime
    claimed_at: datetime | None
    claimed_end_at: datetime | None
    after_the_fact: bool
    text: str
    url: str | None


class EventData(msgspec.Struct, frozen=True):
    """What is told about the incident. ``expected`` and ``observed`` are complaints in ``window_minutes``.

    ``spread`` is one standard deviation of ``expected``; ``growth`` holds the complaints of ten minutes
    against the ten before; ``chance_per_month`` is how often chance alone would reach ``score``. The onset
    lies between ``onset_earliest_at`` and ``onset_latest_at``; ``relapse_of`` is the incident that was
    resolved shortly before.

    ``spillovers`` are services that this one may be to blame for, or that fail with it where it
    ``is_common_cause``; ``spillover_count`` says how many there are, as not all of very many are listed.
    ``spillover_of`` is the incident that may be to blame for this one.

    ``official`` is the notice behind an official event; ``lead_minutes`` is from our raising to the official
    admission, once there is one.
    """

    incident: str
    run: str
    note: str
    service: EventService
    state: State
    previous_state: State | None
    reason: Reason
    severity: Severity
    onset_at: datetime
    onset_earliest_at: datetime | None
    onset_latest_at: datetime | None
    raised_at: datetime
    resolved_at: datetime | None
    expected: float
    observed: int
    spread: float
    window_minutes: int
    growth: float | None
    score: float
    threshold: float
    chance_per_month: float
    relapse_of: str | None
    is_common_cause: bool
    spillover_of: str | None
    spillover_count: int
    spillovers: tuple[EventSpillover, ...]
    model_version: str | None
    official: EventNotice | None
    lead_minutes: float | None
    evidence: tuple[EventEvidence, ...]


class EventBody(msgspec.Struct, frozen=True):
    """The JSON object that a subscriber gets, in the form of Standard Webhooks."""

    type: EventType
    timestamp: datetime
    data: EventData


def event_of(
    change: Change,
    *,
    run_note: str = "",
    service_name: str,
    evidence: Sequence[Evidence] = (),
    names: Mapping[str, str] = NO_NAMES,
) -> Event | None:
    """The event that tells subscribers of a change; ``None`` when they could see no difference.

    The same change gives the same event id, whoever computes it, however often. ``run_note`` says what kind
    of run it is ("reconstruction"); ``names`` maps the ids of other services to the names people read.
    """
    incident = change.incident
    if change.reason is Reason.VERDICT and change.was is incident.state and not incident.state.is_open:
        return None  # it agrees with how the incident ended
    data = _data(change, run_note, service_name, evidence, names)
    kind = _type_of(change)
    return Event(
        id=f"evt_{incident.id.removeprefix('inc_')}_{incident.revision}",
        type=kind,
        incident=incident.id,
        service=incident.service,
        at=change.at,
        body=_fitting_body(EventBody(kind, _utc(change.at), data)),
    )


def deliveries_for(
    event: Event,
    endpoints: Iterable[Endpoint],
    *,
    live: bool,
    sequence: int,
    now: datetime,
    concerned: Collection[str] = (),
) -> list[Delivery]:
    """One waiting delivery for each endpoint that wants the event, due at once.

    ``concerned`` are further services that the event speaks for: who asked for one of them wants it too.
    """
    return [
        Delivery(
            id=f"dlv_{event.id.removeprefix('evt_')}_{endpoint.id}",
            endpoint=endpoint.id,
            event=event,
            sequence=sequence,
            state=DeliveryState.WAITING,
            tries=0,
            next_try_at=now,
        )
        for endpoint in endpoints
        if endpoint.wants(event, live=live, concerned=concerned)
    ]


def _type_of(change: Change) -> EventType:
    if change.reason in _OFFICIAL:
        return _OFFICIAL[change.reason]
    if change.was is None:
        return EventType.OPENED
    return EventType.UPDATED if change.incident.state.is_open else EventType.RESOLVED


def _data(
    change: Change, note: str, service_name: str, evidence: Sequence[Evidence], names: Mapping[str, str]
) -> EventData:
    incident: Incident = change.incident
    return EventData(
        incident=_short(incident.id, LONGEST_NAME),
        run=_short(incident.run, LONGEST_NAME),
        note=_short(note, LONGEST_NAME),
        service=EventService(_short(incident.service, LONGEST_NAME), _short(service_name, LONGEST_NAME)),
        state=incident.state,
        previous_state=change.was,
        reason=change.reason,
        severity=incident.severity,
        onset_at=_utc(incident.onset_at),
        onset_earliest_at=incident.onset_earliest_at and _utc(incident.onset_earliest_at),
        onset_latest_at=incident.onset_latest_at and _utc(incident.onset_latest_at),
        raised_at=_utc(incident.raised_at),
        resolved_at=None if incident.resolved_at is None else _utc(incident.resolved_at),
        expected=round(incident.expected, 3),
        observed=incident.observed,
        spread=round(incident.spread, 3),
        window_minutes=incident.window,
        growth=None if incident.growth is None else round(incident.growth, 3),
        score=round(incident.score, 3),
        threshold=round(incident.threshold, 3),
        chance_per_month=_three_figures(incident.chance_per_month),
        relapse_of=None if incident.relapse_of is None else _short(incident.relapse_of, LONGEST_NAME),
        is_common_cause=incident.is_common_cause,
        spillover_of=None if incident.spillover_of is None else _short(incident.spillover_of, LONGEST_NAME),
        spillover_count=len(incident.spillovers),
        spillovers=tuple(_spilled(note, names) for note in incident.spillovers[:MOST_SPILLOVERS]),
        model_version=None
        if incident.model_version is None
        else _short(incident.model_version, LONGEST_NAME),
        official=None if change.official is None else _noticed(change.official),
        lead_minutes=_lead(incident),
        evidence=tuple(_shortened(one) for one in evidence[:MOST_EVIDENCE]),
    )


def _lead(incident: Incident) -> float | None:
    if incident.official_at is None:
        return None
    return round((incident.official_at - incident.raised_at) / timedelta(minutes=1), 1)


def _spilled(note: Spillover, names: Mapping[str, str]) -> EventSpillover:
    name = names.get(note.service, note.service)
    return EventSpillover(
        service=EventService(_short(note.service, LONGEST_NAME), _short(name, LONGEST_NAME)),
        since=_utc(note.since),
        raised_at=note.raised_at and _utc(note.raised_at),
        expected=round(note.expected, 3),
        observed=note.observed,
        window_minutes=note.window,
    )


def _noticed(notice: OfficialNotice) -> EventNotice:
    return EventNotice(
        state=notice.state,
        seen_at=_utc(notice.seen_at),
        claimed_at=notice.claimed_at and _utc(notice.claimed_at),
        claimed_end_at=notice.claimed_end_at and _utc(notice.claimed_end_at),
        after_the_fact=notice.after_the_fact,
        text=_short(notice.text, LONGEST_NOTICE),
        url=_whole(notice.url),
    )


def _shortened(evidence: Evidence) -> EventEvidence:
    return EventEvidence(
        source=_short(evidence.source, LONGEST_NAME),
        post_id=_short(evidence.post_id, LONGEST_NAME),
        written_at=_utc(evidence.written_at),
        text=_short(evidence.text, LONGEST_TEXT),
        kind=evidence.kind,
        probability=round(evidence.probability, 3),
        symptoms=tuple(evidence.symptoms),
        url=_whole(evidence.url),
    )


def _whole(url: str | None) -> str | None:
    """A link, unless it is too long: cut short it leads nowhere."""
    return None if url is None or len(url) > LONGEST_URL else _short(url, LONGEST_URL)


def _fitting_body(body: EventBody) -> str:
    """The body as compact JSON, small enough: evidence is left out, then spillovers, the last first."""
    data = body.data
    while True:
        text = msgspec.json.encode(body)
        if len(text) < LARGEST_BODY or not (data.evidence or data.spillovers):
            return text.decode()
        if data.evidence:
            data = msgspec.structs.replace(data, evidence=data.evidence[:-1])
        else:
            data = msgspec.structs.replace(data, spillovers=data.spillovers[:-1])
        body = msgspec.structs.replace(body, data=data)


def _short(text: str, most: int) -> str:
    """At most so many characters, and only such as UTF-8 can hold.

    >>> _short("imessage", 5)
    'imes…'
    """
    clean = text.encode("utf-8", "replace").decode()
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def _three_figures(value: float) -> float:
    """A number of any size without the digits that mean nothing.

    >>> _three_figures(1.23456e-9)
    1.23e-09
    """
    return float(f"{value:.3g}")


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
