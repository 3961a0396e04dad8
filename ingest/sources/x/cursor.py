"""Where a reader of X stands: the ids of posts hold their time, so a time is a place."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import msgspec

log = logging.getLogger(__name__)

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)  # from when X counts the milliseconds in its ids
_LOW_BITS = 22  # below the milliseconds: the machine, and a number
_MILLISECOND = timedelta(milliseconds=1)
_LARGEST = (1 << 63) - 1


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every post with an id below ``since`` has been brought.

    In search, one round through all queries may take several polls: of the round that ``began`` then,
    ``done`` queries of those with the digest ``of`` are over.
    """

    since: int
    began: datetime | None = None
    done: int = 0
    of: str = ""

    @classmethod
    def at(cls, time: datetime) -> Cursor:
        """The place before every post of this time, and after every older one."""
        return cls(id_at(time))

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """A cursor from its text; ``None`` when there is none, or none of ours."""
        if text is None:
            return None
        if text.isascii() and text.isdigit():
            return cls(min(int(text[:20]), _LARGEST))
        try:
            return _decode(text)
        except msgspec.DecodeError:
            log.warning("%.100r is no cursor of X; it is read from now on", text)
            return None

    def __str__(self) -> str:
        return str(self.since) if self.began is None else _encode(self).decode()


_decode = msgspec.json.Decoder(Cursor).decode
_encode = msgspec.json.Encoder().encode


def id_at(time: datetime) -> int:
    """The smallest id that a post of this time can have.

    >>> time_of(id_at(datetime(2026, 11, 18, 20, 3, tzinfo=UTC))).isoformat()
    '2026-11-18T20:03:00+00:00'
    """
    return max((time - _EPOCH) // _MILLISECOND, 0) << _LOW_BITS


def time_of(post: int) -> datetime:
    """When a post with this id was written, to the millisecond.

    >>> time_of(1050118621198921728).isoformat()
    '2018-10-10T20:19:24.211000+00:00'
    """
    return _EPOCH + (post >> _LOW_BITS) * _MILLISECOND
