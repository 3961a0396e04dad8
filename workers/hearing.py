"""Which live minutes may close, and in which of them a source was not heard: pure arithmetic.

A source that is behind makes silence mean nothing. A minute waits for it, but not for ever: a large outage is
raised from minutes that are still open, and a smaller one should not wait because one source is away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from domain.moments import milliseconds, start_of_minute
from domain.source import Gap

HOLD = 5 * 60_000  # milliseconds for which a minute waits for a source that is behind
GONE = 6 * 3_600_000  # milliseconds after which a source that says nothing is taken to be gone for good
LATE = "its posts came too late to be counted, or not at all"
_MINUTE = 60_000


def closable_until(now: int, grace: int, heard: Mapping[str, int], began: int = 0) -> int:
    """The time (milliseconds) before which minutes may close: the clock less ``grace``, or a slower source.

    ``heard`` says until when each source was heard. One that is more than ``HOLD`` behind is waited for
    no longer; but after a start (``began``) every reader has that long to catch up with what it missed.

    >>> closable_until(1_000_000, 20_000, {"bluesky": 990_000, "x": 950_000, "mastodon": 1})
    950000
    """
    awaited = (at for at in heard.values() if now - max(at, began) <= HOLD)
    return min(now - grace, *awaited, now)


def behind(minute: int, heard: Mapping[str, int]) -> list[str]:
    """The sources that were not heard to the end of a minute when it closed, save those long gone by then."""
    end = (minute + 1) * _MINUTE
    return sorted(source for source, at in heard.items() if at < end <= at + GONE)


def within(minute: int, gaps: Iterable[Gap]) -> bool:
    """Whether a gap reaches into a minute."""
    start, end = minute * _MINUTE, (minute + 1) * _MINUTE
    return any(milliseconds(gap.since) < end and milliseconds(gap.until) > start for gap in gaps)


def late_gaps(minutes: Collection[int], heard: Mapping[str, int]) -> Iterator[Gap]:
    """The gap of each source in successive minutes that closed without it."""
    for source, at in sorted(heard.items()):
        missed = [minute for minute in minutes if source in behind(minute, {source: at})]
        if missed:
            yield Gap(source, start_of_minute(min(missed)), start_of_minute(max(missed) + 1), LATE)
