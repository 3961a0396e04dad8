"""The days and months for which X is paid: those of UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta


def next_day(now: datetime) -> datetime:
    """The midnight that ends this day.

    >>> next_day(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)).isoformat()
    '2027-01-01T00:00:00+00:00'
    """
    return datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def next_month(now: datetime) -> datetime:
    """The midnight that ends this month.

    >>> next_month(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)).isoformat()
    '2027-01-01T00:00:00+00:00'
    """
    return datetime.combine((now.date().replace(day=28) + timedelta(days=4)).replace(day=1), time(), UTC)


def is_near_midnight(now: datetime) -> bool:
    """Whether X's clock and ours may disagree about which day it is.

    >>> is_near_midnight(datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC))
    True
    """
    return now.date() != (now + _APART).date() or now.date() != (now - _APART).date()


_APART = timedelta(minutes=1)
