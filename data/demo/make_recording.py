"""Writes the demo recording: 2012-11-18 as it may have sounded. A reconstruction, the same at every run.

python data/demo/make_recording.py [FOLDER]
"""

from __future__ import annotations

import gzip
import io
import random
import sys
from datetime import datetime
from pathlib import Path

import msgspec
from day import Day, Draft

SEED = "2012-11-18"
POSTS, NOTICES = "2012-11-18.jsonl.gz", "2012-11-18.notices.jsonl"


class Post(msgspec.Struct, omit_defaults=True):
    """A line of the recording."""

    id: str
    written_at: datetime
    text: str
    source: str = ""
    author: str | None = None
    in_reply_to: str | None = None
    lang: str | None = None
    is_repost: bool = False


def numbered(drafts: list[Draft]) -> list[Post]:
    """The drafts as posts, numbered in the order of time."""
    number = {id(draft): f"r{place:05}" for place, draft in enumerate(drafts, start=1)}
    return [
        Post(
            id=number[id(draft)],
            written_at=draft.at,
            text=draft.text,
            source="x",
            author=draft.author.handle,
            in_reply_to=number[id(draft.answers)] if draft.answers else None,
            lang="en",
            is_repost=draft.is_repost,
        )
        for draft in drafts
    ]


def zipped(content: bytes) -> bytes:
    """The content gzipped without a time or a name, so that the same content gives the same bytes."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def main(folder: Path) -> None:
    """Write both files of the recording into a folder."""
    day = Day(random.Random(SEED))
    url = day.timeline.notice_url
    encoder = msgspec.json.Encoder()
    posts = encoder.encode_lines(numbered(day.write()))
    notices = encoder.encode_lines([msgspec.structs.replace(told, url=url) for told in day.timeline.notices])
    (folder / POSTS).write_bytes(zipped(posts))
    (folder / NOTICES).write_bytes(notices)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
