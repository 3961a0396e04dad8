"""What a picture is of: one incident, the minutes around it, and what the official side said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.lead import called_over, first_admission, lead_over
from domain.moments import minute_of
from domain.notice import OfficialNotice
from domain.series import Minute

LEAST_MARGIN, MOST_MARGIN = timedelta(minutes=20), timedelta(hours=2)  # of calm before the onset
TOLD_LATE = timedelta(hours=3)  # what is said officially so long after the end is still in the picture
LONGEST = timedelta(days=4)  # and no picture is longer
ROOM_FOR_LABELS = 0.16  # of what lies before it: behind the last moment, so that its label stands there


@dataclass(frozen=True)
class Subject:
    """One incident and all that its picture tells.

    ``minutes`` are the closed minutes of ``span`` (the first and the last minute, counted since 1970), the
    earliest first; ``notices`` are those of the incident's run and service; ``budget`` is that of the run.
    """

    incident: Incident
    service_name: str
    budget: float
    span: tuple[int, int]
    minutes: Sequence[Minute]
    notices: Sequence[OfficialNotice] = ()

    @property
    def admission(self) -> OfficialNotice | None:
        return first_admission(self.incident, self.notices)

    @property
    def over(self) -> OfficialNotice | None:
        """The official word that all is well again."""
        return called_over(self.incident, self.notices)

    @property
    def lead(self) -> timedelta | None:
        return None if self.admission is None else lead_over(self.admission, self.incident)


def span_of(incident: Incident, notices: Sequence[OfficialNotice], until: datetime) -> tuple[int, int]:
    """The first and the last minute to show: some calm, the incident, and what was soon said officially.

    ``until`` is the end of the last closed minute, which ends an incident that is still open.
    """
    begun = min(incident.onset_earliest_at or incident.onset_at, incident.raised_at)
    ended = max(incident.resolved_at or until, incident.raised_at)
    admission, over = first_admission(incident, notices), called_over(incident, notices)
    said = [one.seen_at for one in (admission, over) if one is not None]
    if admission is not None and admission.claimed_at is not None:
        said.append(admission.claimed_at)
    margin = min(max((ended - begun) / 4, LEAST_MARGIN), MOST_MARGIN)
    shown = [at for at in said if begun - 2 * margin <= at <= ended + TOLD_LATE]
    first = min([begun, *shown]) - margin
    last = max([ended, *shown])
    last = min(last, first + LONGEST)
    return minute_of(first), minute_of(last + max((last - first) * ROOM_FOR_LABELS, LEAST_MARGIN))
