"""How far the timelines of one instance have been read, and the cursor that says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

# A status from elsewhere gets an id by the time at which it was written: one that was long on its way comes
# after others with a higher id. So reading goes on from the highest id of two minutes ago, and leaves out
# what was given since.
LATE = timedelta(minutes=2)
MOST_GIVEN = 1_000  # ids kept for one timeline; 20 kB of cursor

NOTHING = "0"  # the place at the start of a timeline without any status


def rank(status_id: str) -> tuple[int, str]:
    """What to sort ids by, the oldest first: numbers that grow, or text of one length (ULIDs, flakes).

    >>> sorted(["100", "99"], key=rank)
    ['99', '100']
    """
    return len(status_id), status_id


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place as the cursor keeps it."""

    after: str
    given: tuple[str, ...] = ()
    heard: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Place:
    """How far one timeline has been read.

    Every status up to the id ``after`` has been given, or come too late; ``given`` are those after it. All
    that was public before ``heard`` has been given. ``after`` is ``None`` where reading has not begun.
    """

    def __init__(
        self, after: str | None = None, given: Iterable[str] = (), heard: datetime | None = None
    ) -> None:
        self.after = after
        self.heard = heard
        self._given: dict[str, datetime | None] = dict.fromkeys(given)  # and when, if it was lately

    @property
    def given(self) -> tuple[str, ...]:
        return tuple(self._given)

    def give(self, status_id: str, at: datetime) -> None:
        """A status was given, or may not be: either way it need not come again."""
        self._given.pop(status_id, None)
        self._given[status_id] = at

    def forget(self, status_id: str) -> None:
        """The instance has this status no longer."""
        self._given.pop(status_id, None)

    def jump(self, after: str) -> None:
        """Whatever was not given up to here never will be."""
        if self.after is None or rank(after) > rank(self.after):
            self.after = after

    def hear(self, until: datetime) -> None:
        if self.heard is None or until > self.heard:
            self.heard = until

    def kept(self, now: datetime) -> _Kept | None:
        """This place for the cursor; what was given long ago is left to ``after``."""
        if self.after is None:
            return None
        for status_id, at in list(self._given.items()):
            if at is None:
                self._given[status_id] = now
            elif len(self._given) > MOST_GIVEN or (now - at > LATE and len(self._given) > 1):
                del self._given[status_id]
                self.jump(status_id)
            else:
                break
        above = tuple(each for each in self._given if rank(each) > rank(self.after))
        return _Kept(self.after, above, self.heard)


def cursor_of(places: dict[str, Place], now: datetime) -> str | None:
    """Where to go on: JSON with a place for each timeline; ``None`` before the first of them is known."""
    kept = {timeline: place.kept(now) for timeline, place in places.items()}
    begun = {timeline: place for timeline, place in kept.items() if place is not None}
    return msgspec.json.encode(begun).decode() if begun else None


def places_at(cursor: str | None, timelines: Iterable[str]) -> dict[str, Place]:
    """The place of each timeline; one that the cursor does not know begins now. Raises ``ValueError``."""
    try:
        kept = {} if cursor is None else msgspec.json.decode(cursor, type=dict[str, _Kept])
    except msgspec.MsgspecError as error:
        raise ValueError(f"the cursor is none of this source's ({error})") from None
    return {
        timeline: Place(found.after, found.given, found.heard) if (found := kept.get(timeline)) else Place()
        for timeline in timelines
    }
