"""The story of a run, as lines for a person: first complaint, incident raised, page admits, resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from domain.incident import Incident, Reason, TimelineEntry
from domain.lead import called_over, first_admission, lead_over
from domain.notice import OfficialNotice
from storage.interfaces import IncidentFilter, Stores

LONGEST_QUOTE = 64
_WHAT_WIDTH, _SERVICE_WIDTH = 24, 12  # columns
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_ALL = 10_000  # incidents of one run: more than any recording holds
_TOLD = {  # which changes are told, how, and in which style
    Reason.SURGE: ("INCIDENT RAISED", "bold red"),
    Reason.SUSTAINED: ("confirmed", "red"),
    Reason.EASING: ("recovering", "cyan"),
    Reason.RELAPSE: ("failing again", "red"),
    Reason.CALM: ("resolved", "bold green"),
    Reason.VERDICT: ("dismissed by a person", "dim"),
    Reason.SILENT: ("official page silent", "yellow"),
    Reason.OWN_OUTAGE: ("not a spillover", "magenta"),
    Reason.COMMON_CAUSE: ("COMMON CAUSE of", "bold red"),
    Reason.SPILLS: ("possible spillover to", "magenta"),
    Reason.SPILLOVER: ("possibly a spillover", "magenta"),
}
_MOST_NAMES = 3  # of spillovers on one line; the others are counted


@dataclass(frozen=True, order=True)
class Line:
    """One line of the story: when, about which service, what happened, and the detail of it."""

    at: datetime
    service: str
    what: str
    detail: str
    style: str = ""

    def text(self) -> Text:
        return Text.assemble(
            (f"  {self.at:%d %b %H:%M}Z  ", "dim"),
            (self.what.ljust(_WHAT_WIDTH), self.style),
            (self.service.ljust(_SERVICE_WIDTH), "bold"),
            self.detail,
        )


def incidents_of(stores: Stores, run: str, since: datetime | None = None) -> list[Incident]:
    """Every incident of a run, or those raised since a time; the first raised first."""
    found = stores.incidents.find(IncidentFilter(run=run, raised_from=since), after=None, most=_ALL)
    return sorted(found, key=lambda incident: (incident.raised_at, incident.service))


def story(stores: Stores, run: str, names: Mapping[str, str], since: datetime | None = None) -> list[Line]:
    """All that is to tell of a run, or of its incidents since a time, in the order in which it happened."""
    incidents = incidents_of(stores, run, since)
    said = {name: stores.notices.find(run, name) for name in {incident.service for incident in incidents}}
    lines: list[Line] = []
    for incident in incidents:
        name = names.get(incident.service, incident.service)
        lines += _life(stores, incident, names)
        lines += _official(incident, name, said[incident.service])
    return sorted(lines)


def _life(stores: Stores, incident: Incident, names: Mapping[str, str]) -> Iterator[Line]:
    name = names.get(incident.service, incident.service)
    if told := [one for one in stores.incidents.evidence(incident.id) if one.text]:
        first = told[0]
        yield Line(first.written_at, name, "first complaint", f'"{quoted(first.text)}"')
    for entry in stores.incidents.timeline(incident.id):
        if entry.reason in _TOLD:
            what, style = _TOLD[entry.reason]
            yield Line(entry.at, name, what, _detail(entry, incident, names), style)
        if entry.reason is Reason.SURGE and incident.noted_at(entry.at):
            what, style = _TOLD[Reason.SPILLS]
            yield Line(entry.at, name, what, _some(incident.noted_at(entry.at), names), style)


def _detail(entry: TimelineEntry, incident: Incident, names: Mapping[str, str]) -> str:
    if entry.reason in (Reason.CALM, Reason.SILENT):
        return f"{span(round((entry.at - incident.raised_at).total_seconds() / 60))} after it was raised"
    if entry.reason in (Reason.SPILLS, Reason.COMMON_CAUSE):
        return _some(incident.noted_at(entry.at), names)
    if entry.reason is Reason.OWN_OUTAGE:
        return _some(incident.cleared_at(entry.at), names)
    if entry.reason not in (Reason.SURGE, Reason.SUSTAINED):
        return ""
    return f"{entry.severity}: {entry.observed} complaints, {entry.expected:.1f} expected"


def _some(services: Sequence[str], names: Mapping[str, str]) -> str:
    """A few of the services by name, the others by their number."""
    shown = [names.get(service, service) for service in services[:_MOST_NAMES]]
    more = len(services[_MOST_NAMES:])
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _official(incident: Incident, name: str, notices: list[OfficialNotice]) -> Iterator[Line]:
    admission = first_admission(incident, notices)
    if admission is None:
        return
    lead = lead_over(admission, incident).total_seconds() / 60
    detail = f"{span(int(lead))} after us" if lead > 0 else f"{span(int(-lead))} before us"
    if admission.after_the_fact:
        detail += ", when it was over"
    yield Line(admission.seen_at, name, "official page admits", detail, "bold yellow")
    over = called_over(incident, notices)
    if over is not None and not admission.after_the_fact:
        yield Line(over.seen_at, name, "official page: all well", quoted(over.text), "yellow")


def lead_sentences(stores: Stores, run: str, names: Mapping[str, str]) -> Iterator[str]:
    """For each incident that the official page admitted: who was first, and by how much."""
    notices = stores.notices.find(run)
    for incident in incidents_of(stores, run):
        admission = first_admission(incident, notices)
        if admission is not None:
            lead = lead_over(admission, incident).total_seconds() / 60
            order = "before" if lead > 0 else "after"
            name = names.get(incident.service, incident.service)
            yield f"{name}: raised {span(int(abs(lead)))} {order} the official page admitted it."


def spillover_sentences(stores: Stores, run: str, names: Mapping[str, str]) -> Iterator[str]:
    """For each incident with which others surged: which ones, all by name, and what that may mean."""
    for incident in incidents_of(stores, run):
        name = names.get(incident.service, incident.service)
        noted = ", ".join(names.get(service, service) for service in incident.blamed_for)
        if noted and incident.is_common_cause:
            yield f"{name}: common cause, {len(incident.blamed_for) + 1} services at once; with it {noted}."
        elif noted:
            yield f"{name}: possible spillover to {noted}."


def quoted(text: str, longest: int = LONGEST_QUOTE) -> str:
    """A stranger's text on one line, cut to so many characters, and without power over the terminal."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def span(minutes: int) -> str:
    """Minutes in words.

    >>> span(1), span(59), span(60), span(168)
    ('1 min', '59 min', '1 h', '2 h 48 min')
    """
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
