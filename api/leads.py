"""How far ahead of the official page an incident was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from domain.incident import Incident
from domain.notice import OfficialNotice, OfficialState

BEFORE_ONSET = timedelta(hours=1)  # a notice this much earlier may still be about the same outage
AFTER_END = timedelta(hours=24)  # a vendor may admit an outage when it is over, but not days later


def notices_about(incident: Incident, notices: Iterable[OfficialNotice]) -> list[OfficialNotice]:
    """What the official dashboard said of this outage, the earliest seen first."""
    first = incident.onset_at - BEFORE_ONSET
    return sorted(
        (
            notice
            for notice in notices
            if (notice.run, notice.service) == (incident.run, incident.service)
            and first <= notice.seen_at
            and (incident.resolved_at is None or notice.seen_at <= incident.resolved_at + AFTER_END)
        ),
        key=lambda notice: notice.seen_at,
    )


def first_admission(incident: Incident, notices: Iterable[OfficialNotice]) -> OfficialNotice | None:
    """The first notice that admits this outage, if any was seen."""
    return next((one for one in notices_about(incident, notices) if one.state is OfficialState.TROUBLE), None)


def lead_over(notice: OfficialNotice, incident: Incident) -> timedelta:
    """From our raising to their admitting; positive: we were first."""
    return notice.seen_at - incident.raised_at
