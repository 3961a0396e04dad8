"""Whether an incident that is open grows or ebbs just now."""

from __future__ import annotations

from domain.incident import Incident
from domain.moments import MINUTES_PER_HOUR
from domain.series import minutes_in
from domain.signal import GROWTH_MINUTES, growth_of
from storage.interfaces import Incidents


def growth_now(incidents: Incidents, incident: Incident) -> float | None:
    """The growth of the latest closed minutes; ``None`` when the incident is over.

    Blind minutes are left out, as they are in a signal's growth; they are not made up for by earlier ones.
    """
    detection = incidents.detection(incident.run)
    if detection is None or not incident.state.is_open:
        return None
    last = detection.next_minute - 1
    middle, first = last - GROWTH_MINUTES, last - 2 * GROWTH_MINUTES + 1
    hours = incidents.rates(
        incident.run, first // MINUTES_PER_HOUR, last // MINUTES_PER_HOUR, incident.service
    )
    heard = [minute for minute in minutes_in(hours, first, last) if not minute.blind]
    return growth_of(
        sum(minute.complaints for minute in heard if minute.number > middle),
        sum(minute.complaints for minute in heard if minute.number <= middle),
    )
