"""The world of one Mastodon instance whose public timeline is streamed."""

from __future__ import annotations

from pydantic import SecretStr

from ingest.source import PostId
from ingest.sources.mastodon.options import Instance
from ingest.sources.mastodon.source import Mastodon
from tests.ingest.sources.fake_mastodon import TOKEN, FakeMastodon

GARBLED = (
    b'event: update\ndata: {"id": "1", "content": "<p>half\n\n',
    b"event: update\n\n",
    b'event: update\ndata: {"id": "2"}\n\n',
    b"event: update\ndata: []\n\n",
    b"event: update\ndata: \xff\xfe\n\n",
    b'event: update\ndata: {"id": "3", "deep": ' + b"[" * 100_000 + b"\n\n",
    b"event: surprise\ndata: {}\n\n",
    b"data: 4\n\n",
    b"this is no event\n\n",
)


class MastodonWorld:
    """Fulfils ``tests/contracts/world.py``."""

    def __init__(self) -> None:
        self.server = FakeMastodon()

    @property
    def connects(self) -> int:
        return self.server.connects

    def source(self) -> Mastodon:
        return Mastodon(
            Instance(self.server.host, self.server.url),
            ("public",),
            SecretStr(TOKEN),
            silence=0.5,
            beat=0.05,
        )

    def write(self, *texts: str) -> list[PostId]:
        return [("mastodon", self.server.write(text)["uri"]) for text in texts]

    def delete(self, post: PostId) -> bool:
        return self.server.delete(post[1])

    def cut(self) -> None:
        self.server.cut()

    def refuse(self, status: int | None) -> None:
        self.server.refusal = status

    def close_at_once(self, on: bool) -> None:
        self.server.closes_at_once = on

    def hang(self, on: bool) -> None:
        self.server.hang(on)

    def garble(self) -> int:
        for raw in GARBLED:
            self.server.say_raw(raw)
        return len(GARBLED)

    def stop(self) -> None:
        self.server.stop()
