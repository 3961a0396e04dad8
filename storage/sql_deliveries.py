"""Endpoints, and the deliveries on their way to them: in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)

from domain.delivery import Delivery, DeliveryState, Endpoint, Event
from storage.database import reading, writing
from storage.rows import Row, insert_new, insert_or_replace, record_of, row_of
from storage.tables import deliveries, endpoints

_WAITING = DeliveryState.WAITING.value
_PARKED = DeliveryState.PARKED.value
_EVENT_COLUMNS = {
    "event_id": "id",
    "event_type": "type",
    "incident": "incident",
    "service": "service",
    "event_at": "at",
    "event_body": "body",
}


class SqlDeliveries:
    """Where events go, and how far each has come on its way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_endpoint(self, endpoint: Endpoint) -> None:
        with writing(self._engine) as connection:
            insert_or_replace(connection, endpoints, [row_of(endpoint)])

    def endpoint(self, endpoint: str) -> Endpoint | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(endpoints).where(endpoints.c.id == endpoint)).mappings().first()
        return None if row is None else record_of(Endpoint, row)

    def endpoints(self) -> list[Endpoint]:
        oldest_first = select(endpoints).order_by(endpoints.c.created_at, endpoints.c.id)
        with reading(self._engine) as connection:
            return [record_of(Endpoint, row) for row in connection.execute(oldest_first).mappings()]

    def remove_endpoint(self, endpoint: str) -> bool:
        waiting = and_(deliveries.c.endpoint == endpoint, deliveries.c.state == _WAITING)
        with writing(self._engine) as connection:
            removed = connection.execute(delete(endpoints).where(endpoints.c.id == endpoint)).rowcount == 1
            if removed:
                parked = {"state": _PARKED, "last_error": "the endpoint was removed", "claimed_until": None}
                connection.execute(update(deliveries).where(waiting).values(parked))
        return removed

    def disable_endpoint(self, endpoint: str, why: str, at: datetime) -> None:
        disabled = {"disabled_at": at, "disabled_reason": why}
        with writing(self._engine) as connection:
            connection.execute(update(endpoints).where(endpoints.c.id == endpoint).values(disabled))

    def claim_due(self, now: datetime, until: datetime, most: int) -> list[Delivery]:
        # PostgreSQL lets others pass by the rows that are being claimed; SQLite has one writer at a time.
        due = (
            select(deliveries)
            .where(*_is_due(now))
            .order_by(deliveries.c.next_try_at, deliveries.c.sequence, deliveries.c.id)
            .limit(most)
            .with_for_update(of=deliveries, skip_locked=True)
        )
        with writing(self._engine) as connection:
            claimed = [_delivery(row) for row in connection.execute(due).mappings()]
            these = deliveries.c.id.in_([delivery.id for delivery in claimed])
            if claimed:
                connection.execute(update(deliveries).where(these).values(claimed_until=until))
        return claimed

    def record_success(self, delivery: Delivery, status: int, at: datetime) -> None:
        # A late success stands even when the delivery was parked meanwhile: it has arrived.
        undelivered = and_(
            deliveries.c.id == delivery.id, deliveries.c.state != DeliveryState.DELIVERED.value
        )
        arrived = {
            "state": DeliveryState.DELIVERED.value,
            "tries": delivery.tries + 1,
            "last_status": status,
            "last_error": None,
            "delivered_at": at,
            "claimed_until": None,
        }
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(undelivered).values(arrived))

    def record_failure(
        self, delivery: Delivery, *, status: int | None, error: str, again_at: datetime | None
    ) -> None:
        same_try = and_(
            deliveries.c.id == delivery.id,
            deliveries.c.state == _WAITING,
            deliveries.c.tries == delivery.tries,
        )
        failed: Row = {"last_status": status, "last_error": error, "claimed_until": None}
        failed["tries"] = delivery.tries + 1
        failed |= {"state": _PARKED} if again_at is None else {"next_try_at": again_at}
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(same_try).values(failed))

    def replay(self, delivery: str, now: datetime) -> bool:
        kept = exists().where(endpoints.c.id == deliveries.c.endpoint)
        parked = and_(deliveries.c.id == delivery, deliveries.c.state == _PARKED, kept)
        afresh = {"state": _WAITING, "tries": 0, "next_try_at": now}
        with writing(self._engine) as connection:
            return connection.execute(update(deliveries).where(parked).values(afresh)).rowcount == 1

    def find(
        self, *, endpoint: str | None = None, state: DeliveryState | None = None, most: int = 100
    ) -> list[Delivery]:
        latest_first = (
            select(deliveries)
            .order_by(deliveries.c.event_at.desc(), deliveries.c.sequence.desc(), deliveries.c.id)
            .limit(most)
        )
        if endpoint is not None:
            latest_first = latest_first.where(deliveries.c.endpoint == endpoint)
        if state is not None:
            latest_first = latest_first.where(deliveries.c.state == state.value)
        with reading(self._engine) as connection:
            return [_delivery(row) for row in connection.execute(latest_first).mappings()]

    def send(self, fresh: Sequence[Delivery]) -> None:
        with writing(self._engine) as connection:
            insert_deliveries(connection, fresh)

    def of_incidents(self, incidents: Collection[str]) -> list[Delivery]:
        theirs = (
            select(deliveries).where(deliveries.c.incident.in_(list(incidents))).order_by(deliveries.c.id)
        )
        with reading(self._engine) as connection:
            return [_delivery(row) for row in connection.execute(theirs).mappings()]

    def replace_body(self, delivery: str, body: str) -> None:
        this = deliveries.c.id == delivery
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(this).values(event_body=body))

    def prune(self, before: datetime) -> int:
        old = and_(deliveries.c.event_at < before, deliveries.c.state != _WAITING)
        with writing(self._engine) as connection:
            return connection.execute(delete(deliveries).where(old)).rowcount


def insert_deliveries(connection: Connection, fresh: Sequence[Delivery]) -> None:
    """Send deliveries on their way; one that is already known by its id stays as it is."""
    insert_new(connection, deliveries, [_row(delivery) for delivery in fresh])


def _is_due(now: datetime) -> list[ColumnElement[bool]]:
    """Which deliveries may be tried: of an endpoint and incident the earliest, if none is under way."""
    other = deliveries.alias("other")
    goes_first = or_(
        other.c.sequence < deliveries.c.sequence,
        and_(other.c.sequence == deliveries.c.sequence, other.c.id < deliveries.c.id),
        # After a replay, a later event may be on its way while an earlier one waits again.
        and_(other.c.id != deliveries.c.id, other.c.claimed_until > now),
    )
    held_up = exists().where(
        other.c.endpoint == deliveries.c.endpoint,
        other.c.incident == deliveries.c.incident,
        other.c.state == _WAITING,
        goes_first,
    )
    listening = exists().where(endpoints.c.id == deliveries.c.endpoint, endpoints.c.disabled_at.is_(None))
    return [
        deliveries.c.state == _WAITING,
        deliveries.c.next_try_at <= now,
        or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until <= now),
        ~held_up,
        listening,
    ]


def _row(delivery: Delivery) -> Row:
    row = row_of(delivery)
    event = row.pop("event")
    return row | {column: event[field] for column, field in _EVENT_COLUMNS.items()}


def _delivery(row: RowMapping) -> Delivery:
    event = record_of(Event, {field: row[column] for column, field in _EVENT_COLUMNS.items()})
    return record_of(Delivery, {**row, "event": event})
