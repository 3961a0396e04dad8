"""``groundswell live``: how every source is doing, as it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from commands.telling import Line, story
from domain.run import LIVE
from domain.source import SourceState, SourceStatus
from workers.house import House

LOOK_EVERY = 1.0  # seconds
YESTERDAY = timedelta(days=1)  # an incident raised before then is no news, however it goes on
TELL_EVERY = 10.0  # seconds between two tables where there is no terminal
_STYLES = {
    SourceState.LISTENING: "green",
    SourceState.WAITING: "yellow",
    SourceState.SPENT: "yellow",
    SourceState.STOPPED: "bold red",
}


def watch_sources(house: House, console: Console, seconds: float | None) -> bool:
    """Show the sources, and what is raised, until Ctrl-C or for so long; whether any post was heard."""
    watching = _Watching(house)
    ends = None if seconds is None else time.monotonic() + seconds
    try:
        if console.is_terminal:
            with Live(console=console, refresh_per_second=2, transient=False) as shown:
                watching.until(ends, shown.update, lambda line: console.print(line), LOOK_EVERY)
        else:
            watching.until(ends, console.print, console.print, TELL_EVERY)
    except KeyboardInterrupt:
        console.print("\nEnding every process …")
    return watching.heard


class _Watching:
    def __init__(self, house: House) -> None:
        self._house = house
        self._began = datetime.now(UTC)
        self._first = {status.name: status for status in house.source_statuses.statuses()}
        self._told: set[Line] = set()
        self.heard = False

    def until(
        self,
        ends: float | None,
        show: Callable[[Group], object],
        tell: Callable[[Text], object],
        every: float,
    ) -> None:
        shown_at = float("-inf")
        while ends is None or time.monotonic() < ends:
            for line in story(self._house.stores, LIVE, self._house.names, self._began - YESTERDAY):
                if line not in self._told and line.at >= self._began:
                    tell(line.text())
                self._told.add(line)
            if time.monotonic() - shown_at >= every:
                shown_at = time.monotonic()
                show(self._table(datetime.now(UTC)))
            time.sleep(min(LOOK_EVERY, every))
        show(self._table(datetime.now(UTC)))

    def _table(self, now: datetime) -> Group:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        table.add_column("source", no_wrap=True)
        table.add_column("state", no_wrap=True)
        for heading in ("posts", "mentions", "behind", "errors"):
            table.add_column(heading, justify="right", no_wrap=True)
        notes = []
        known = {status.name: status for status in self._house.source_statuses.statuses()}
        for name in self._house.sources:
            status = known.get(name)
            if status is None:
                table.add_row(name, Text("starting", "dim"), "", "", "", "")
                continue
            self._add(table, status, now)
            if status.state is not SourceState.LISTENING and status.last_error:
                notes.append(Text(f"  {name}: {status.last_error}", "yellow", overflow="fold"))
        head = Text(f"\n{now:%H:%M:%S}Z", "dim")
        return Group(head, table, *notes)

    def _add(self, table: Table, status: SourceStatus, now: datetime) -> None:
        first = self._first.get(status.name)
        posts = status.posts - (first.posts if first else 0)
        mentions = status.mentions - (first.mentions if first else 0)
        self.heard = self.heard or posts > 0
        state = Text("blind" if status.is_blind(now) else status.state.value)
        state.stylize("bold red" if status.is_blind(now) else _STYLES[status.state])
        table.add_row(
            status.name,
            state,
            f"{posts:,}",
            f"{mentions:,}",
            _behind(status.lag(now)),
            f"{status.errors:,}",
        )


def _behind(lag: timedelta | None) -> str:
    """How far behind, in the largest unit that says enough.

    >>> _behind(timedelta(seconds=3)), _behind(timedelta(minutes=90)), _behind(None)
    ('3 s', '90 min', '')
    """
    if lag is None:
        return ""
    seconds = int(lag.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60:,} min"
