"""X, as the contract of all sources sees it."""

from __future__ import annotations

from ingest.source import PostId
from ingest.sources.x.listening import Listening
from ingest.sources.x.posts import SOURCE
from tests.ingest.sources.fake_x import FakeX, serve
from tests.ingest.sources.fake_x_reading import Reader

STRANGE = (
    b'{"data": {"id": "17000',  # truncated
    b"no JSON at all",
    b'{"sentinel": {"kind": "unheard of"}}',
    b"[1, 2, 3]",
    b'{"data": {"id": 17, "text": "an id that is no text"}}',
    b'{"data": {"id": "1500000000000000000", "text": "then?", "created_at": "2031-01-01T00:00:00Z"}}',
    b'{"data": {"id": "1500000000000000000"}}',
    b'{"data": ' + b"[" * 100_000,
    b"\xff\xfe\x00\x01",
)


class XWorld:
    """X's API on this machine, read through its stream."""

    def __init__(self) -> None:
        self.x = FakeX()
        self._stop = serve(self.x)
        self._reader = Reader(self.x)

    @property
    def connects(self) -> int:
        return self.x.connects

    def source(self) -> Listening:
        return self._reader.listening()

    def write(self, *texts: str) -> list[PostId]:
        return [(SOURCE, self.x.write(text)) for text in texts]

    def delete(self, post: PostId) -> bool:
        return False  # only an Enterprise plan is told

    def cut(self) -> None:
        self.x.cut()

    def refuse(self, status: int | None) -> None:
        self.x.refuse(status)

    def close_at_once(self, on: bool) -> None:
        self.x.closing_at_once = on

    def hang(self, on: bool) -> None:
        self.x.hanging = on

    def garble(self) -> int:
        self.x.say(*STRANGE)
        return len(STRANGE)

    def stop(self) -> None:
        self._stop()
