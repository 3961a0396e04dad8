"""What is kept for a set time, and then dropped: people's words, and deliveries that hold them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from storage.interfaces import Stores

log = logging.getLogger(__name__)


def tidy(stores: Stores, now: datetime, keep: timedelta) -> tuple[int, int]:
    """Blank the texts of evidence older than ``keep`` and drop deliveries as old; how many of each.

    A delivery that still waits is brought first. Figures, incidents and their timelines stay.
    """
    before = now - keep
    texts, deliveries = stores.incidents.blank_texts(before), stores.deliveries.prune(before)
    if texts or deliveries:
        log.info("dropped %d texts and %d deliveries of before %s", texts, deliveries, before.isoformat())
    return texts, deliveries
