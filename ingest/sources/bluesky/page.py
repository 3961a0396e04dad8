"""A page in the making: events of Jetstream, each once, in the order of their last word."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from domain.post import Post
from ingest.source import Missed, Page
from ingest.sources.bluesky.events import SOURCE, Event, EventRefused, read_event, time_of

MOST = 500  # posts, deletions and unreadable messages of one page
REWIND = 5_000_000  # microseconds that are read again after each connection
FAR = 20_000_000  # microseconds; the stamps of hosts differ by less, and no pause of the network is so long

_REMEMBERED = 100_000  # events; twenty minutes and more, where the rewind needs five seconds
_SAMPLE, _SMALLEST_SAMPLE = 100, 20  # posts by which the delay of a host is judged


class Memory:
    """The keys of events that were given lately."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._keys: dict[int, None] = {}  # in the order in which they were given
        self._most = most

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def keep(self, keys: Iterable[int]) -> None:
        """Remember these, and forget the oldest for it."""
        self._keys.update(dict.fromkeys(keys))
        for key in list(islice(self._keys, max(len(self._keys) - self._most, 0))):
            del self._keys[key]


class Delay:
    """How far a host is behind the world, by the clocks of those who write.

    A host stamps an event when it gets it. One that has fallen behind, or its relay, gives every post late
    and calls it new. The median of the latest posts tells: a few wrong clocks move it little.

    >>> delay = Delay()
    >>> for _ in range(30):
    ...     delay.learn(timedelta(seconds=90))
    >>> delay.usual
    datetime.timedelta(seconds=90)
    """

    def __init__(self) -> None:
        self._latest: deque[timedelta] = deque(maxlen=_SAMPLE)

    def learn(self, delay: timedelta) -> None:
        self._latest.append(delay)

    @property
    def usual(self) -> timedelta:
        if len(self._latest) < _SMALLEST_SAMPLE:
            return timedelta()
        return max(sorted(self._latest)[len(self._latest) // 2], timedelta())


class Progress:
    """What one source has brought so far, over all of its connections.

    ``heard``: all that was public before this time (microseconds) was brought. It is the cursor as well.
    """

    def __init__(self, heard: int | None = None) -> None:
        self.heard = heard
        self.given = Memory()
        self.delay = Delay()


class PageInTheMaking:
    """Events that are being gathered; nothing of them is remembered before ``brought`` is called.

    ``asked`` is the time (microseconds) since when this connection was asked for events, if it was.
    ``resumed``: its first event is still to come, and decides whether anything is missing before it.
    """

    def __init__(
        self, progress: Progress, now: int, langs: frozenset[str], *, asked: int | None, resumed: bool
    ) -> None:
        self._progress = progress
        self._now = now
        self._langs = langs
        self._asked = asked or 0
        self._since = progress.heard
        self._behind = progress.delay.usual
        self._until = 0  # the latest time of an event
        self._keys: dict[int, None] = {}
        self._posts: dict[str, Post] = {}
        self._withdrawn: dict[str, None] = {}
        self._unreadable: list[str] = []
        self._missed: Missed | None = None
        self.awaits_first = resumed

    @property
    def is_empty(self) -> bool:
        return not self._until and not self._unreadable

    @property
    def is_full(self) -> bool:
        return len(self._posts) + len(self._withdrawn) + len(self._unreadable) >= MOST

    def take(self, raw: bytes) -> None:
        """Add what a message says."""
        try:
            event = read_event(raw, now=self._now, behind=self._behind, langs=self._langs)
        except EventRefused as refused:
            self._unreadable.append(str(refused))
            return
        if self.awaits_first and self._since is not None:
            self._missed = _missed(self._since, event.at)
        self.awaits_first = False
        if event.at < self._asked:
            return  # some servers begin up to an hour early, with what was brought long ago
        self._until = max(self._until, event.at)
        if event.id is not None and not self._is_known(event):
            self._apply(event, event.id)

    def page(self) -> Page:
        """All of it, as the contract wants it."""
        heard = self._heard()
        is_news = heard is not None and heard != self._progress.heard
        return Page(
            posts=tuple(self._posts.values()),
            cursor=str(heard) if heard is not None and is_news else None,
            heard_until=time_of(heard) if heard is not None and is_news else None,
            withdrawn=tuple((SOURCE, post_id) for post_id in self._withdrawn),
            missed=self._missed,
            unreadable=tuple(self._unreadable),
        )

    def brought(self) -> None:
        """The page has been handed over: none of it needs to come again."""
        self._progress.heard = self._heard()
        self._progress.given.keep(self._keys)

    def _heard(self) -> int | None:
        """Until when all has been heard: the last event's time, less what the host is behind.

        It never goes back. Servers may mix up events a little where they turn from old ones to new ones.
        """
        if not self._until:
            return self._progress.heard
        heard = self._until - self._progress.delay.usual // timedelta(microseconds=1)
        return max(heard, self._progress.heard or 0)

    def _is_known(self, event: Event) -> bool:
        if event.key in self._keys or event.key in self._progress.given:
            return True
        self._keys[event.key] = None
        return False

    def _apply(self, event: Event, post_id: str) -> None:
        """The last word counts: withdrawals of a page are done before its posts are added."""
        if event.withdrawn:
            self._withdrawn[post_id] = None
            self._posts.pop(post_id, None)
        if event.post is not None:
            self._posts[post_id] = event.post
        if event.delay is not None:
            self._progress.delay.learn(event.delay)


def _missed(since: int, first: int) -> Missed | None:
    """What lies between the place where we left off and the first event since, if it is more than a pause.

    Whoever asks for what it has already gets the last of that again. A host that begins far behind it has
    the rest no more: servers keep 36 hours, and take an older cursor for their oldest event, silently. A
    quiet moment ends with the last event before it all the same, and another host's stamps differ by seconds.
    """
    if first <= since + FAR:
        return None
    return Missed(time_of(since), time_of(first), "the host keeps no posts from so long ago")
