"""The hosts of Jetstream: how they are named, whose turn it is, and what their refusals mean together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

from ingest.source import RateLimited, SourceFailed, SourceRefused
from ingest.sources.bluesky.connection import HostRefused
from ingest.sources.bluesky.events import COLLECTION

# Bluesky's own, open to everyone.
PUBLIC_HOSTS = (
    "jetstream1.us-east.bsky.network",
    "jetstream2.us-east.bsky.network",
    "jetstream1.us-west.bsky.network",
    "jetstream2.us-west.bsky.network",
)
LARGEST_ASKED = 1_000_000  # bytes; a post has 3,000 bytes of text, so this keeps out only what is none

_UNWELCOME = frozenset({401, 403})
_TOO_MANY = 429
_USUAL_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


def host_address(given: str) -> str:
    """The address of a host that was given by its name or its URL. Raises ``ValueError`` with a sentence.

    >>> host_address("jetstream1.us-east.bsky.network"), host_address("ws://127.0.0.1:6008/subscribe")
    ('wss://jetstream1.us-east.bsky.network', 'ws://127.0.0.1:6008')
    """
    url = given if "://" in given else f"wss://{given}"
    how = "write a host like jetstream1.us-east.bsky.network, or its address (wss://...)"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"'{given}' is no host; {how}") from None
    if "@" in url:
        raise ValueError(f"a host takes no name and no password; {how}")
    if parts.scheme not in ("ws", "wss"):
        raise ValueError(f"'{given}' begins with {parts.scheme}://; {how}")
    named = parts.hostname is not None and all(sign.isalnum() or sign in ".-_:" for sign in parts.hostname)
    if not named or port == 0 or parts.path not in ("", "/", "/subscribe") or parts.query or parts.fragment:
        raise ValueError(f"'{given}' is no host; {how}")
    return f"{parts.scheme}://{parts.netloc}"


class Hosts:
    """Takes the hosts in turn, so that one which fails is passed over for the next.

    One host's refusal is only a failure: the next may be well. When the last of them has refused as well,
    and none has worked in between, the refusals mean together: to wait, if any would have us later; else
    that only the operator can help.
    """

    def __init__(self, addresses: Sequence[str], variable: str) -> None:
        self._addresses = tuple(addresses)
        self._variable = variable
        self._turn = 0
        self._refusals: dict[str, tuple[int, datetime]] = {}  # the status, and when to come again

    @property
    def name(self) -> str:
        """The host whose turn it is, as people call it."""
        return urlsplit(self._current).netloc

    def subscription(self, cursor: int | None) -> str:
        """Where that host gives all posts since ``cursor`` (microseconds), or from now on."""
        wanted: dict[str, str | int] = {
            "wantedCollections": COLLECTION,
            "maxMessageSizeBytes": LARGEST_ASKED,
        }
        if cursor is not None:
            wanted["cursor"] = cursor
        return f"{self._current}/subscribe?{urlencode(wanted)}"

    def worked(self) -> None:
        """That host has sent something."""
        self._refusals.clear()

    def failed(self) -> None:
        """That host has failed; it is the next one's turn."""
        self._refusals.pop(self._current, None)
        self._pass_over()

    def refused(self, refusal: HostRefused, now: datetime) -> SourceFailed:
        """That host has refused us, and it is the next one's turn; what this means for the source."""
        self._refusals[self._current] = (refusal.status, _again_at(refusal.retry_after, now))
        self._pass_over()
        statuses = {status for status, _ in self._refusals.values()}
        if len(self._refusals) < len(self._addresses) or not statuses <= _UNWELCOME | {_TOO_MANY}:
            return refusal
        if statuses <= _UNWELCOME:
            return SourceRefused(
                f"no host of Bluesky wants us ({refusal}); name others in {self._variable},"
                " or leave it away for the public ones"
            )
        until = min(at for status, at in self._refusals.values() if status == _TOO_MANY)
        return RateLimited(f"no host of Bluesky wants us just now ({refusal})", until)

    @property
    def _current(self) -> str:
        return self._addresses[self._turn]

    def _pass_over(self) -> None:
        self._turn = (self._turn + 1) % len(self._addresses)


def _again_at(retry_after: str | None, now: datetime) -> datetime:
    """The end of the pause that a Retry-After header asks for, in seconds or as a date (RFC 9110).

    A header without sense, or none, means a minute; more than an hour is not believed.
    """
    asked = (retry_after or "").strip()
    try:
        if asked.isascii() and asked.isdigit():
            at = now + timedelta(seconds=int(asked[:9]))
        else:
            at = parsedate_to_datetime(asked)
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        at = now + _USUAL_PAUSE
    return min(at, now + _LONGEST_PAUSE)
