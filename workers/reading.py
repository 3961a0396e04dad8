"""From posts to mentions in flight: match names, follow threads, hide authors, hand over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from domain.mention import Mention, Naming, Via
from domain.moments import milliseconds, minute_of
from domain.post import Post
from ingest.pseudonyms import Pseudonyms
from models.matcher import Matcher
from storage.interfaces import HandOver, Posts, Step, ThreadId

PAGE = 500  # posts handed over at once


class Accounts(Protocol):
    """Which accounts speak for a service: a lower-case handle, and the service it speaks for."""

    @property
    def official_handles(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Reader:
    """What every reader needs to turn posts into mentions.

    ``thread_limit`` is how long (milliseconds) a thread remembers the service that it is about.
    """

    matcher: Matcher
    accounts: Accounts
    pseudonyms: Pseudonyms
    thread_limit: int

    def hand_over(self, page: Sequence[Post], source: str, store: Posts, step: Step | None) -> int | None:
        """Bring one page of posts on its way, and say how many were mentions.

        ``None`` says that the source's cursor stood elsewhere: another reader has brought this page.
        """
        mentions, threads = self._mentions(page, self._remembered(page, store))
        volume = Counter(minute_of(post.written_at) for post in page)
        handed = store.hand_over(
            HandOver(source=source, step=step, mentions=mentions, volume=dict(volume), threads=threads)
        )
        return len(mentions) if handed else None

    def _remembered(self, page: Iterable[Post], store: Posts) -> dict[ThreadId, tuple[str, ...]]:
        replies = [post for post in page if post.in_reply_to is not None]
        if not replies:
            return {}
        earliest = min(milliseconds(post.written_at) for post in replies)
        parents = {(post.source, str(post.in_reply_to)) for post in replies}
        return store.threads(parents, earliest - self.thread_limit)

    def _mentions(
        self, page: Iterable[Post], remembered: dict[ThreadId, tuple[str, ...]]
    ) -> tuple[tuple[Mention, ...], dict[ThreadId, tuple[int, tuple[str, ...]]]]:
        mentions: list[Mention] = []
        threads: dict[ThreadId, tuple[int, tuple[str, ...]]] = {}
        for post in page:
            speaks_for = self.accounts.official_handles.get((post.author or "").lstrip("@").lower())
            namings = self._namings(post, threads, remembered, speaks_for)
            if not namings:
                continue
            written = milliseconds(post.written_at)
            threads[post.source, post.id] = (written, tuple(naming.service for naming in namings))
            hidden = msgspec.structs.replace(post, author=self.pseudonyms.of(post).hex())
            mentions.append(Mention(post=hidden, namings=namings, speaks_for=speaks_for))
        return tuple(mentions), threads

    def _namings(
        self,
        post: Post,
        threads: Mapping[ThreadId, tuple[int, tuple[str, ...]]],
        remembered: Mapping[ThreadId, tuple[str, ...]],
        speaks_for: str | None,
    ) -> tuple[Naming, ...]:
        """The services of a post: those it names; else its thread's; else the one its author speaks for."""
        if namings := self.matcher.match(post.text):
            return namings
        services: Collection[str] = ()
        if post.in_reply_to is not None:
            parent = (post.source, post.in_reply_to)
            written, about = threads.get(parent, (None, ()))
            fresh = written is not None and milliseconds(post.written_at) - written <= self.thread_limit
            services = about if fresh else remembered.get(parent, ())
        if services:
            return tuple(Naming(service=service, via=Via.THREAD) for service in services)
        return (Naming(service=speaks_for, via=Via.HANDLE),) if speaks_for else ()
