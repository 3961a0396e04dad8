"""The world outside of one source, as a local server that behaves as the real one does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ingest.source import PostId, Source


class World(Protocol):
    """A server, and the source that reads it through the true client library.

    Faults last until they are taken back. Timings are short: silence is noticed within half a second.
    """

    connects: int  # how often a client has connected, or has asked

    def source(self) -> Source:
        """A new source that reads this world, as after a restart of the process."""

    def write(self, *texts: str) -> list[PostId]:
        """New public posts, of a new author each, that interest the source; what they will be called."""

    def delete(self, post: PostId) -> bool:
        """Its author deletes a post. False: this kind of source is never told of deletions."""

    def cut(self) -> None:
        """Every connection is dropped, in the middle of whatever it was saying."""

    def refuse(self, status: int | None) -> None:
        """Answer each new connection with an HTTP status (401, 403, 429, 503); ``None``: be well again.

        A 429 says when to come back as this server's real counterpart does: in one minute.
        """

    def close_at_once(self, on: bool) -> None:
        """Accept each connection and close it cleanly at once."""

    def hang(self, on: bool) -> None:
        """Accept each connection, keep it, and say nothing more on any."""

    def garble(self) -> int:
        """Say what no client expects: malformed, truncated, of an unknown type; how many messages."""

    def stop(self) -> None:
        """End the server."""


def texts(number: int, of: str = "spotify is down for me") -> Sequence[str]:
    """So many different texts that name a service of the catalogue."""
    return [f"{of} {index}" for index in range(number)]
