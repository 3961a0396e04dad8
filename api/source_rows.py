"""How the sources are doing, in words for the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.wording import clock, count, span
from domain.source import SourceState, SourceStatus

_WORST_FIRST = ("blind", "ailing", "heard")
_IN_WORDS = {
    SourceState.LISTENING: "listening",
    SourceState.WAITING: "failed, comes again",
    SourceState.SPENT: "budget spent",
    SourceState.STOPPED: "stopped, needs you",
}


@dataclass(frozen=True)
class SourceRow:
    """One source: its state in words, and the detail that helps."""

    name: str
    state: str
    health: str  # heard, ailing or blind
    figures: str
    behind: str
    note: str


def rows_of(statuses: Iterable[SourceStatus], now: datetime) -> list[SourceRow]:
    """A row for each source, those that are in the worst state first."""
    rows = [_row(status, now) for status in statuses]
    return sorted(rows, key=lambda row: (_WORST_FIRST.index(row.health), row.name))


def blind_warnings(statuses: Iterable[SourceStatus], now: datetime) -> list[str]:
    """A sentence for each source that is not heard: its silence is no calm."""
    return [_warning(status) for status in statuses if status.is_blind(now)]


def _row(status: SourceStatus, now: datetime) -> SourceRow:
    blind = status.is_blind(now)
    lag = status.lag(now)
    return SourceRow(
        name=status.name,
        state=f"blind: {_IN_WORDS[status.state]}" if blind else _IN_WORDS[status.state],
        health="blind" if blind else "heard" if status.state is SourceState.LISTENING else "ailing",
        figures=f"{count(status.posts, 'post')}, {count(status.mentions, 'mention')}",
        behind="" if lag is None else _behind(lag),
        note=_note(status),
    )


def _behind(lag: timedelta) -> str:
    seconds = int(lag.total_seconds())
    return f"{seconds} s behind" if seconds < 60 else f"{span(lag)} behind"


def _note(status: SourceStatus) -> str:
    parts = []
    if status.state is not SourceState.LISTENING and status.last_error:
        parts.append(status.last_error)
    if status.state in (SourceState.WAITING, SourceState.SPENT) and status.again_at:
        parts.append(f"again at {clock(status.again_at)}")
    if status.unreadable:
        parts.append(f"{count(status.unreadable, 'message')} could not be understood")
    return "; ".join(parts)


def _warning(status: SourceStatus) -> str:
    since = f" since {clock(status.heard_until)} UTC" if status.heard_until else " yet"
    why = f" ({status.last_error})" if status.last_error else ""
    return f"{status.name} has not been heard{since}{why}: few complaints mean nothing."
