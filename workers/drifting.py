"""From the verdicts of the last day to how far they have drifted."""

from __future__ import annotations

from datetime import datetime

from domain.drift import Drift, Verdicts, drift_of
from domain.moments import MINUTES_PER_HOUR, minute_of
from storage.interfaces import Models, Posts

HOURS = 24  # the present one is among them


def drift_now(models: Models, live: Posts, now: datetime) -> Drift | None:
    """How the active version has judged the last day's posts of the live run; ``None`` without one."""
    active = models.active()
    card = next((card for card in models.cards() if card.version == active), None)
    if card is None:
        return None
    this_hour = minute_of(now) // MINUTES_PER_HOUR
    verdicts = live.verdicts(this_hour - HOURS + 1, HOURS)
    return drift_of(card, verdicts.get(card.version, Verdicts()))
