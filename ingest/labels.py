"""Labels of posts from a file: one JSON object a line, or a table with a head (CSV)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from domain.label import Label, Verdict
from domain.mention import Kind
from ingest.faults import (
    LONGEST_LINE,
    BadLine,
    LineRefused,
    refuse,
    refuse_undecoded,
    refuse_unstorable,
    shown,
)
from ingest.recordings import LONGEST_ID, numbered
from ingest.tables import rows_as_lines

LONGEST_TEXT = 10_000  # characters, as in the API; the classifier reads the first 2,000
AHEAD = timedelta(minutes=5)  # a clock may be wrong by so much; a later label would go before all others

_Id = Annotated[str, msgspec.Meta(max_length=LONGEST_ID)] | int | None
_Name = Annotated[str, msgspec.Meta(max_length=200)] | None
_Word = TypeVar("_Word", bound=StrEnum)


class _Line(msgspec.Struct):
    """One line of a file of labels. Unknown fields are ignored; null is as good as absent."""

    post: _Id = None
    id: _Id = None  # as in a recording or a corpus: another name for ``post``
    source: _Name = None
    service: _Name = None
    kind: str | None = None
    verdict: str | None = None
    instead_of: _Name = None
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None = None
    lang: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    by: _Name = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


_decode = msgspec.json.Decoder(_Line).decode


class LabelReader(msgspec.Struct, frozen=True):
    """Reads labels out of lines; what a line does not say is taken from here.

    ``by`` is the person who said it, ``now`` the time; ``services`` are the ids that may be named.
    """

    source: str
    by: str | None
    now: datetime
    services: Collection[str]

    def read(
        self, lines: Iterable[bytes], on_bad: Callable[[BadLine], None], *, strict: bool = False
    ) -> Iterator[Label]:
        """The labels of some lines, in order; every other line that is not blank goes to ``on_bad``.

        With ``strict`` the first bad line ends the reading with a ``LineRefused``, a ``RecordingError``.
        """
        for number, raw in rows_as_lines(
            numbered(lines, on_bad, strict=strict), known_by=("kind", "verdict")
        ):
            try:
                if isinstance(raw, LineRefused):
                    raise raw
                if raw.strip():
                    yield self.parse(number, raw)
            except LineRefused as refused:
                if strict:
                    raise
                on_bad(refused.bad)

    def parse(self, number: int, raw: bytes) -> Label:
        """The label that one line holds. Raises ``LineRefused``, naming the line by ``number``."""
        if len(raw) > LONGEST_LINE:
            raise refuse(number, None, f"is longer than {LONGEST_LINE:,} bytes")
        try:
            line = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise refuse_undecoded(number, raw, error) from None
        refuse_unstorable(number, line)
        source, by, post = line.source or self.source, line.by or self.by, _post(number, line)
        if not by:
            raise refuse(
                number, "by", "is missing; name the person who labelled it, in the line or with --by"
            )
        kind, verdict = _said(number, line)
        service = self._known(number, "service", line.service)
        return Label(
            id=_name(by, source, post, service),
            by=by,
            at=self._time(number, line.at),
            verdict=verdict,
            source=source,
            post=post,
            service=service,
            kind=kind,
            text=line.text or None,
            instead_of=self._known(number, "instead_of", line.instead_of),
            lang=line.lang or None,
        )

    def _known(self, number: int, field: str, service: str | None) -> str | None:
        if service and service not in self.services:
            raise refuse(number, field, f"{shown(service)} is no service of the catalogue; write its id")
        return service or None

    def _time(self, number: int, at: datetime | None) -> datetime:
        if at is None:
            return self.now
        try:
            at = at.astimezone(UTC)
        except OverflowError:
            raise refuse(number, "at", "lies outside the calendar") from None
        if at > self.now + AHEAD:
            raise refuse(number, "at", "lies in the future: is a clock wrong, or its zone?")
        return at


def _post(number: int, line: _Line) -> str:
    named = {
        field: str(value)
        for field, value in (("post", line.post), ("id", line.id))
        if value not in (None, "")
    }
    for field, value in named.items():
        if len(value) > LONGEST_ID:
            raise refuse(number, field, f"has {len(value)} digits; at most {LONGEST_ID} are allowed")
    if not named:
        raise refuse(number, "post", "is missing; give the post's id in its source")
    if len(set(named.values())) > 1:
        raise refuse(number, "id", "names another post than post does; give one of the two")
    return next(iter(named.values()))


def _said(number: int, line: _Line) -> tuple[Kind | None, Verdict]:
    kind = _word(number, "kind", line.kind, Kind)
    verdict = _word(number, "verdict", line.verdict, Verdict)
    if kind is None and verdict is None:
        raise refuse(number, "kind", f"is missing; write one of {_choice(Kind)}, or a verdict")
    if line.instead_of and verdict is not Verdict.WRONG_SERVICE:
        raise refuse(number, "instead_of", "belongs to the verdict wrong_service; add that, or leave it out")
    return kind, verdict or Verdict.REAL


def _word(number: int, field: str, value: str | None, words: type[_Word]) -> _Word | None:
    if not value:
        return None
    try:
        return words(value.strip().lower())
    except ValueError:
        raise refuse(number, field, f"{shown(value)} cannot stand here; write {_choice(words)}") from None


def _choice(words: type[StrEnum]) -> str:
    *some, last = (word.value for word in words)
    return f"{', '.join(some)} or {last}"


def _name(by: str, source: str, post: str, service: str | None) -> str:
    """The same id for the same label, however often its file is brought."""
    said = msgspec.json.encode((by, source, post, service))
    return f"lab_{hashlib.sha256(said).hexdigest()[:16]}"
