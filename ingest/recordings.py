"""A recording: posts as JSON lines, read one by one. ``docs/recordings.md`` has the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from domain.post import Post
from ingest.faults import (
    LONGEST_LINE,
    BadLine,
    LineRefused,
    RecordingError,
    refuse,
    refuse_undecoded,
    refuse_unstorable,
    shown,
)
from ingest.lines import RecordingCut, open_recording

# A reader of recordings needs these names together, whichever file they are defined in.
__all__ = ["BadLine", "LineRefused", "RecordingError", "open_recording", "parse_line", "read_posts"]

LONGEST_ID = 200  # characters
LONGEST_TEXT = 100_000
FIRST_YEAR, LAST_YEAR = 1970, 2100

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)] | int
_OptionalId = Annotated[str, msgspec.Meta(max_length=LONGEST_ID)] | int | None


class _Line(msgspec.Struct, gc=False):
    """One line of a recording. Unknown fields are ignored; null is as good as absent."""

    id: _Id
    written_at: Annotated[datetime, msgspec.Meta(tz=True)]
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
    source: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    author: _OptionalId = None
    in_reply_to: _OptionalId = None
    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    lang: Annotated[str, msgspec.Meta(max_length=35)] | None = None  # the length that RFC 5646 asks for
    is_repost: bool | None = None


_decode = msgspec.json.Decoder(_Line).decode


def read_posts(
    lines: Iterable[bytes],
    *,
    default_source: str,
    on_bad: Callable[[BadLine], None],
    strict: bool = False,
    latest: datetime | None = None,
) -> Iterator[Post]:
    """The posts of some lines, in order; every other line that is not blank goes to ``on_bad``.

    ``default_source`` is the source of posts that name none; a post written after ``latest`` is refused.
    With ``strict`` the first bad line ends the reading with a ``LineRefused``, a ``RecordingError``.
    """
    for number, raw in numbered(lines, on_bad, strict=strict):
        try:
            post = parse_line(number, raw, default_source=default_source)
            if latest is not None and post.written_at > latest:
                raise refuse(number, "written_at", "lies in the future: is a clock wrong, or its zone?")
            yield post
        except LineRefused as refused:
            if not raw.strip():
                continue
            if strict:
                raise
            on_bad(refused.bad)


def parse_line(number: int, raw: bytes, *, default_source: str) -> Post:
    """The post that one line holds. Raises ``LineRefused``, naming the line by ``number``."""
    if len(raw) > LONGEST_LINE:
        raise refuse(number, None, f"is longer than {LONGEST_LINE:,} bytes")
    try:
        line = _decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refuse_undecoded(number, raw, error) from None
    # These can only be where an escape is, and hardly any line has one.
    if b"\\u" in raw:
        refuse_unstorable(number, line)
    return Post(
        line.source or default_source,
        line.id if isinstance(line.id, str) else _id_text(number, "id", line.id),
        line.text,
        _in_utc(number, line.written_at),
        _optional_id(number, "author", line.author),
        _optional_id(number, "in_reply_to", line.in_reply_to),
        line.url or None,
        line.lang or None,
        bool(line.is_repost),
    )


def numbered(
    lines: Iterable[bytes], on_bad: Callable[[BadLine], None], *, strict: bool
) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; a recording that is cut off ends with one more bad line."""
    number = 0
    try:
        for number, raw in enumerate(lines, start=1):
            yield number, raw
    except RecordingCut as cut:
        if strict:
            raise
        on_bad(BadLine(number + 1, None, str(cut)))


def _in_utc(number: int, at: datetime) -> datetime:
    # The year is looked at before the offset is taken off, which fails at the ends of the calendar.
    if FIRST_YEAR < at.year < LAST_YEAR:
        return at if at.tzinfo is UTC else at.astimezone(UTC)
    if FIRST_YEAR - 1 <= at.year <= LAST_YEAR + 1:
        at = at.astimezone(UTC)
        if FIRST_YEAR <= at.year <= LAST_YEAR:
            return at
    why = f"{shown(at.isoformat())} lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
    raise refuse(number, "written_at", why)


def _optional_id(number: int, field: str, value: str | int | None) -> str | None:
    if isinstance(value, int):
        return _id_text(number, field, value)
    return value or None


def _id_text(number: int, field: str, value: int) -> str:
    text = str(value)
    if len(text) > LONGEST_ID:
        raise refuse(number, field, f"has {len(text)} digits; at most {LONGEST_ID} are allowed")
    return text
