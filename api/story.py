"""The story of an incident: what we saw and what the official page said, in one line of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.headlines import name_of
from api.house import House
from api.wording import count, figure, listed, span
from domain.incident import Incident, Reason, TimelineEntry
from domain.lead import first_admission, notices_about
from domain.notice import OfficialNotice, OfficialState

REASONS = {
    Reason.SURGE: "more complaints than chance allows",
    Reason.SUSTAINED: "the surge lasts",
    Reason.GROWTH: "it is growing",
    Reason.EASING: "the latest minutes look usual again",
    Reason.RELAPSE: "it eased, and came back",
    Reason.CALM: "usual for long enough",
    Reason.VERDICT: "a person said so",
    Reason.SPILLS: "complaints about others rise with it",
    Reason.SPILLOVER: "another service's incident may be to blame",
    Reason.OWN_OUTAGE: "no spillover after all",
    Reason.COMMON_CAUSE: "many services fail at once",
}
OFFICIALLY = {
    OfficialState.TROUBLE: "Official page tells of trouble",
    OfficialState.MAINTENANCE: "Official page tells of planned work",
    OfficialState.WELL: "Official page says all is well",
}

RISING = (Reason.SURGE, Reason.SUSTAINED, Reason.GROWTH, Reason.RELAPSE)  # where the highest count says why
NOTING = (Reason.SURGE, Reason.SPILLS, Reason.COMMON_CAUSE)  # with these, spillovers may have been noted


@dataclass(frozen=True)
class Line:
    """One line of the story; ``look`` names its style."""

    at: datetime
    look: str
    what: str
    why: str
    url: str | None = None


def story_of(house: House, incident: Incident, notices: Sequence[OfficialNotice]) -> list[Line]:
    """The whole story, the earliest first."""
    onset = Line(incident.onset_at, "onset", "Onset", "where the surge is estimated to have begun")
    changes = [
        _change(house, entry, incident)
        for entry in house.stores.incidents.timeline(incident.id)
        if not entry.reason.repeats_a_notice
    ]
    admission = first_admission(incident, notices)
    official = [_notice(notice, notice == admission) for notice in notices_about(incident, notices)]
    return sorted([onset, *changes, *official], key=lambda line: line.at)


def _change(house: House, entry: TimelineEntry, incident: Incident) -> Line:
    if entry.reason is Reason.SILENT:
        waited = span(entry.at - incident.raised_at)
        return Line(entry.at, "official", "Official page still silent", f"{waited} after it was raised")
    seen = f"{count(entry.observed, 'complaint')}, {figure(entry.expected)} expected"
    what = (
        f"{entry.state.capitalize()} ({entry.severity})" if entry.state.is_open else entry.state.capitalize()
    )
    why = [REASONS[entry.reason]]
    if entry.reason in RISING:
        why.append(seen)
    if entry.reason in NOTING and (noted := incident.noted_at(entry.at)):
        why.append(f"possible spillover: {listed([name_of(house, service) for service in noted])}")
    if entry.reason is Reason.OWN_OUTAGE:
        why.append(listed([name_of(house, service) for service in incident.cleared_at(entry.at)]))
    return Line(entry.at, entry.state, what, "; ".join(why))


def _notice(notice: OfficialNotice, admits: bool) -> Line:
    what = OFFICIALLY[notice.state]
    if admits:
        what = f"Official page admits it{', after it was over' if notice.after_the_fact else ''}"
    return Line(notice.seen_at, "official", what, notice.text, web_address(notice.url))


def web_address(url: str | None) -> str | None:
    """The address if it may be followed from the page; another scheme could run a script.

    >>> web_address("https://example.com/1"), web_address("javascript:alert(1)")
    ('https://example.com/1', None)
    """
    return url if url is not None and url.startswith(("https://", "http://")) else None
