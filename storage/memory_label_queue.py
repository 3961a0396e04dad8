"""The memory twin of ``redis_label_queue``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from domain.doubt import Doubt, gist, spread
from storage.interfaces import KnownPost, ThreadId
from storage.redis_label_queue import KEPT, MOST


class MemoryLabelQueue:
    """The ``LabelQueue`` of one run; ``withdrawn`` is the run's own set of posts that were deleted."""

    def __init__(self, withdrawn: Collection[ThreadId] = (), *, most: int = MOST) -> None:
        self._withdrawn = withdrawn
        self._most = most
        self._waiting: dict[ThreadId, Doubt] = {}
        self._said: dict[str, ThreadId] = {}
        self._settled: dict[ThreadId | str, datetime] = {}

    def offer(self, doubts: Sequence[Doubt], now: datetime) -> None:
        self.sweep(now)
        for doubt in doubts:
            post, said = (doubt.source, doubt.post), gist(doubt.text)
            if (
                doubt.written_at < now - KEPT
                or self._said.get(said, post) != post
                or post in self._settled
                or said in self._settled
                or post in self._withdrawn
            ):
                continue
            self._let_go(post)
            self._waiting[post], self._said[said] = doubt, post
            if len(self._waiting) > self._most:
                self._let_go(self._least())

    def find(self, now: datetime, *, service: str | None = None, most: int) -> list[Doubt]:
        fresh = (doubt for doubt in self._waiting.values() if doubt.written_at >= now - KEPT)
        return spread((doubt for doubt in fresh if service in (None, doubt.service)), most)

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        waiting = [self._waiting[post] for post in posts if post in self._waiting]
        return {(one.source, one.post): KnownPost(one.text, (one.service,), one.lang) for one in waiting}

    def settle(self, posts: Collection[ThreadId], now: datetime) -> None:
        for post in posts:
            gone = self._let_go(post)
            self._settled[post] = now
            if gone is not None:
                self._settled[gist(gone.text)] = now

    def withdraw(self, posts: Collection[ThreadId]) -> None:
        for post in posts:
            self._let_go(post)

    def sweep(self, now: datetime) -> None:
        self.withdraw([post for post, doubt in self._waiting.items() if doubt.written_at < now - KEPT])
        self._settled = {what: at for what, at in self._settled.items() if at >= now - KEPT}

    def _let_go(self, post: ThreadId) -> Doubt | None:
        gone = self._waiting.pop(post, None)
        if gone is not None:
            del self._said[gist(gone.text)]
        return gone

    def _least(self) -> ThreadId:
        """The least unsure post of the service that has most; equals as the true store orders them."""
        counts = Counter(doubt.service for doubt in self._waiting.values())
        loudest = max(counts, key=lambda service: (counts[service], service))
        theirs = (post for post, doubt in self._waiting.items() if doubt.service == loudest)
        return min(theirs, key=lambda post: (self._waiting[post].unsure, "|".join(post)))
