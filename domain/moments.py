"""Minutes and hours as whole numbers since 1970, and the way back to a time in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTES_PER_HOUR = 60
MINUTES_PER_MONTH = 30 * 24 * MINUTES_PER_HOUR  # the month of a budget: 30 days


def minute_of(at: datetime) -> int:
    """The minute in which ``at`` lies, counted since 1970-01-01T00:00Z.

    >>> minute_of(datetime(1970, 1, 1, 1, 2, 59, tzinfo=UTC))
    62
    """
    return int((at - _EPOCH) // timedelta(minutes=1))


def start_of_minute(minute: int) -> datetime:
    """The instant at which a minute begins, in UTC.

    >>> start_of_minute(62).isoformat()
    '1970-01-01T01:02:00+00:00'
    """
    return _EPOCH + timedelta(minutes=minute)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, rounded down.

    >>> milliseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000
    """
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(value: int) -> datetime:
    """The instant ``value`` milliseconds after 1970, in UTC."""
    return _EPOCH + timedelta(milliseconds=value)
