"""Incidents for programs: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from commands.telling import incidents_of
from domain.incident import Incident
from domain.lead import first_admission, lead_over
from storage.interfaces import Stores


def incident_lines(stores: Stores, run: str) -> Iterator[str]:
    """Each incident of a run with its evidence, the first raised first."""
    notices = stores.notices.find(run)
    for incident in incidents_of(stores, run):
        admission = first_admission(incident, notices)
        lead = lead_over(admission, incident).total_seconds() / 60 if admission else None
        fields = {
            **_public(incident),
            "chance_per_month": incident.chance_per_month,
            "official_seen_at": admission.seen_at if admission else None,
            "lead_minutes": None if lead is None else round(lead, 1),
            "evidence": stores.incidents.evidence(incident.id),
        }
        yield msgspec.json.encode(fields).decode()


def _public(incident: Incident) -> dict[str, object]:
    """What an incident says of itself. How often it was saved is nobody's business; of the official word the
    notices say more."""
    left_out = ("revision", "official_at")
    return {name: getattr(incident, name) for name in incident.__struct_fields__ if name not in left_out}
