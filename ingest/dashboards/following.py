"""What is new in what a dashboard says of one service: its claims, turned into official notices.

A dashboard shows only how things stand, and rewrites its own past: it sets a start back, gives a trouble
another id once it is over, adds an end days later. What was first seen, and every change since, is kept by
the notices of one event.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from domain.notice import OfficialNotice, OfficialState
from ingest.dashboard import LeftOut
from ingest.dashboards.pairing import AT, Event, events_of, paired
from ingest.dashboards.telling import Heard, Telling, tellings

GONE = "no longer on the page"  # our words; every other text is the page's

# A page that was seen so lately has been watched: what it then tells for the first time, it tells only now.
LAPSE = timedelta(minutes=10)

# A page lists months of what is over. What was over for so long at first sight is history, and no notice.
OLD_NEWS = timedelta(days=7)


class Sight(msgspec.Struct, frozen=True):
    """What is looked at, and when: one service, on a page of a kind, in a run.

    ``ids_last``: whether a trouble keeps its id on pages of that kind.
    """

    run: str
    kind: str
    service: str
    page: str
    at: datetime
    ids_last: bool

    @property
    def prefix(self) -> str:
        """How the names of this service's events begin."""
        return f"{self.kind}:{self.service}:"


def statements(sight: Sight, heard: Sequence[Heard], known: Iterable[OfficialNotice]) -> list[OfficialNotice]:
    """The notices that are new, given all that are known of the service; ``heard`` in the page's own order.

    An event is first seen once, whatever becomes of its id and its times. Each change of its state, start,
    end or text is a further notice; a look that finds no change gives none.
    """
    own = [notice for notice in known if (notice.run, notice.service) == (sight.run, sight.service)]
    events = events_of(own, sight.prefix)
    told = tellings(heard)
    pairs = paired([*events.values()], told, sight.at, ids_last=sight.ids_last)
    new: list[OfficialNotice] = []
    for telling in told:
        event = pairs.get(telling)
        if event is None:
            new += _first_sight(sight, telling, {*events, *(notice.event for notice in new)})
        elif event.said != telling.said:
            new.append(_notice(sight, telling, telling.state, event.name))
    unsaid = events.keys() - {event.name for event in pairs.values()}
    gone = _gone([events[name] for name in sorted(unsaid)], heard, sight)
    return new + [_farewell(sight, event) for event in gone]


def _first_sight(sight: Sight, telling: Telling, taken: Collection[str]) -> Iterator[OfficialNotice]:
    name = _new_name(sight, telling, taken)
    if not telling.over:
        yield _notice(sight, telling, telling.state, name)
        return
    if sight.at - (telling.ended_at or telling.started_at or sight.at) > OLD_NEWS:
        return
    if _was_silent(telling, sight.at):
        state = OfficialState.MAINTENANCE if telling.planned else OfficialState.TROUBLE
        yield _notice(sight, telling, state, name, after_the_fact=True)
    # Else the page may have said so in time, to others: then all that we can tell is that it is over.
    yield _notice(sight, telling, OfficialState.WELL, name)


def _was_silent(telling: Telling, now: datetime) -> bool:
    """Whether we saw the page say nothing of it when there was something to say."""
    if telling.silent_at is None:
        return False
    began = telling.started_at is not None and telling.started_at <= telling.silent_at
    return began or now - telling.silent_at <= LAPSE


def _gone(events: Sequence[Event], heard: Sequence[Heard], sight: Sight) -> Iterator[Event]:
    """Of the events that no address speaks of, those that went on, and that the page has really dropped.

    That takes a look at every address of the page, or at one that spoke of the event at the look before. An
    entry that could not be understood may still speak of it.
    """
    complete = all(one.reading is not None for one in heard) and any(one.fresh for one in heard)
    before = [Heard(one.before) for one in heard if one.fresh]
    told_before = set(paired(events, tellings(before), sight.at, ids_last=sight.ids_last).values())
    left_out = [out for one in heard if one.reading for out in one.reading.left_out]
    for event in events:
        dropped = complete or event in told_before
        if event.over_at is None and dropped and not any(_may_be(out, event) for out in left_out):
            yield event


def _may_be(entry: LeftOut, event: Event) -> bool:
    """Whether an entry that could not be understood may be about an event.

    Another id tells that it is not. But it tells nothing of an event without an id, nor where components have
    entries of their own: those are Apple's, whose ids change.
    """
    return entry.component is not None or entry.id is None or event.page_id in (None, entry.id)


def _farewell(sight: Sight, event: Event) -> OfficialNotice:
    return OfficialNotice(
        run=sight.run,
        service=sight.service,
        state=OfficialState.WELL,
        seen_at=sight.at,
        text=GONE,
        claimed_at=event.last.claimed_at,
        url=event.last.url,
        event=event.name,
    )


def _notice(
    sight: Sight, telling: Telling, state: OfficialState, name: str, *, after_the_fact: bool = False
) -> OfficialNotice:
    return OfficialNotice(
        run=sight.run,
        service=sight.service,
        state=state,
        seen_at=sight.at,
        text=telling.text,
        claimed_at=telling.started_at,
        url=telling.url or sight.page,
        event=name,
        claimed_end_at=telling.ended_at,
        after_the_fact=after_the_fact,
    )


def _new_name(sight: Sight, telling: Telling, taken: Collection[str]) -> str:
    """A name for an event that is seen for the first time: it outlives the page's own id.

    It is made of that id, or else of the start, or else of the time of this look.
    """
    start = (telling.started_at or sight.at).isoformat().replace("+00:00", "Z")
    name = sight.prefix + (telling.id or AT + start)
    again = (f"{name}#{number}" for number in itertools.count(2))
    return name if name not in taken else next(one for one in again if one not in taken)
