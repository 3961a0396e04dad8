"""A source: where posts come from; how its reader is doing, and when it could not hear."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

BLIND_AFTER = timedelta(minutes=2)


class SourceState(StrEnum):
    """What the reader of a source is about."""

    LISTENING = "listening"
    WAITING = "waiting"  # the source failed; the reader comes again by itself
    SPENT = "spent"  # the budget of this source is used up until a known time
    STOPPED = "stopped"  # only the operator can help


class SourceStatus(msgspec.Struct, frozen=True):
    """How one source is doing.

    ``posts``, ``mentions``, ``errors`` and ``unreadable`` count from the first start on; an error is a
    failure of the source or of its reader, an unreadable message one that could not be understood.
    ``heard_until``: all that was public before then has been brought. ``written_at`` is the latest
    post's time. ``failures`` counts those in a row; ``again_at`` is when the source will be read again, where
    that is known. ``reader`` names the process; ``every`` is the seconds between two polls of it.
    """

    name: str
    state: SourceState
    at: datetime  # when this was said
    posts: int = 0
    mentions: int = 0
    errors: int = 0
    failures: int = 0
    unreadable: int = 0
    cursor: str | None = None
    heard_until: datetime | None = None
    written_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    again_at: datetime | None = None
    reader: str | None = None
    every: float | None = None

    def lag(self, now: datetime) -> timedelta | None:
        """How far behind the present it has been heard; ``None`` for one that says nothing of the present."""
        return None if self.heard_until is None else max(now - self.heard_until, timedelta())

    def is_blind(self, now: datetime) -> bool:
        """Whether silence of this source means nothing just now."""
        lag = self.lag(now)
        if lag is None:
            return self.state is not SourceState.LISTENING
        return lag > BLIND_AFTER + timedelta(seconds=self.every or 0)


class Gap(msgspec.Struct, frozen=True):
    """A span of time in which a source could not be heard, and what was missed cannot be had any more.

    ``since`` <= a post's time < ``until``.
    """

    source: str
    since: datetime
    until: datetime
    why: str
