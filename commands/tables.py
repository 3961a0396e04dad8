"""Incidents for a person: a table."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from commands.telling import incidents_of, span
from domain.lead import first_admission, lead_over
from storage.interfaces import Stores


def incident_table(stores: Stores, run: str, names: Mapping[str, str]) -> Table:
    """The incidents of a run, the first raised first."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("service", "onset", "raised", "resolved", "severity"):
        table.add_column(heading)
    for heading in ("observed", "expected", "official page"):
        table.add_column(heading, justify="right")
    notices = stores.notices.find(run)
    for incident in incidents_of(stores, run):
        admission = first_admission(incident, notices)
        lead = None if admission is None else lead_over(admission, incident).total_seconds() / 60
        table.add_row(
            names.get(incident.service, incident.service),
            f"{incident.onset_at:%Y-%m-%d %H:%M}Z",
            f"{incident.raised_at:%H:%M}Z",
            f"{incident.resolved_at:%d %b %H:%M}Z" if incident.resolved_at else incident.state.value,
            incident.severity.value,
            f"{incident.observed} in {span(incident.window)}",
            f"{incident.expected:.1f}",
            "" if lead is None else f"{span(round(abs(lead)))} {'after' if lead >= 0 else 'before'} us",
        )
    return table
