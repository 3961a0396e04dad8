"""What a change writes into its incident's story."""

from __future__ import annotations

from domain.incident import Change, TimelineEntry


def entry_of(change: Change) -> TimelineEntry:
    """The line that tells a change, with the figures of the incident as it then stood."""
    incident = change.incident
    return TimelineEntry(
        at=change.at,
        state=incident.state,
        reason=change.reason,
        severity=incident.severity,
        expected=incident.expected,
        observed=incident.observed,
        score=incident.score,
    )
