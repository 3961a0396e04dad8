"""Bluesky, as the contract of all sources sees it."""

from __future__ import annotations

from ingest.source import PostId
from ingest.sources.bluesky.source import Bluesky
from tests.ingest.sources.fake_jetstream import FakeJetstream


class BlueskyWorld:
    """One host of Jetstream, with people who also move and leave while others write."""

    def __init__(self) -> None:
        self.jetstream = FakeJetstream()

    @property
    def connects(self) -> int:
        return self.jetstream.connects

    def source(self) -> Bluesky:
        return Bluesky([self.jetstream.url], silence=0.35, pace=0.05)

    def write(self, *texts: str) -> list[PostId]:
        posts = []
        for index, text in enumerate(texts):
            posts.append(("bluesky", self.jetstream.create(text)))
            if index % 7 == 3:
                self.jetstream.identity()
            if index % 7 == 5:
                self.jetstream.account()
        return posts

    def delete(self, post: PostId) -> bool:
        self.jetstream.delete(post[1])
        return True

    def cut(self) -> None:
        self.jetstream.cut()

    def refuse(self, status: int | None) -> None:
        if status == 429:
            self.jetstream.refuse(status, Retry_After="60")
        else:
            self.jetstream.refuse(status)

    def close_at_once(self, on: bool) -> None:
        self.jetstream.close_at_once(on)

    def hang(self, on: bool) -> None:
        self.jetstream.hang(on)

    def garble(self) -> int:
        return self.jetstream.garble()

    def stop(self) -> None:
        self.jetstream.stop()
