"""From posts that their authors deleted to texts that are kept nowhere."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from delivery.redaction import without_texts
from storage.interfaces import Posts, Stores, ThreadId


def withdraw(ids: Collection[ThreadId], posts: Posts, stores: Stores, now: datetime) -> None:
    """Drop the words of these posts: from what is running, from labels and evidence, and from what is told.

    Counts and verdicts stay: they hold no words of it and no name. Doing it twice does no harm.
    """
    posts.withdraw(ids, now)
    posts.label_queue.withdraw(ids)
    stores.labels.withdraw(ids)
    incidents = stores.incidents.withdraw(ids)
    for delivery in stores.deliveries.of_incidents(incidents) if incidents else ():
        body = without_texts(delivery.event.body, ids)
        if body != delivery.event.body:
            stores.deliveries.replace_body(delivery.id, body)
