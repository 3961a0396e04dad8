"""A recording through the house: read it, hand it over page by page, wait until its last minute is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.moments import milliseconds, minute_of, start_of_minute
from domain.post import Post
from domain.run import LIVE
from ingest.faults import BadLine, RecordingError
from ingest.lines import open_recording
from ingest.recordings import read_posts
from storage.interfaces import Posts, Step
from workers.reading import PAGE, Reader


class ReplayOvertaken(Exception):
    """Another replay of the same name has begun; this one has nothing left to bring."""


@dataclass(frozen=True)
class Recording:
    """The posts of a file in the order of their writing, with what could not be read."""

    name: str
    posts: Sequence[Post]
    bad: Sequence[BadLine]

    @property
    def first_minute(self) -> int:
        return minute_of(self.posts[0].written_at)

    @property
    def end_minute(self) -> int:
        """The minute after the last post."""
        return minute_of(self.posts[-1].written_at) + 1


def load_recording(path: Path, *, strict: bool = False) -> Recording:
    """Read a whole recording. Raises ``RecordingError`` for a file that cannot be read or holds no post.

    People's clocks and archives are not in order, and minutes close in order: so the posts are sorted.
    """
    bad: list[BadLine] = []
    name = recording_name(path)
    if name == LIVE:  # a replay begins its run anew, and this one is not to be forgotten
        raise RecordingError(
            f"{path}: a recording may not be called {LIVE}, as the live run is: rename the file"
        )
    with open_recording(path) as lines:
        posts = list(read_posts(lines, default_source=name, on_bad=bad.append, strict=strict))
    if not posts:
        first = f"; the first bad one: {bad[0]}" if bad else ""
        raise RecordingError(f"{name}: holds no post that can be read (bad lines: {len(bad)}{first})")
    posts.sort(key=lambda post: (post.written_at, post.source, post.id))
    return Recording(name=name, posts=posts, bad=tuple(bad))


def recording_name(path: Path) -> str:
    """The name of a recording: its file's, without what only says how it is packed.

    >>> recording_name(Path("data/spotify_2017.jsonl.gz"))
    'spotify_2017'
    """
    if str(path) == "-":
        return "stdin"
    return path.name.removesuffix(".gz").removesuffix(".zst").removesuffix(".jsonl") or path.name


def pages(recording: Recording) -> Iterator[tuple[Sequence[Post], Step]]:
    """The recording in pages, each with the step that its hand-over is."""
    cut = [recording.posts[start : start + PAGE] for start in range(0, len(recording.posts), PAGE)]
    for number, page in enumerate(cut):
        following = cut[number + 1][0] if number + 1 < len(cut) else page[-1]
        yield (
            page,
            Step(
                cursor=str(number + 1),
                expected=str(number) if number else None,
                progress=milliseconds(following.written_at),
            ),
        )


def hand_over_all(
    recording: Recording,
    reader: Reader,
    store: Posts,
    after_each: Callable[[int], None],
) -> None:
    """Hand over every page and say where the recording ends; ``after_each`` is told how many posts went."""
    handed = 0
    for page, step in pages(recording):
        if reader.hand_over(page, recording.name, store, step) is None:
            raise ReplayOvertaken(f"another replay of {recording.name} has begun")
        handed += len(page)
        after_each(handed)
    store.end(milliseconds(start_of_minute(recording.end_minute)))
