"""A card: one incident as a person in the middle of an outage wants to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from markupsafe import Markup

from api.charts import rate_chart
from api.headlines import name_of
from api.house import House
from api.markers import Marker
from api.wording import clock, count, listed, span
from domain.incident import Evidence, Incident
from domain.lead import first_admission, lead_over
from domain.moments import MINUTES_PER_HOUR, minute_of
from domain.notice import OfficialNotice
from domain.series import minutes_in
from domain.service import Service

BEFORE = timedelta(hours=2)  # of calm to see, before the onset
AFTER = timedelta(hours=1)
SHORTEST = 360  # minutes; a chart shows at least so much
LONGEST = 1440
EVIDENCE_SHOWN = 3
MOST_NAMED = 6  # services that surge with it


@dataclass(frozen=True)
class Lead:
    """How we stand against the official page: a length of time, and what it means."""

    length: str
    meaning: str


@dataclass(frozen=True)
class Card:
    """One incident with all its words and its chart."""

    incident: Incident
    name: str
    vendor: str
    age: str
    lasted: str
    lead: Lead
    chart: Callable[[], Markup]  # drawn when it is shown: most past incidents show none
    evidence: list[Evidence]
    more_evidence: int
    spillover: str


def card_of(
    house: House, incident: Incident, notices: Sequence[OfficialNotice], now: datetime, last: int
) -> Card:
    """The card of an incident; ``last`` is the last closed minute of its run."""
    service = house.catalogue.services.get(incident.service)
    name = service.name if service else incident.service
    admission = first_admission(incident, notices)
    evidence = [post for post in house.stores.incidents.evidence(incident.id) if post.text]
    return Card(
        incident=incident,
        name=name,
        vendor=_vendor(house, service) if service else "",
        age=span(now - incident.raised_at),
        lasted=span((incident.resolved_at or now) - incident.onset_at),
        lead=_lead(incident, admission, now),
        chart=partial(_chart, house, incident, name, admission, last),
        evidence=evidence[:EVIDENCE_SHOWN],
        more_evidence=max(0, len(evidence) - EVIDENCE_SHOWN),
        spillover=_spillover(house, incident),
    )


def _spillover(house: House, incident: Incident) -> str:
    """What else surges with it, or what may be to blame for it; nothing, if it stands alone."""
    if incident.spillover_of is not None:
        blamed = house.stores.incidents.get(incident.spillover_of)
        return f"Possible spillover of {name_of(house, blamed.service)}." if blamed else ""
    names = [name_of(house, service) for service in incident.blamed_for]
    more = len(names) - MOST_NAMED
    shown = listed([*names[:MOST_NAMED], f"{more} more"] if more > 0 else names)
    if names and incident.is_common_cause:
        return f"Common cause: {count(len(names) + 1, 'service')} surge at once, with it {shown}."
    return f"Possible spillover: {shown}." if names else ""


def _vendor(house: House, service: Service) -> str:
    """Who makes it; nothing if that says no more than its name."""
    vendor = house.catalogue.services.get(service.vendor)
    return "" if service.id == service.vendor else vendor.name if vendor else service.vendor.capitalize()


def _lead(incident: Incident, admission: OfficialNotice | None, now: datetime) -> Lead:
    if admission is None:
        unadmitted = span((incident.resolved_at or now) - incident.raised_at)
        if not incident.state.is_open:
            return Lead(unadmitted, "with no official notice")
        silent = incident.silent_at is not None
        return Lead(
            unadmitted, "and the official page is silent" if silent else "with no official notice yet"
        )
    lead = lead_over(admission, incident)
    side = "before" if lead > timedelta() else "after"
    late = ", which admitted it after it was over" if admission.after_the_fact else ""
    return Lead(span(lead), f"{side} the official page{late}")


def _chart(
    house: House, incident: Incident, name: str, admission: OfficialNotice | None, last: int
) -> Markup:
    first, end = _extent(incident, last)
    hours = house.stores.incidents.rates(
        incident.run, first // MINUTES_PER_HOUR, end // MINUTES_PER_HOUR, service=incident.service
    )
    minutes = minutes_in(hours, first, end)
    peak = max(minutes, key=lambda minute: minute.complaints, default=None)
    text = (
        f"Highest at {clock(peak.at)} UTC with {count(peak.complaints, 'complaint')}." if peak else "No data."
    )
    markers = _markers(incident, admission)
    told = ", ".join(f"{marker.name} {clock(marker.at)}" for marker in markers)
    title = f"Complaints about {name} by minute"
    return rate_chart(minutes, first, end, markers, title=title, text=f"{text} {told}.")


def _extent(incident: Incident, last: int) -> tuple[int, int]:
    """From some calm before the onset to the present, or to a while after the end."""
    if incident.resolved_at is not None:
        last = min(last, minute_of(incident.resolved_at + AFTER))
    first = min(minute_of(incident.onset_at - BEFORE), last + 1 - SHORTEST)
    return max(first, last + 1 - LONGEST), last


def _markers(incident: Incident, admission: OfficialNotice | None) -> list[Marker]:
    markers = [
        Marker(incident.onset_at, "onset", "onset", "\N{WHITE CIRCLE}"),
        Marker(incident.raised_at, "raised", "raised", "\N{BLACK CIRCLE}"),
    ]
    if admission is not None:
        markers.append(Marker(admission.seen_at, "official page", "official", "\N{BLACK DIAMOND}"))
    if incident.resolved_at is not None:
        markers.append(Marker(incident.resolved_at, "resolved", "resolved", "\N{CHECK MARK}"))
    return sorted(markers, key=lambda marker: marker.at)
