"""From deliveries that are due to HTTP requests, and how each went."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Protocol

from delivery.backoff import next_try
from delivery.errors import DeliveryFailed
from domain.delivery import Delivery, Endpoint
from storage.interfaces import Deliveries

log = logging.getLogger(__name__)

AT_ONCE = 8  # requests under way together: one slow receiver does not hold the others
CLAIM = timedelta(minutes=2)  # longer than any request may take, so that no two workers send the same


class Sends(Protocol):
    def send(self, delivery: Delivery, endpoint: Endpoint, now: datetime) -> int: ...


def deliver_due(
    deliveries: Deliveries,
    sender: Sends,
    now: datetime,
    *,
    after_round: Callable[[], object] = lambda: None,
) -> int:
    """Send every delivery that is due, write down how each went, and say how many were tried.

    ``after_round`` is called after each ``AT_ONCE`` of them, for a caller who holds a lock meanwhile.
    """
    endpoints = {endpoint.id: endpoint for endpoint in deliveries.endpoints()}
    tried = 0
    while due := deliveries.claim_due(now, now + CLAIM, AT_ONCE):
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            sending = [
                pool.submit(_deliver, deliveries, sender, delivery, endpoints.get(delivery.endpoint))
                for delivery in due
            ]
        for sent in sending:
            sent.result()  # a store that failed is told here; the claims end by themselves
        tried += len(due)
        after_round()
        now = max(now, datetime.now(UTC))
    return tried


def _deliver(deliveries: Deliveries, sender: Sends, delivery: Delivery, endpoint: Endpoint | None) -> None:
    if endpoint is None:
        deliveries.record_failure(delivery, status=None, error="the endpoint was removed", again_at=None)
        return
    now = datetime.now(UTC)
    try:
        status = sender.send(delivery, endpoint, now)
    except DeliveryFailed as failure:
        again_at = next_try(delivery.tries + 1, failure, datetime.now(UTC), delivery.id)
        log.warning("delivery %s to endpoint %s failed: %s", delivery.id, endpoint.id, failure)
        if failure.gone:
            deliveries.disable_endpoint(endpoint.id, str(failure), now)
        deliveries.record_failure(delivery, status=failure.status, error=str(failure), again_at=again_at)
    else:
        deliveries.record_success(delivery, status, datetime.now(UTC))
