"""X, asked through tweepy: what its search finds, and which rules its stream goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
import requests
import tweepy  # type: ignore[import-untyped]  # tweepy ships no types
from pydantic import SecretStr

from ingest.source import SourceFailed
from ingest.sources.x.posts import EXPANSIONS, POST_FIELDS
from ingest.sources.x.refusals import NotUnderstood
from ingest.sources.x.rules import Rule
from ingest.sources.x.wire import HIDDEN, Wire


class KnownRule(msgspec.Struct, frozen=True):
    """A rule that X has."""

    id: str
    value: str
    tag: str | None = None


class Fault(msgspec.Struct, frozen=True):
    """What X had to say against a rule."""

    value: str = ""
    title: str = ""
    detail: str = ""
    details: tuple[str, ...] = ()


class Added(msgspec.Struct, frozen=True):
    """Which rules X has taken, and what it had against the others."""

    data: tuple[KnownRule, ...] = ()
    errors: tuple[Fault, ...] = ()


class _Known(msgspec.Struct, frozen=True):
    data: tuple[KnownRule, ...] = ()


class Client:
    """Asks X, one request at a time; none of them waits, and none is repeated."""

    def __init__(self, api: str, token: SecretStr, silence: float, clock: Callable[[], datetime]) -> None:
        self._wire = Wire(api, token, silence, clock)
        self._search = tweepy.Client(HIDDEN, return_type=requests.Response)
        self._stream = tweepy.StreamingClient(HIDDEN, return_type=requests.Response)
        for library in (self._search, self._stream):
            self._wire.mount_on(library.session)

    def stop(self) -> None:
        """End what is under way; called from another thread."""
        self._wire.stop()

    def results(self, query: str, since: int, page: str | None, most: int) -> bytes:
        """One page of what search finds after the id ``since``, the newest first."""
        answer = self._search.search_recent_tweets(
            query,
            since_id=since,
            next_token=page,
            max_results=most,
            tweet_fields=list(POST_FIELDS),
            expansions=list(EXPANSIONS),
        )
        return bytes(answer.content)

    def rules(self) -> tuple[KnownRule, ...]:
        """The rules that X has, ours and others'."""
        return _decoded(bytes(self._stream.get_rules().content), _Known).data

    def add(self, rules: Iterable[Rule]) -> Added:
        """Add rules; what X has against some of them is no failure."""
        wanted = [tweepy.StreamRule(value=rule.value, tag=rule.tag) for rule in rules]
        try:
            said = bytes(self._stream.add_rules(wanted).content)
        except NotUnderstood as fault:
            added = _decoded(fault.body, Added)
            if not any(one.value for one in added.errors):
                raise
            return added
        return _decoded(said, Added)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete rules; one that is gone already is no failure."""
        try:
            self._stream.delete_rules(list(ids))
        except NotUnderstood:
            return


_Kind = TypeVar("_Kind")


def _decoded(body: bytes, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SourceFailed(f"what X says of its rules cannot be read: {str(error)[:200]}") from None
