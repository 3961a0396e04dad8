"""What the official word, or its absence, changes about an incident: a pure decision with its reason.

An incident is told of its official side three times at the most: when it is admitted, when it is called over,
and in between, or instead, when nothing was said for too long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec

from domain.incident import Change, Incident, Reason, State
from domain.lead import called_over, first_admission, notices_about
from domain.notice import OfficialNotice, OfficialState
from domain.official import events_of


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
    own = (one for one in notices if (one.run, one.service) == (incident.run, incident.service))
    said = [notice for notice in own if notice.seen_at < at]
    if incident.official_at is None:
        if admission := first_admission(incident, said):
            admitted = msgspec.structs.replace(incident, official_at=admission.seen_at)
            return _told(incident, admitted, Reason.ACKNOWLEDGED, at, admission)
        if silent_after is not None and _is_silent(incident, said, at, silent_after):
            silent = msgspec.structs.replace(incident, silent_at=at)
            return _told(incident, silent, Reason.SILENT, at, None)
    elif incident.official_well_at is None and (over := called_over(incident, said)):
        well = msgspec.structs.replace(incident, official_well_at=over.seen_at)
        return _told(incident, well, Reason.OFFICIAL_WELL, at, over)
    return None


def _is_silent(
    incident: Incident, said: Collection[OfficialNotice], at: datetime, silent_after: timedelta
) -> bool:
    """Whether an incident that is sure, and still open, should have been spoken of by now.

    Who tells of planned work, or of a trouble that began before and still goes on, admits nothing of this one
    and yet is not silent.
    """
    sure = incident.confirmed_at is not None and incident.state.is_open
    if not sure or incident.silent_at is not None or at - incident.raised_at < silent_after:
        return False
    planned = any(one.state is OfficialState.MAINTENANCE for one in notices_about(incident, said))
    return not planned and not any(event.goes_on(at) for event in events_of(said))


def _told(
    before: Incident, after: Incident, reason: Reason, at: datetime, notice: OfficialNotice | None
) -> Change:
    after = msgspec.structs.replace(after, revision=before.revision + 1)
    return Change(incident=after, was=before.state, reason=reason, at=at, official=notice)
