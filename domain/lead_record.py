"""The record of the lead: who was first with each outage, by how much, and which ones we missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from domain.incident import Incident, State
from domain.lead import AFTER_END, BEFORE_ONSET, admissions_of, first_admission, lead_over
from domain.notice import OfficialNotice
from domain.official import OfficialEvent, by_service, events_of

TOO_FRESH = timedelta(hours=2)  # a trouble that still goes on may yet be heard
FELT = timedelta(hours=24)  # a trouble that nobody complains of on its first day was not heard
EDGES = (-60, -30, -10, 0, 10, 30, 60)  # minutes; between them lie the bins of the histogram
QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}


class First(StrEnum):
    """Who was first with an outage, we or the official side."""

    US = "us"
    THEM = "them"  # a tie is theirs, and so is an outage in a trouble that was told long before
    NEVER = "never_admitted"  # it was not admitted to this day
    PENDING = "pending"  # not admitted yet: it goes on, or ended less than a day ago
    UNWATCHED = "unwatched"  # no dashboard of this service is watched, so nothing could be admitted


class Listening(msgspec.Struct, frozen=True):
    """The span in which we listened. ``since`` is ``None`` where the run does not say when it began."""

    since: datetime | None
    until: datetime


class Held(msgspec.Struct, frozen=True):
    """An incident held against the official word."""

    incident: Incident
    first: First
    lead: timedelta | None  # from our raising to their admitting


class Miss(msgspec.Struct, frozen=True):
    """An official trouble that no incident of ours met.

    ``excused``: a person said that it was nothing to be heard, so it does not count.
    """

    event: OfficialEvent
    excused: bool


class Bin(msgspec.Struct, frozen=True):
    """How many leads lie in ``start`` < minutes <= ``end``; ``None`` is without bound."""

    start: int | None
    end: int | None
    count: int


class Figures(msgspec.Struct, frozen=True):
    """The counts of some incidents and misses. ``leads`` are in minutes to a tenth, in ascending order."""

    us: int = 0
    them: int = 0
    never_admitted: int = 0
    pending: int = 0
    unwatched: int = 0
    missed: int = 0
    leads: tuple[float, ...] = ()

    @property
    def incidents(self) -> int:
        return self.us + self.them + self.never_admitted + self.pending + self.unwatched

    @property
    def median(self) -> float | None:
        return self.quantile(0.5)

    def quantile(self, share: float) -> float | None:
        """The lead below which ``share`` of all leads lie, interpolated; ``None`` without any lead.

        >>> Figures(leads=(10.0, 20.0, 60.0)).quantile(0.5), Figures(leads=(10.0, 20.0)).quantile(0.25)
        (20.0, 12.5)
        """
        if not self.leads:
            return None
        place = share * (len(self.leads) - 1)
        below = int(place)
        above = min(below + 1, len(self.leads) - 1)
        return round(self.leads[below] + (place - below) * (self.leads[above] - self.leads[below]), 1)

    @property
    def quantiles(self) -> dict[str, float] | None:
        """The usual quantiles by name; ``None`` without any lead."""
        found = {name: self.quantile(share) for name, share in QUANTILES.items()}
        return {name: lead for name, lead in found.items() if lead is not None} or None

    @property
    def histogram(self) -> list[Bin]:
        """All leads by fixed bins.

        >>> [bin.count for bin in Figures(leads=(-75.0, 0.0, 57.0, 300.0)).histogram]
        [1, 0, 0, 1, 0, 0, 1, 1]
        """
        starts, ends = (None, *EDGES), (*EDGES, None)
        return [
            Bin(start, end, sum(1 for lead in self.leads if _lies_in(lead, start, end)))
            for start, end in zip(starts, ends, strict=True)
        ]


class LeadRecord(msgspec.Struct, frozen=True):
    """All that can be said of the lead: in total, by service and by vendor, and each case by itself.

    Services are in order of their incidents and misses, the most first; so are vendors.
    """

    total: Figures
    by_service: Mapping[str, Figures]
    by_vendor: Mapping[str, Figures]
    held: tuple[Held, ...]
    misses: tuple[Miss, ...]


def lead_record(
    incidents: Iterable[Incident],
    notices: Iterable[OfficialNotice],
    listening: Listening,
    *,
    watched: Collection[str],
    vendors: Mapping[str, str],
    called_none: Collection[str] = (),
) -> LeadRecord:
    """The record of all incidents of a run against all notices of it.

    ``watched`` are the services whose dashboard is looked at; ``vendors`` maps services to who makes them.
    ``called_none`` are incidents and official events of which a person said that they were no outage: such an
    incident is left out, as a dismissed one is (though whatever it met was heard), and such a miss excused.
    """
    said = by_service(notices)
    ours: dict[str, list[Incident]] = defaultdict(list)
    for incident in incidents:
        ours[incident.service].append(incident)
    held = [
        hold(
            incident,
            said.get(service, ()),
            is_watched=service in watched or service in said,
            until=listening.until,
        )
        for service, of_service in ours.items()
        for incident in of_service
        if incident.state is not State.DISMISSED and incident.id not in called_none
    ]
    misses = [
        Miss(event, event.name in called_none)
        for service, of_service in said.items()
        for event in events_of(of_service)
        if is_missed(event, ours.get(service, ()), listening)
    ]
    return record_of(held, misses, vendors)


def record_of(held: Iterable[Held], misses: Iterable[Miss], vendors: Mapping[str, str]) -> LeadRecord:
    """The record of cases that were already held and judged, or of some of them."""
    held = sorted(held, key=lambda one: (one.incident.raised_at, one.incident.id))
    misses = sorted(misses, key=lambda miss: (miss.event.first_seen_at, miss.event.service, miss.event.name))
    return LeadRecord(
        total=figures_of(held, misses),
        by_service=_by(lambda service: service, held, misses),
        by_vendor=_by(lambda service: vendors.get(service, service), held, misses),
        held=tuple(held),
        misses=tuple(misses),
    )


def hold(incident: Incident, notices: Iterable[OfficialNotice], *, is_watched: bool, until: datetime) -> Held:
    """One incident against what was said of its service."""
    admission = first_admission(incident, notices)
    if admission is not None:
        lead = lead_over(admission, incident)
        return Held(incident, First.US if lead > timedelta() else First.THEM, lead)
    if any(event.goes_on(incident.raised_at) for event in events_of(notices)):
        return Held(incident, First.THEM, None)
    if not is_watched:
        return Held(incident, First.UNWATCHED, None)
    ended = incident.resolved_at
    open_still = ended is None or ended + AFTER_END > until
    return Held(incident, First.PENDING if open_still else First.NEVER, None)


def heard_by(event: OfficialEvent, incidents: Iterable[Incident], until: datetime) -> Incident | None:
    """The earliest incident of ours that met an official trouble: which it admits, or which overlaps it."""
    of_service = (one for one in incidents if (one.run, one.service) == (event.run, event.service))
    meeting = (one for one in of_service if _meets(event, one, until))
    return min(meeting, key=lambda one: (one.raised_at, one.id), default=None)


def is_missed(event: OfficialEvent, incidents: Iterable[Incident], listening: Listening) -> bool:
    """Whether an official trouble began while we listened, is old enough to be judged, and was not heard."""
    if not event.admissions or (listening.since is not None and event.began_at < listening.since):
        return False
    ended = event.ended_at
    if event.first_seen_at > listening.until or (ended is not None and ended > listening.until):
        return False
    if ended is None and listening.until - event.began_at < TOO_FRESH:
        return False
    return heard_by(event, incidents, listening.until) is None


def figures_of(held: Collection[Held], misses: Iterable[Miss]) -> Figures:
    """The counts of some cases."""
    counts = {str(first): sum(1 for one in held if one.first is first) for first in First}
    leads = sorted(round(one.lead / timedelta(minutes=1), 1) for one in held if one.lead is not None)
    return Figures(**counts, missed=sum(not miss.excused for miss in misses), leads=tuple(leads))


def _by(group_of: Callable[[str], str], held: Sequence[Held], misses: Sequence[Miss]) -> dict[str, Figures]:
    of_group: dict[str, tuple[list[Held], list[Miss]]] = defaultdict(lambda: ([], []))
    for one in held:
        of_group[group_of(one.incident.service)][0].append(one)
    for miss in misses:
        of_group[group_of(miss.event.service)][1].append(miss)
    figures = {group: figures_of(*cases) for group, cases in of_group.items()}
    return dict(sorted(figures.items(), key=lambda one: (-one[1].incidents - one[1].missed, one[0])))


def _meets(event: OfficialEvent, incident: Incident, until: datetime) -> bool:
    if admissions_of(incident, event.statements):
        return True
    ends = min(event.ended_at or until, event.began_at + FELT)
    return incident.onset_at - BEFORE_ONSET <= ends and event.began_at <= (incident.resolved_at or until)


def _lies_in(lead: float, start: int | None, end: int | None) -> bool:
    return (start is None or start < lead) and (end is None or lead <= end)
