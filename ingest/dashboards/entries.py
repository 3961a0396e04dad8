"""Reading the entries of a dashboard one by one, so that a strange one spoils none of the others."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from domain.notice import OfficialState
from ingest.dashboard import Claim, LeftOut, Reading, Unreadable
from ingest.faults import shown

LONGEST_TEXT = 1_000  # characters of a claim's text
LONGEST_NAME = 200  # characters of a component's name, or of an id
LONGEST_URL = 2_000
MOST_ENTRIES = 5_000  # claims of one answer; real ones have a few hundred

# A time outside of these years is a mistake: no dashboard is older, and none knows so much of the future.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--[^<>]*>")
_MARKDOWN = re.compile(r"\*\*|__|^\s{0,3}\\?#{1,6}\s", re.MULTILINE)
_READ_OF_A_TEXT = 20 * LONGEST_TEXT  # markup may take much of it

T = TypeVar("T")


class Strange(Exception):
    """An entry cannot be understood. The text says why."""


def decode(body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """An answer as its type. Raises ``Unreadable``."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Unreadable(f"is not of the form it should have: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = bytes(body)[:80].decode("utf-8", "replace").strip()
        raise Unreadable(f"is no JSON, but {shown(start)} ({_first_line(error)})") from None


def entry(raw: msgspec.Raw, kind: type[T]) -> T:
    """One entry as its type. Raises ``Strange``."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Strange(_first_line(error)) from None


def read_each(
    raws: Iterable[msgspec.Raw],
    read: Callable[[msgspec.Raw], Reading],
    what: str,
    *,
    named_by: str | None = None,
    by_numbers: bool = False,
    component: str | None = None,
) -> Reading:
    """What all entries say. One that ``read`` calls strange is left out.

    ``named_by`` is the field that has an entry's id, a text or perhaps one of those ``by_numbers``.
    ``component`` is what all of them are about, if that is known.
    """
    claims: list[Claim] = []
    left_out: list[LeftOut] = []
    for number, raw in enumerate(raws, start=1):
        try:
            reading = read(raw)
        except Strange as strange:
            id_ = _id_of(raw, named_by, by_numbers=by_numbers)
            name = f"{what} {shown(id_)}" if id_ else f"{what} no. {number}"
            of = f" of {shown(component)}" if component else ""
            left_out.append(LeftOut(f"{name}{of} is left out: {strange}", id_, component))
        else:
            claims += reading.claims
            left_out += reading.left_out
        if len(claims) + len(left_out) > MOST_ENTRIES:
            raise Unreadable(f"says more than {MOST_ENTRIES:,} things at once")
    return Reading(tuple(claims), tuple(left_out))


def joined(*readings: Reading) -> Reading:
    """Several readings as one."""
    return Reading(
        tuple(claim for reading in readings for claim in reading.claims),
        tuple(out for reading in readings for out in reading.left_out),
    )


def about_each(claim: Claim, components: Iterable[str]) -> Reading:
    """A claim of every component that it is about; one that names none stays as it is."""
    names = dict.fromkeys(components)
    return Reading(tuple(replace(claim, component=name) for name in names) or (claim,))


def word(text: str, known: Iterable[str], field: str) -> str:
    """A word that a dashboard may use there, in lower case. Raises ``Strange`` for any other."""
    folded = text.strip().lower()
    if folded not in known:
        raise Strange(f"{field}: {shown(text)} is not known")
    return folded


def identified(id_: str | int, field: str) -> str:
    """An id as text. Raises ``Strange``."""
    text = str(id_).strip()
    if not text.isprintable() or not 0 < len(text) <= LONGEST_NAME:
        raise Strange(f"{field}: {shown(id_)} is no id of 1 to {LONGEST_NAME} characters")
    return text


def named(text: str, field: str) -> str:
    """A name as people read it: one line, without HTML's own signs.

    >>> named("iCloud Account &amp; Sign In ", "name")
    'iCloud Account & Sign In'
    """
    name = _one_line(html.unescape(text[:_READ_OF_A_TEXT]))
    if not 0 < len(name) <= LONGEST_NAME:
        raise Strange(f"{field}: {shown(text)} is no name of 1 to {LONGEST_NAME} characters")
    return name


def plain(*parts: str | None) -> str:
    """Texts without their markup, on one line; a long one is cut.

    >>> plain("Login fails", "<p>Some users can&#39;t log in.</p>")
    "Login fails: Some users can't log in."
    """
    lines = [_without_markup(text[:_READ_OF_A_TEXT]) for text in parts if text]
    return cut(": ".join(line for line in lines if line))


def cut(text: str) -> str:
    """A text of at most ``LONGEST_TEXT`` characters."""
    if len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def web_address(text: str | None) -> str | None:
    """An address that may be followed from a page of ours; anything else is none.

    >>> web_address("https://stspg.io/abc"), web_address("javascript:alert(1)")
    ('https://stspg.io/abc', None)
    """
    address = (text or "").strip()
    if not address.isprintable() or " " in address or len(address) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None


def moment(text: str | None, field: str) -> datetime | None:
    """A time as JSON writes it, in UTC; an empty one is none. Raises ``Strange``."""
    if not text:
        return None
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise Strange(f"{field}: {shown(text)} is no time") from None
    if at.tzinfo is None:
        raise Strange(f"{field}: {shown(text)} names no time zone")
    return _plausible(at, field)


def from_epoch(milliseconds: int | None, field: str) -> datetime | None:
    """A time as milliseconds since 1970, in UTC. Raises ``Strange``."""
    if milliseconds is None:
        return None
    try:
        return _plausible(_EPOCH + timedelta(milliseconds=milliseconds), field)
    except OverflowError:
        raise Strange(f"{field}: {shown(milliseconds)} is no time") from None


def latest(told: Iterable[tuple[datetime | None, str | None]]) -> str | None:
    """The text that was told last; of several at once, and of those without a time, the first."""
    return max(told, key=lambda one: one[0] or EARLIEST, default=(None, None))[1]


def state_of(*, over: bool, planned: bool) -> OfficialState:
    """What a page claims of something that is over or not, and planned or not."""
    if over:
        return OfficialState.WELL
    return OfficialState.MAINTENANCE if planned else OfficialState.TROUBLE


def in_order(started_at: datetime | None, ended_at: datetime | None) -> None:
    """Raises ``Strange`` for an end before the start."""
    if started_at is not None and ended_at is not None and ended_at < started_at:
        raise Strange(f"it ends at {ended_at.isoformat()}, before it starts")


def _plausible(at: datetime, field: str) -> datetime:
    if not EARLIEST <= at < LATEST:
        raise Strange(f"{field}: the year {at.year} is a mistake")
    return at.astimezone(UTC)


def _without_markup(text: str) -> str:
    return _one_line(html.unescape(_MARKDOWN.sub("", _TAG.sub(" ", text))))


def _one_line(text: str) -> str:
    """Without line breaks, and without signs that cannot be shown or stored."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _id_of(raw: msgspec.Raw, field: str | None, *, by_numbers: bool) -> str | None:
    """The id of an entry that is otherwise strange, if it has one that can be read."""
    try:
        found = msgspec.json.decode(raw)
        id_ = found.get(field) if isinstance(found, dict) else None
        if by_numbers and isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        return identified(id_, "id") if isinstance(id_, str) else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Strange):
        return None
