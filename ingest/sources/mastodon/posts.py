"""Statuses of Mastodon, and of software that speaks like it, as posts."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from domain.post import Post
from ingest.sources.mastodon.text import plain, text_of

NAME = "mastodon"  # the source of every post, whichever instance it was heard on

_LONGEST_ID, _LONGEST_TEXT, _LONGEST_URL, _LONGEST_LANG = 200, 100_000, 2000, 35  # characters
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_PUBLIC = frozenset({"public", "unlisted"})

STATUS_ID = re.compile(r"\A[0-9A-Za-z_-]{1,64}\Z")  # numbers; elsewhere ULIDs and flakes


class NoStatus(ValueError):
    """What should be a status is none. The text says why, and repeats nothing of it."""


class _Account(msgspec.Struct):
    acct: Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_ID)]


class Status(msgspec.Struct):
    """What we read of a status. ``id`` is the instance's own; ``reblog`` is the status that it boosts."""

    id: Annotated[str, msgspec.Meta(pattern=STATUS_ID.pattern)]
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    account: _Account
    visibility: str
    content: str | None = None
    spoiler_text: str | None = None
    uri: str | None = None
    url: str | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    reblog: Status | None = None

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it: a stream that a user's token opens could carry what others may not."""
        return self.visibility in _PUBLIC and (self.reblog is None or self.reblog.is_public)


_decode = msgspec.json.Decoder(Status).decode


def status_of(raw: bytes | msgspec.Raw) -> Status:
    """The status that some JSON holds. Raises ``NoStatus``."""
    try:
        status = _decode(raw)
        at = status.created_at
        if _FIRST_YEAR < at.year < _LAST_YEAR:
            status.created_at = at.astimezone(UTC)
            return status
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NoStatus(str(error)) from None
    except RecursionError:
        raise NoStatus("it has too many brackets inside each other") from None
    raise NoStatus(f"it was created in the year {at.year}")


def uri_of(status: Status, host: str) -> str:
    """What a status is called everywhere: the same, whichever instance tells of it."""
    for name in (status.uri, status.url):
        if name and len(name) <= _LONGEST_ID and name.isprintable():
            return name
    return f"{host}/{status.id}"


def post_of(status: Status, host: str, parent: str | None = None) -> Post:
    """A status as a post. ``host`` is where it was heard, ``parent`` the post that it answers.

    A boost is a post of the booster's, with the words of the status that is boosted.
    """
    said = status.reblog or status
    text = "\n".join(filter(None, (plain(said.spoiler_text or ""), text_of(said.content or ""))))
    acct = plain(status.account.acct).lower()
    return Post(
        source=NAME,
        id=uri_of(status, host),
        text=text[:_LONGEST_TEXT],
        written_at=status.created_at,
        author=acct if "@" in acct else f"{acct}@{host}",
        in_reply_to=parent,
        url=_short(status.url or said.url, _LONGEST_URL),
        lang=_short(said.language, _LONGEST_LANG),
        is_repost=status.reblog is not None,
    )


class Recent:
    """The latest of many names, each with what was noted beside it; the oldest go when there are too many.

    >>> recent = Recent(2)
    >>> for name in "abc":
    ...     recent[name] = name.upper()
    >>> "a" in recent, recent.get("c")
    (False, 'C')
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._notes: OrderedDict[str, str] = OrderedDict()

    def __setitem__(self, name: str, note: str) -> None:
        self._notes[name] = note
        self._notes.move_to_end(name)
        if len(self._notes) > self._most:
            self._notes.popitem(last=False)

    def __contains__(self, name: str) -> bool:
        return name in self._notes

    def get(self, name: str | None) -> str | None:
        return None if name is None else self._notes.get(name)


def _short(value: str | None, longest: int) -> str | None:
    """A value that may be left out, and is where it cannot be kept."""
    return value if value and len(value) <= longest and value.isprintable() else None
