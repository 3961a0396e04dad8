"""Hearing: from the messages of a stream, and of a page, to posts and claims. One core."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.figures import Figure, measured
from benchmarks.material import stream_texts
from ingest.sources.bluesky.events import microseconds, read_event
from ingest.sources.mastodon.text import text_of

POSTS = 10_000
_NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def hearing() -> Iterator[Figure]:
    """Jetstream's events against the standard library's decoding alone; Mastodon's HTML."""
    texts = stream_texts(POSTS)
    messages = [_event(number, text) for number, text in enumerate(texts)]
    alone = measured("JSON alone", "events", lambda: _decode(messages))
    yield alone
    events = measured("Bluesky's events", "events", lambda: _read(messages))
    yield events.compared(alone, "JSON alone's")
    pages = [
        f'<p>{text}<br>see <a href="https://a.example/b"><span>a.example/b</span></a></p>' for text in texts
    ]
    yield measured("Mastodon's HTML", "posts", lambda: _plain(pages))


def _event(number: int, text: str) -> bytes:
    at = _NOW + timedelta(milliseconds=20 * number)
    record = {
        "$type": "app.bsky.feed.post",
        "createdAt": at.isoformat().replace("+00:00", "Z"),
        "langs": ["en"],
        "text": text,
    }
    commit = {
        "rev": f"r{number}",
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": f"k{number}",
        "cid": f"c{number}",
        "record": record,
    }
    event = {
        "did": f"did:plc:{number % 997}",
        "time_us": microseconds(at),
        "kind": "commit",
        "commit": commit,
    }
    return json.dumps(event).encode()


def _decode(messages: list[bytes]) -> int:
    for message in messages:
        json.loads(message)
    return len(messages)


def _read(messages: list[bytes]) -> int:
    now = microseconds(_NOW + timedelta(hours=1))
    for message in messages:
        read_event(message, now=now)
    return len(messages)


def _plain(pages: list[str]) -> int:
    for page in pages:
        text_of(page)
    return len(pages)
