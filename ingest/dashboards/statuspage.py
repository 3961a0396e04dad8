"""Atlassian Statuspage, version 2 of its public API, which other makers of status pages imitate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import msgspec

from domain.notice import OfficialState
from ingest.dashboard import Claim, Reading
from ingest.dashboards.entries import (
    Strange,
    about_each,
    decode,
    entry,
    identified,
    in_order,
    joined,
    latest,
    moment,
    named,
    plain,
    read_each,
    state_of,
    web_address,
    word,
)

_SCHEDULED, _COMPLETED = "scheduled", "completed"
_OF_WORK = (_SCHEDULED, "in_progress", "verifying", _COMPLETED)
_OVER = ("resolved", "postmortem", _COMPLETED)
_STATES = ("investigating", "identified", "monitoring", *_OF_WORK, *_OVER)
_OPERATIONAL, _UNDER_MAINTENANCE = "operational", "under_maintenance"
_HEALTH = (_OPERATIONAL, "degraded_performance", "partial_outage", "major_outage", _UNDER_MAINTENANCE)


class _Incidents(msgspec.Struct):
    incidents: list[msgspec.Raw] | None  # imitators give null for none


class _Summary(msgspec.Struct):
    """Its incidents are the unresolved ones, its works those under way or to come."""

    components: list[msgspec.Raw] | None
    incidents: list[msgspec.Raw] | None
    scheduled_maintenances: list[msgspec.Raw] | None = None


class _Affected(msgspec.Struct):
    name: str


class _Update(msgspec.Struct):
    body: str | None = None
    display_at: str | None = None
    created_at: str | None = None
    affected_components: list[_Affected] | None = None


class _Incident(msgspec.Struct):
    id: str
    name: str
    status: str
    created_at: str | None = None
    started_at: str | None = None
    resolved_at: str | None = None
    scheduled_for: str | None = None
    impact: str | None = None
    shortlink: str | None = None
    components: list[_Affected] | None = None
    incident_updates: list[_Update] | None = None


class _Component(msgspec.Struct):
    name: str
    status: str
    id: str | None = None
    group: bool | None = None
    group_id: str | None = None


class Statuspage:
    """Reads the summary, and the latest incidents among which are those that are over."""

    about = "status pages of Atlassian Statuspage, and of makers that offer the same API"
    ids_last = True

    def addresses(self, page: str) -> Sequence[str]:
        return [urljoin(page, f"api/v2/{list_}.json") for list_ in ("summary", "incidents")]

    def read(self, address: str, body: bytes) -> Reading:
        if urlsplit(address).path.endswith("/summary.json"):
            return _summary(decode(body, _Summary))
        return read_each(decode(body, _Incidents).incidents or (), _incident, "incident", named_by="id")


def _summary(summary: _Summary) -> Reading:
    incidents = read_each(summary.incidents or (), _incident, "incident", named_by="id")
    works = read_each(summary.scheduled_maintenances or (), _incident, "maintenance", named_by="id")
    explained = joined(incidents, works)
    return joined(explained, _components(summary.components or (), explained.claims))


def _incident(raw: msgspec.Raw) -> Reading:
    incident = entry(raw, _Incident)
    status = word(incident.status, _STATES, "status")
    if status == _SCHEDULED:
        return Reading()
    over = status in _OVER
    planned = status in _OF_WORK or incident.impact == "maintenance" or incident.scheduled_for is not None
    started_at = moment(incident.scheduled_for or incident.started_at or incident.created_at, "started_at")
    # The end that is planned for a maintenance is none yet.
    ended_at = moment(incident.resolved_at, "resolved_at") if over else None
    in_order(started_at, ended_at)
    updates = incident.incident_updates or ()
    told = [(moment(one.display_at or one.created_at, "incident_updates"), one.body) for one in updates]
    claim = Claim(
        component=None,
        state=state_of(over=over, planned=planned),
        id=identified(incident.id, "id"),
        started_at=started_at,
        ended_at=ended_at,
        text=plain(incident.name, latest(told)),
        url=web_address(incident.shortlink),
        planned=planned,
    )
    return about_each(claim, _names(incident))


def _names(incident: _Incident) -> Iterator[str]:
    """The components of an incident, and the groups that they belong to.

    An incident names a component without its group; only its updates say "Group - Component".
    """
    names = [named(one.name, "components") for one in incident.components or ()]
    yield from names
    for update in incident.incident_updates or ():
        for affected in update.affected_components or ():
            whole = named(affected.name, "affected_components")
            yield from (whole.removesuffix(f" - {name}") for name in names if whole.endswith(f" - {name}"))


def _components(raws: Sequence[msgspec.Raw], explained: Sequence[Claim]) -> Reading:
    """What fails, by the marks beside the components, and no incident or work under way explains."""
    about = {claim.component for claim in explained if claim.state is not OfficialState.WELL}
    groups = dict(_groups(raws))

    def component(raw: msgspec.Raw) -> Reading:
        one = entry(raw, _Component)
        name = named(one.name, "name")
        health = word(one.status, _HEALTH, "status")
        if one.group or health == _OPERATIONAL or about & {name, None}:
            return Reading()
        planned = health == _UNDER_MAINTENANCE
        claim = Claim(
            component=name,
            state=state_of(over=False, planned=planned),
            text=plain(name, health.replace("_", " ")),
            planned=planned,
        )
        group = groups.get(one.group_id or "")
        return about_each(claim, [name, group] if group else [name])

    return read_each(raws, component, "component", named_by="id")


def _groups(raws: Sequence[msgspec.Raw]) -> Iterator[tuple[str, str]]:
    """The id and the name of each group of components."""
    for raw in raws:
        with suppress(Strange):  # a strange one is left out, and told of, where all are read
            one = entry(raw, _Component)
            if one.group and one.id:
                yield one.id, named(one.name, "name")
