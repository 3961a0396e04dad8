"""Which trouble on a page is which event that we know: ids and times may both change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import msgspec

from domain.notice import OfficialNotice, OfficialState
from ingest.dashboards.telling import Said, Telling

AT = "@"  # begins what stands in for an id, in the name of an event that has none

_NEVER = datetime.max.replace(tzinfo=UTC)


class Event(msgspec.Struct, frozen=True):
    """One trouble of one service, as its notices keep it.

    ``page_id`` is the page's own id for it when it was first seen. ``over_at`` is when it was first seen to
    be over, if it is.
    """

    name: str
    page_id: str | None
    first_seen: datetime
    over_at: datetime | None
    last: OfficialNotice

    @property
    def said(self) -> Said:
        return self.last.state, self.last.claimed_at, self.last.claimed_end_at, self.last.text

    def span(self) -> tuple[datetime, datetime]:
        """When it was, as far as we know."""
        start = self.last.claimed_at or self.first_seen
        return start, max(start, self.last.claimed_end_at or self.over_at or _NEVER)


def events_of(notices: Iterable[OfficialNotice], prefix: str) -> dict[str, Event]:
    """The events by name whose name begins so, from all their notices in any order."""
    events: dict[str, Event] = {}
    for notice in sorted(notices, key=_by_event):
        if not notice.event.startswith(prefix):
            continue
        event, id_ = events.get(notice.event), notice.event.removeprefix(prefix)
        over_at = None
        if notice.state is OfficialState.WELL:
            over_at = (event and event.over_at) or notice.seen_at
        events[notice.event] = Event(
            name=notice.event,
            page_id=None if id_.startswith(AT) else id_,
            first_seen=event.first_seen if event else notice.seen_at,
            over_at=over_at,
            last=notice,
        )
    return events


def paired(
    events: Sequence[Event], tellings: Sequence[Telling], now: datetime, *, ids_last: bool
) -> dict[Telling, Event]:
    """The event of each telling that has one; no event has two.

    An event is known by its id, else by saying the very same. What then remains on both sides has another id
    than at first, another start, or both: it is known by the time that both share, the nearest start first.
    Where ``ids_last``, two ids are never one event.
    """
    by_id = {event.page_id: event for event in events if event.page_id is not None}
    found = {telling: by_id[telling.id] for telling in tellings if telling.id in by_id}
    taken = {event.name for event in found.values()}
    free = [event for event in events if event.name not in taken]
    rest = [telling for telling in tellings if telling not in found]
    for telling, event in _likely(rest, free, now, ids_last=ids_last):
        if telling not in found and event.name not in taken:
            found[telling] = event
            taken.add(event.name)
    return found


def _likely(
    tellings: Sequence[Telling], events: Sequence[Event], now: datetime, *, ids_last: bool
) -> list[tuple[Telling, Event]]:
    """The pairs that may be one trouble, the likeliest first."""
    pairs = []
    for (number, telling), (order, event) in product(enumerate(tellings), enumerate(events)):
        if ids_last and telling.id is not None and event.page_id is not None:
            continue
        start, end = _span(telling, now)
        since, until = event.span()
        same = event.said == telling.said
        if same or (since <= end and start <= until):
            apart = timedelta() if same else abs(since - start)
            # What goes on is likelier than what is over, and what was heard of lately than what was long ago.
            pairs.append(
                (not same, apart, event.over_at is not None, now - event.last.seen_at, order, number)
            )
    return [(tellings[number], events[order]) for *_, order, number in sorted(pairs)]


def _span(telling: Telling, now: datetime) -> tuple[datetime, datetime]:
    """When a trouble was, by what the page says of it."""
    start = telling.started_at or now
    return start, max(start, telling.ended_at or (now if telling.over else _NEVER))


def _by_event(notice: OfficialNotice) -> tuple[str, datetime, bool]:
    """By event, then as they were seen; what is over at first sight has two at once, WELL last."""
    return notice.event, notice.seen_at, notice.state is OfficialState.WELL
