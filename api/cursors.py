"""Cursors: where the next page of a list begins, in a form that nobody need understand."""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec


class BadCursor(ValueError):
    """Not a cursor of this list."""


class _Place(msgspec.Struct, array_like=True):
    after: str
    filters: str


def cursor_after(last: str, filters: str) -> str:
    """A cursor to what follows ``last`` in the list that ``filters`` describes."""
    body = msgspec.json.encode(_Place(last, _short(filters)))
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def place_in(cursor: str, filters: str) -> str:
    """The id after which the page begins. Raises ``BadCursor`` for one of another list.

    >>> place_in(cursor_after("inc_1", "service=zoom"), "service=zoom")
    'inc_1'
    """
    try:
        body = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(body, type=_Place)
    except (binascii.Error, ValueError) as error:
        raise BadCursor("not a cursor that this API gave; start again without one") from error
    if place.filters != _short(filters):
        raise BadCursor("this cursor belongs to other filters; keep them the same from page to page")
    return place.after


def _short(filters: str) -> str:
    return hashlib.sha256(filters.encode()).hexdigest()[:8]
