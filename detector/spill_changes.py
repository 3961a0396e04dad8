"""What the guard changes about incidents: notes of their spillovers, and marks on what is one itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from domain.incident import Change, Incident, Reason, Spillover
from domain.signal import Signal


def note_of(signal: Signal) -> Spillover:
    """A surge that is no incident of its own, as it is noted at the one to blame."""
    return Spillover(
        service=signal.service,
        since=signal.onset,
        noted_at=signal.at,
        expected=signal.expected,
        observed=signal.observed,
        window=signal.window,
    )


def opened_with(opening: Change, notes: Collection[Spillover], *, is_cause: bool) -> Change:
    """An opening that carries its spillovers from the start; with ``is_cause`` it stands for many."""
    incident = msgspec.structs.replace(
        opening.incident, spillovers=_by_service(notes), is_common_cause=is_cause
    )
    return msgspec.structs.replace(
        opening, incident=incident, reason=Reason.COMMON_CAUSE if is_cause else opening.reason
    )


def noted(
    incident: Incident,
    notes: Collection[Spillover],
    at: datetime,
    *,
    raised: Collection[str] = (),
    is_cause: bool = False,
) -> Change | None:
    """What an open incident learns of its spillovers; ``None``: nothing that it did not know.

    ``raised`` are the services that get an incident of their own at this time.
    """
    known = {note.service for note in incident.spillovers}
    fresh = [note for note in notes if note.service not in known]
    newly = is_cause and not incident.is_common_cause
    cleared = [name for name in incident.blamed_for if name in raised]
    if not (fresh or newly or cleared):
        return None
    reason = Reason.COMMON_CAUSE if newly else Reason.SPILLS if fresh else Reason.OWN_OUTAGE
    kept = (
        msgspec.structs.replace(note, raised_at=at) if note.service in cleared else note
        for note in incident.spillovers
    )
    return _after(
        incident,
        reason,
        at,
        spillovers=(*kept, *_by_service(fresh)),
        is_common_cause=is_cause or incident.is_common_cause,
    )


def marked(incident: Incident, blamed: Incident, at: datetime) -> Change | None:
    """An open incident that may be another's spillover after all; ``None``: that was settled before.

    What it noted of the other was the wrong way round. Those that it stood for are noted at the other now.
    """
    settled = any(note.service == incident.service and note.raised_at for note in blamed.spillovers)
    if incident.spillover_of is not None or settled:
        return None
    kept = () if incident.is_common_cause else incident.spillovers
    others = tuple(note for note in kept if note.service != blamed.service)
    return _after(
        incident,
        Reason.SPILLOVER,
        at,
        spillovers=others,
        spillover_of=blamed.id,
        is_common_cause=False,
    )


def _after(incident: Incident, reason: Reason, at: datetime, **fields: object) -> Change:
    after = msgspec.structs.replace(incident, revision=incident.revision + 1, **fields)
    return Change(incident=after, was=incident.state, reason=reason, at=at)


def _by_service(notes: Collection[Spillover]) -> tuple[Spillover, ...]:
    return tuple(sorted(notes, key=lambda note: note.service))
