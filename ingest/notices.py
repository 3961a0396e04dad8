"""Official notices from a file of JSON lines: what a dashboard said about a replayed day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from domain.notice import OfficialNotice, OfficialState
from ingest.faults import LONGEST_LINE, refuse, refuse_undecoded
from ingest.lines import open_recording

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _Line(msgspec.Struct):
    """One line of a file of notices. Unknown fields are ignored; null is as good as absent."""

    service: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    state: OfficialState
    seen_at: _Time
    claimed_at: _Time | None = None
    text: Annotated[str, msgspec.Meta(max_length=100_000)] | None = None
    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


def read_notices(path: str | Path, run: str) -> list[OfficialNotice]:
    """The notices of a file, as ones of ``run``, the earliest seen first.

    Such a file is short and written by hand, so the first bad line ends the reading: ``RecordingError``.
    """
    with open_recording(path) as lines:
        numbered = enumerate(lines, start=1)
        notices = [_notice(number, raw, run) for number, raw in numbered if raw.strip()]
    return sorted(notices, key=lambda notice: notice.seen_at)


def _notice(number: int, raw: bytes, run: str) -> OfficialNotice:
    if len(raw) > LONGEST_LINE:
        raise refuse(number, None, f"is longer than {LONGEST_LINE:,} bytes")
    try:
        line = msgspec.json.decode(raw, type=_Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refuse_undecoded(number, raw, error) from None
    return OfficialNotice(
        run=run,
        service=line.service,
        state=line.state,
        seen_at=_in_utc(number, "seen_at", line.seen_at),
        text=line.text or "",
        claimed_at=None if line.claimed_at is None else _in_utc(number, "claimed_at", line.claimed_at),
        url=line.url or None,
    )


def _in_utc(number: int, field: str, at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise refuse(number, field, "lies outside the calendar") from None
