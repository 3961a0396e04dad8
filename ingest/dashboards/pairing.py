"""Which trouble on a page is which event that we know: ids and times may both change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from domain.notice import OfficialNotice, OfficialState
from ingest.dashboards.telling import Said, Telling

_NEVER = datetime.max.replace(tzinfo=UTC)


class Event(msgspec.Struct, frozen=True):
    """One trouble of one service, as its notices keep it.

    ``page_id`` is the page's own id for it when it was first seen, or what stood in for one. ``over_at`` is
    when it was first seen to be over, if it is.
    """

    name: str
    page_id: str
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
    for notice in sorted(notices, key=_seen):
        if not notice.event.startswith(prefix):
            continue
        event = events.get(notice.event)
        over_at = None
        if notice.state is OfficialState.WELL:
            over_at = (event and event.over_at) or notice.seen_at
        events[notice.event] = Event(
            name=notice.event,
            page_id=notice.event.removeprefix(prefix),
            first_seen=event.first_seen if event else notice.seen_at,
            over_at=over_at,
            last=notice,
        )
    return events


def paired(events: Iterable[Event], tellings: Sequence[Telling], now: datetime) -> dict[Telling, Event]:
    """The event of each telling that has one; no event has two.

    An event is known by its id, else by saying the very same. What then remains on both sides has another id
    than at first, another start, or both: it is known by the time that both share, the nearest start first.
    """
    free = {event.name: event for event in events}
    found: dict[Telling, Event] = {}
    for of_event, of_telling in _SIGNS:
        likely: dict[object, list[Event]] = {}
        for event in sorted(free.values(), key=_how_lately):
            likely.setdefault(of_event(event), []).append(event)
        for telling in tellings:
            same = [] if telling in found else likely.get(of_telling(telling), [])
            if same:
                found[telling] = free.pop(same.pop().name)
    for name, telling in _sharing_time(free, [one for one in tellings if one not in found], now):
        if name in free and telling not in found:
            found[telling] = free.pop(name)
    return found


def _sharing_time(
    events: Mapping[str, Event], tellings: Sequence[Telling], now: datetime
) -> Iterator[tuple[str, Telling]]:
    """Every event with every telling that lies in its time: the nearest starts first."""
    likely = []
    for number, telling in enumerate(tellings):
        start = telling.started_at or now
        end = max(start, telling.ended_at or (now if telling.over else _NEVER))
        for event in events.values():
            since, until = event.span()
            if since <= end and start <= until:
                likely.append((abs(since - start), event.over_at is not None, event.name, number))
    for _, _, name, number in sorted(likely):
        yield name, tellings[number]


def _how_lately(event: Event) -> tuple[bool, datetime, str]:
    """What goes on is likelier than what is over, and what was heard of lately than what was long ago."""
    return event.over_at is None, event.last.seen_at, event.name


def _seen(notice: OfficialNotice) -> tuple[datetime, bool]:
    """What is over at first sight has two notices of that moment, the first of which is of the trouble."""
    return notice.seen_at, notice.state is OfficialState.WELL


# By what an event is known, the surest first. A telling without such a sign has an object of its own there,
# which is like nothing else.
_SIGNS: tuple[tuple[Callable[[Event], object], Callable[[Telling], object]], ...] = (
    (lambda event: event.page_id, lambda telling: telling.id or object()),
    (lambda event: event.said, lambda telling: telling.said),
)
