"""What one message of Jetstream says: a post, an edit, a deletion, or only that time goes on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec

from domain.post import Post
from ingest.faults import LONGEST_LINE, shown
from ingest.recordings import LONGEST_ID, LONGEST_TEXT

SOURCE = "bluesky"
COLLECTION = "app.bsky.feed.post"

EARLIEST = 10**15  # microseconds; servers take a smaller number for a place in a queue, not for a time
AHEAD = 5 * 60 * 1_000_000  # microseconds by which a host's clock may be before ours
LATE = timedelta(minutes=2)  # between writing and arriving; posts of honest clocks take two seconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES_A_POST = re.compile(r"did:[a-z]+:[\w.:%-]+/(?!\.{1,2}$)[\w.:~-]+", re.ASCII)
_TO_A_POST = re.compile(rf"at://(did:[^/]+)/{re.escape(COLLECTION)}/([^/]+)")
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,35}")  # the length that RFC 5646 asks for


class EventRefused(Exception):
    """A message cannot be used. The text says why, and repeats nothing that a person wrote."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event as we use it.

    ``at`` is when its host saw it, in microseconds since 1970. One that concerns a post names it by ``id``,
    and has a ``key`` which is the same from every host and for no other event. An edit has ``withdrawn``
    and ``post``, a deletion ``withdrawn`` only; a post in a language that is not wanted is no ``post``.
    ``delay`` is how long after its author's clock a new post came.
    """

    at: int
    id: str | None = None
    key: int = 0
    withdrawn: bool = False
    post: Post | None = None
    delay: timedelta | None = None


class _Reference(msgspec.Struct, gc=False):
    uri: str | None = None


class _Reply(msgspec.Struct, gc=False):
    parent: _Reference | None = None


class _Record(msgspec.Struct, gc=False, rename="camel"):
    text: str | None = None
    langs: list[str] | None = None
    created_at: str | None = None
    reply: _Reply | None = None


class _Commit(msgspec.Struct, gc=False):
    operation: str
    collection: str
    rkey: str
    rev: str | None = None
    cid: str | None = None
    record: _Record | None = None


class _Message(msgspec.Struct, gc=False):
    did: str
    time_us: int
    kind: str
    commit: _Commit | None = None


_decode = msgspec.json.Decoder(_Message).decode


def read_event(
    raw: bytes, *, now: int, behind: timedelta = timedelta(), langs: frozenset[str] = frozenset()
) -> Event:
    """The event that a message holds. Raises ``EventRefused``.

    ``now`` is our clock in microseconds, ``behind`` how late the host itself is, ``langs`` the languages
    that are wanted, or none for all. Identity and account events carry nothing but their time: when an
    account is closed or suspended, its complaints were made all the same, and its posts are not named.
    """
    if len(raw) > LONGEST_LINE:
        raise EventRefused(f"a message is longer than {LONGEST_LINE:,} bytes")
    try:
        message = _decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EventRefused(f"a message of {len(raw):,} bytes is no event: {error}") from None
    if not EARLIEST <= message.time_us <= now + AHEAD:
        raise EventRefused(f"an event bears the time {shown(message.time_us)}: is a clock wrong?")
    if message.kind != "commit":
        if message.kind in ("identity", "account"):
            return Event(message.time_us)
        raise EventRefused(f"an event is of the unknown kind {shown(message.kind)}")
    if message.commit is None:
        raise EventRefused("a commit is missing from its event")
    if message.commit.collection != COLLECTION:
        return Event(message.time_us)
    # These can only be where an escape is, and hardly any message has one.
    if b"\\u" in raw:
        _refuse_unstorable(message.commit.record)
    return _of_post(message, message.commit, behind, langs)


def time_of(at: int) -> datetime:
    """Microseconds since 1970 as a time.

    >>> time_of(1_725_911_162_329_308).isoformat()
    '2024-09-09T19:46:02.329308+00:00'
    """
    return _EPOCH + timedelta(microseconds=at)


def microseconds(at: datetime) -> int:
    """A time as microseconds since 1970.

    >>> microseconds(time_of(1_725_911_162_329_308))
    1725911162329308
    """
    return (at - _EPOCH) // timedelta(microseconds=1)


def _of_post(message: _Message, commit: _Commit, behind: timedelta, langs: frozenset[str]) -> Event:
    post_id = f"{message.did}/{commit.rkey}"
    if len(post_id) > LONGEST_ID or not _NAMES_A_POST.fullmatch(post_id):
        raise EventRefused("an event names no post: its author or its record key is malformed")
    # By its revision as well: a post that is deleted and put back has its old content address.
    key = hash((post_id, commit.rev, commit.cid))
    if commit.operation == "delete":
        return Event(message.time_us, post_id, key, withdrawn=True)
    if commit.operation not in ("create", "update"):
        raise EventRefused(f"an event has the unknown operation {shown(commit.operation)}")
    if commit.record is None or commit.record.text is None:
        raise EventRefused("a post has no text, not even an empty one")
    if len(commit.record.text) > LONGEST_TEXT:
        raise EventRefused(f"a post is longer than {LONGEST_TEXT:,} characters")
    is_edit = commit.operation == "update"
    written_at, delay = _written(commit.record.created_at, time_of(message.time_us), behind)
    if is_edit:
        delay = None  # it tells when the post was new
    spoken = commit.record.langs or ()
    if langs and spoken and not any(_primary(lang) in langs for lang in spoken):
        return Event(message.time_us, post_id, key, withdrawn=is_edit, delay=delay)
    post = Post(
        SOURCE,
        post_id,
        commit.record.text,
        written_at,
        message.did,
        _parent(commit.record.reply),
        f"https://bsky.app/profile/{message.did}/post/{commit.rkey}",
        spoken[0] if spoken and _LANGUAGE.fullmatch(spoken[0]) else None,
    )
    return Event(message.time_us, post_id, key, is_edit, post, delay)


def _written(claimed: str | None, seen: datetime, behind: timedelta) -> tuple[datetime, timedelta | None]:
    """When a post was written, and how long after that it came, by its author's clock.

    The author's program sets that clock, and may set it to anything: spam is back-dated, bridges bring old
    posts, telephones go wrong. The host's sight of a post is the truth of a live stream; a claim is
    believed only where it is no later than that, and earlier by no more than ``LATE`` and by what the host
    itself is behind.
    """
    try:
        at = datetime.fromisoformat(claimed or "")
    except ValueError:
        return seen, None
    if at.tzinfo is None:
        return seen, None
    delay = seen - at
    if timedelta() <= delay <= LATE + behind:
        return at.astimezone(UTC), delay
    return seen, delay


def _parent(reply: _Reply | None) -> str | None:
    if reply is None or reply.parent is None or reply.parent.uri is None:
        return None
    found = _TO_A_POST.fullmatch(reply.parent.uri)
    if found is None:
        return None
    parent = f"{found[1]}/{found[2]}"
    return parent if len(parent) <= LONGEST_ID and _NAMES_A_POST.fullmatch(parent) else None


def _primary(lang: str) -> str:
    return lang.split("-", 1)[0].lower()


def _refuse_unstorable(record: _Record | None) -> None:
    """Refuse what JSON can spell, but no database or UTF-8 text can hold; the other fields have patterns."""
    text = (record and record.text) or ""
    if "\0" in text:
        raise EventRefused("a post holds a NUL character")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise EventRefused("a post holds half of a surrogate pair")
