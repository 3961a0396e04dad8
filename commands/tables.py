"""Incidents for a person: a table."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from commands.telling import incidents_of
from domain.lead import first_admission, lead_over
from storage.interfaces import Stores


def incident_table(stores: Stores, run: str, names: Mapping[str, str]) -> Table:
    """The incidents of a run, the first raised first. Narrow enough for 80 columns."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for heading in ("service", "onset", "raised", "resolved", "severity", "complaints"):
        table.add_column(heading, no_wrap=True)
    table.add_column("lead", justify="right", no_wrap=True)
    notices = stores.notices.find(run)
    for incident in incidents_of(stores, run):
        admission = first_admission(incident, notices)
        lead = None if admission is None else lead_over(admission, incident).total_seconds() / 60
        table.add_row(
            names.get(incident.service, incident.service),
            f"{incident.onset_at:%d %b %H:%M}Z",
            f"{incident.raised_at:%H:%M}Z",
            f"{incident.resolved_at:%H:%M}Z" if incident.resolved_at else incident.state.value,
            incident.severity.value,
            f"{incident.observed} ({incident.expected:.1f} expected)",
            "" if lead is None else f"{int(lead):+d} min",
        )
    return table
