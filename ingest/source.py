"""What a source of posts is: the contract that every file of ``ingest/sources/`` fulfils."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Protocol

import msgspec

from domain.post import Post
from domain.service import Service
from domain.spending import Spent
from ingest.options import Options

PostId = tuple[str, str]  # a post's source and id


class Missed(msgspec.Struct, frozen=True):
    """A span of time whose posts cannot be had any more, and why. ``since`` <= time < ``until``."""

    since: datetime
    until: datetime
    why: str


class Page(msgspec.Struct, frozen=True):
    """What a source brings at once. All of it may be empty: a page is also a sign of life.

    ``cursor`` is where to go on after this page (``None``: where it was). ``heard_until``: all that was
    public before then has been brought (``None``: nothing new is known). ``withdrawn`` are posts that their
    authors deleted; an edited post is withdrawn and brought again in one page. ``unreadable`` has a
    sentence for each message that could not be understood.
    """

    posts: tuple[Post, ...] = ()
    cursor: str | None = None
    heard_until: datetime | None = None
    withdrawn: tuple[PostId, ...] = ()
    missed: Missed | None = None
    unreadable: tuple[str, ...] = ()


class SourceFailed(Exception):
    """The source cannot be read just now; coming again later may help. The text says why."""


class RateLimited(SourceFailed):
    """The source asks not to be asked again before ``until``."""

    def __init__(self, why: str, until: datetime) -> None:
        super().__init__(why)
        self.until = until


class BudgetSpent(SourceFailed):
    """Reading on would cost more than the operator allows, until ``until``."""

    def __init__(self, why: str, until: datetime) -> None:
        super().__init__(why)
        self.until = until


class SourceRefused(SourceFailed):
    """The source refuses us, and only the operator can help. The text names the setting, and the mend."""


class Purse(Protocol):
    """What reading has cost so far; it outlives every process."""

    def spent(self, source: str, since: date) -> Spent:
        """All that was spent on a source on that day (UTC) and after it."""

    def spend(self, source: str, day: date, cost: Spent) -> None: ...


def wall_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """What a source may ask of the house around it. ``services`` is the catalogue."""

    services: Sequence[Service]
    purse: Purse
    clock: Callable[[], datetime] = wall_clock


class Source(Protocol):
    """One place that posts come from, read by one reader at a time.

    ``name`` is the reader's: "bluesky", "mastodon:mastodon.social". Posts may carry a shorter one, so
    that a post which two readers bring is known to be one. ``every`` is how many seconds lie between two
    readings of a source that is polled, and ``None`` for a stream, which a process of its own listens to.
    """

    name: str
    every: float | None

    def pages(self, cursor: str | None) -> Generator[Page]:
        """What there is since ``cursor`` (``None``: from now on), page by page.

        A poll ends when it has caught up; a stream goes on, gives a page every second or two whatever
        happens, and raises ``SourceFailed`` within 30 seconds of falling silent. It never sleeps to
        wait out a failure and never reconnects by itself: it raises, and whoever reads it comes again.
        Nothing counts as brought before the next page is asked for.
        """

    def close(self) -> None:
        """End ``pages`` within two seconds; called from another thread, or not at all."""


class SourceKind(Protocol):
    """A class of sources, as ``ingest/registry.py`` lists it.

    ``about`` says in one sentence what it hears. ``needs`` is the environment variable without which
    nothing is configured, ``None`` where nothing is needed.
    """

    Options: ClassVar[type[Options]]
    about: ClassVar[str]
    needs: ClassVar[str | None]

    # Each kind takes its own class of options, which no common signature can say: hence Any.
    @classmethod
    def configured(cls, options: Any, around: Surroundings) -> Sequence[Source]:
        """The sources that ``Options`` ask for: none where what is needed is not set.

        Raises ``ValueError`` with a sentence that names the setting, when the options do not hold together.
        """
