"""Endpoints, and the deliveries on their way to them: in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from threading import Lock

from msgspec.structs import replace

from domain.delivery import Delivery, DeliveryState, Endpoint


class MemoryDeliveries:
    """The twin of ``SqlDeliveries``, for one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._endpoints: dict[str, Endpoint] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._claims: dict[str, datetime] = {}  # by delivery: until when

    def add_endpoint(self, endpoint: Endpoint) -> None:
        with self._lock:
            self._endpoints[endpoint.id] = endpoint

    def endpoint(self, endpoint: str) -> Endpoint | None:
        return self._endpoints.get(endpoint)

    def endpoints(self) -> list[Endpoint]:
        with self._lock:
            return sorted(self._endpoints.values(), key=lambda one: (one.created_at, one.id))

    def remove_endpoint(self, endpoint: str) -> bool:
        with self._lock:
            removed = self._endpoints.pop(endpoint, None) is not None
            for delivery in list(self._deliveries.values()) if removed else []:
                if delivery.endpoint == endpoint and delivery.state is DeliveryState.WAITING:
                    self._settle(
                        replace(delivery, state=DeliveryState.PARKED, last_error="the endpoint was removed")
                    )
        return removed

    def disable_endpoint(self, endpoint: str, why: str, at: datetime) -> None:
        with self._lock:
            if endpoint in self._endpoints:
                kept = self._endpoints[endpoint]
                self._endpoints[endpoint] = replace(kept, disabled_at=at, disabled_reason=why)

    def claim_due(self, now: datetime, until: datetime, most: int) -> list[Delivery]:
        with self._lock:
            due = [delivery for delivery in self._first_waiting() if self._is_due(delivery, now)]
            due.sort(key=lambda delivery: (delivery.next_try_at, delivery.sequence, delivery.id))
            self._claims.update({delivery.id: until for delivery in due[:most]})
        return due[:most]

    def record_success(self, delivery: Delivery, status: int, at: datetime) -> None:
        with self._lock:
            kept = self._deliveries.get(delivery.id)
            if kept is not None and kept.state is not DeliveryState.DELIVERED:
                self._settle(
                    replace(
                        kept,
                        state=DeliveryState.DELIVERED,
                        tries=delivery.tries + 1,
                        last_status=status,
                        last_error=None,
                        delivered_at=at,
                    )
                )

    def record_failure(
        self, delivery: Delivery, *, status: int | None, error: str, again_at: datetime | None
    ) -> None:
        with self._lock:
            kept = self._deliveries.get(delivery.id)
            if kept is None or kept.state is not DeliveryState.WAITING or kept.tries != delivery.tries:
                return
            self._settle(
                replace(
                    kept,
                    state=DeliveryState.PARKED if again_at is None else DeliveryState.WAITING,
                    tries=kept.tries + 1,
                    last_status=status,
                    last_error=error,
                    next_try_at=again_at or kept.next_try_at,
                )
            )

    def replay(self, delivery: str, now: datetime) -> bool:
        with self._lock:
            kept = self._deliveries.get(delivery)
            if kept is None or kept.state is not DeliveryState.PARKED or kept.endpoint not in self._endpoints:
                return False
            self._settle(replace(kept, state=DeliveryState.WAITING, tries=0, next_try_at=now))
        return True

    def find(
        self, *, endpoint: str | None = None, state: DeliveryState | None = None, most: int = 100
    ) -> list[Delivery]:
        with self._lock:
            by_id = sorted(self._deliveries.values(), key=lambda one: one.id)
        latest_first = sorted(by_id, key=lambda one: (one.event.at, one.sequence), reverse=True)
        return [
            one for one in latest_first if endpoint in (None, one.endpoint) and state in (None, one.state)
        ][:most]

    def send(self, fresh: Sequence[Delivery]) -> None:
        """Send deliveries on their way; one that is already known by its id stays as it is."""
        with self._lock:
            for delivery in fresh:
                self._deliveries.setdefault(delivery.id, delivery)

    def of_incidents(self, incidents: Collection[str]) -> list[Delivery]:
        with self._lock:
            theirs = [one for one in self._deliveries.values() if one.event.incident in incidents]
        return sorted(theirs, key=lambda one: one.id)

    def replace_body(self, delivery: str, body: str) -> None:
        with self._lock:
            if kept := self._deliveries.get(delivery):
                self._deliveries[delivery] = replace(kept, event=replace(kept.event, body=body))

    def prune(self, before: datetime) -> int:
        with self._lock:
            old = [
                one.id
                for one in self._deliveries.values()
                if one.event.at < before and one.state is not DeliveryState.WAITING
            ]
            for delivery in old:
                del self._deliveries[delivery]
        return len(old)

    def _settle(self, delivery: Delivery) -> None:
        self._deliveries[delivery.id] = delivery
        self._claims.pop(delivery.id, None)

    def _first_waiting(self) -> list[Delivery]:
        """Of each endpoint and incident, the earliest delivery that waits."""
        in_order = sorted(self._deliveries.values(), key=lambda one: (one.sequence, one.id), reverse=True)
        waiting = (one for one in in_order if one.state is DeliveryState.WAITING)
        return list({(one.endpoint, one.event.incident): one for one in waiting}.values())

    def _is_due(self, delivery: Delivery, now: datetime) -> bool:
        endpoint = self._endpoints.get(delivery.endpoint)
        if endpoint is None or endpoint.disabled_at is not None or delivery.next_try_at > now:
            return False
        # After a replay, a later event may be on its way while an earlier one waits again.
        under_way = (self._deliveries[claimed] for claimed, until in self._claims.items() if until > now)
        return not any(
            (one.endpoint, one.event.incident) == (delivery.endpoint, delivery.event.incident)
            for one in under_way
        )
