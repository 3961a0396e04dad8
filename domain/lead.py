"""How far ahead of the official word an incident was, and which notices speak of it at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from domain.incident import Incident
from domain.notice import OfficialNotice, OfficialState
from domain.official import SPOKEN, events_of, trouble_of

BEFORE_ONSET = timedelta(hours=1)  # a notice this much earlier may still be about the same outage
AFTER_END = timedelta(hours=24)  # a vendor may admit an outage when it is over, but not days later
STILL_ON = timedelta(hours=1)  # "we are looking into it", which names no time, speaks of the present


def is_about(incident: Incident, notice: OfficialNotice) -> bool:
    """Whether a notice can speak of this outage: by when we saw it, and by the times that it claims."""
    if (notice.run, notice.service) != (incident.run, incident.service):
        return False
    earliest = incident.onset_at - BEFORE_ONSET
    if notice.seen_at < earliest or (notice.claimed_end_at is not None and notice.claimed_end_at < earliest):
        return False  # it is about an earlier one
    ended = incident.resolved_at
    if ended is None:
        return True
    if notice.claimed_at is not None and notice.claimed_at > ended:
        return False  # about a later one
    return notice.seen_at <= ended + (STILL_ON if _speaks_of_now(notice) else AFTER_END)


def notices_about(incident: Incident, notices: Iterable[OfficialNotice]) -> list[OfficialNotice]:
    """What the official side said of this outage, the earliest seen first."""
    about = (notice for notice in notices if is_about(incident, notice))
    return sorted(about, key=lambda one: (one.seen_at, one.state is OfficialState.WELL, one.event, one.state))


def admissions_of(incident: Incident, notices: Iterable[OfficialNotice]) -> list[OfficialNotice]:
    """The notices that admit this outage, the earliest seen first.

    What is said further of a trouble that was admitted before, and still goes on, is about that one.
    """
    own = (one for one in notices if (one.run, one.service) == (incident.run, incident.service))
    return notices_about(incident, (one for event in events_of(own) for one in event.admissions))


def first_admission(incident: Incident, notices: Iterable[OfficialNotice]) -> OfficialNotice | None:
    """The first notice that admits this outage, if any was seen."""
    return next(iter(admissions_of(incident, notices)), None)


def called_over(incident: Incident, notices: Collection[OfficialNotice]) -> OfficialNotice | None:
    """The notice with which nothing that was admitted of this outage goes on any more, if it was seen.

    A dashboard may list several troubles; what an account said is not awaited where the dashboard speaks.
    """
    admissions = admissions_of(incident, notices)
    going_on: set[str] = set()
    for notice in notices_about(incident, notices) if admissions else ():
        trouble = trouble_of(notice)
        if notice in admissions:
            going_on.add(trouble)
        if notice.state is OfficialState.WELL and trouble in going_on:
            going_on.discard(trouble)
            if going_on <= {SPOKEN}:
                return notice
    return None


def lead_over(notice: OfficialNotice, incident: Incident) -> timedelta:
    """From our raising to their admitting; positive: we were first."""
    return notice.seen_at - incident.raised_at


def _speaks_of_now(notice: OfficialNotice) -> bool:
    return notice.state is OfficialState.TROUBLE and notice.claimed_at is None and not notice.after_the_fact
