"""What the official word, or its absence, changes about an incident: a pure decision with its reason.

An incident is told of its official side three times at the most: when it is admitted, when it is called over,
and in between, or instead, when nothing was said for too long.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from domain.incident import Change, Incident, Reason, State
from domain.lead import called_over, first_admission, notices_about
from domain.notice import OfficialNotice, OfficialState


def official_change(
    incident: Incident,
    notices: Iterable[OfficialNotice],
    at: datetime,
    *,
    silent_after: timedelta | None,
) -> Change | None:
    """What was said before ``at`` changes about an incident, if anything; asked again, the next thing.

    ``silent_after`` is how long a confirmed incident may go unadmitted before that is told; ``None``: nobody
    could have said anything, or it is not to be told.
    """
    if incident.state is State.DISMISSED:
        return None
    said = notices_about(incident, (notice for notice in notices if notice.seen_at < at))
    if incident.official_at is None:
        if admission := first_admission(incident, said):
            admitted = msgspec.structs.replace(incident, official_at=admission.seen_at)
            return _told(incident, admitted, Reason.ACKNOWLEDGED, at, admission)
        if _is_silent(incident, said, at, silent_after):
            silent = msgspec.structs.replace(incident, silent_at=at)
            return _told(incident, silent, Reason.SILENT, at, None)
    elif incident.official_well_at is None and (end := called_over(incident, said)):
        well = msgspec.structs.replace(incident, official_well_at=end.seen_at)
        return _told(incident, well, Reason.OFFICIAL_WELL, at, end)
    return None


def _is_silent(
    incident: Incident, said: list[OfficialNotice], at: datetime, silent_after: timedelta | None
) -> bool:
    """Whether an incident that is sure, and still open, should have been spoken of by now.

    Planned work admits nothing, yet who announces it is not silent.
    """
    if silent_after is None or incident.silent_at is not None:
        return False
    if any(notice.state is OfficialState.MAINTENANCE for notice in said):
        return False
    sure = incident.confirmed_at is not None and incident.state.is_open
    return sure and at - incident.raised_at >= silent_after


def _told(
    before: Incident, after: Incident, reason: Reason, at: datetime, notice: OfficialNotice | None
) -> Change:
    after = msgspec.structs.replace(after, revision=before.revision + 1)
    return Change(incident=after, was=before.state, reason=reason, at=at, official=notice)
