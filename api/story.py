"""The story of an incident: what we saw and what the official page said, in one line of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.house import House
from api.wording import count, figure, span
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
}
OFFICIALLY = {
    OfficialState.TROUBLE: "Official page tells of trouble",
    OfficialState.MAINTENANCE: "Official page tells of planned work",
    OfficialState.WELL: "Official page says all is well",
}

RISING = (Reason.SURGE, Reason.SUSTAINED, Reason.GROWTH, Reason.RELAPSE)  # where the highest count says why


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
        _change(entry, incident)
        for entry in house.stores.incidents.timeline(incident.id)
        if not entry.reason.repeats_a_notice
    ]
    admission = first_admission(incident, notices)
    official = [_notice(notice, notice == admission) for notice in notices_about(incident, notices)]
    return sorted([onset, *changes, *official], key=lambda line: line.at)


def _change(entry: TimelineEntry, incident: Incident) -> Line:
    if entry.reason is Reason.SILENT:
        waited = span(entry.at - incident.raised_at)
        return Line(entry.at, "official", "Official page still silent", f"{waited} after it was raised")
    seen = f"{count(entry.observed, 'complaint')}, {figure(entry.expected)} expected"
    what = (
        f"{entry.state.capitalize()} ({entry.severity})" if entry.state.is_open else entry.state.capitalize()
    )
    why = REASONS[entry.reason]
    return Line(entry.at, entry.state, what, f"{why}; {seen}" if entry.reason in RISING else why)


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
