"""From lines that came over HTTP to posts on their way to the live run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from redis.exceptions import RedisError

from domain.busy import Busy
from domain.post import Post
from ingest.faults import BadLine
from ingest.recordings import read_posts
from storage.interfaces import Posts
from workers.reading import PAGE, Reader

MOST_BACKLOG = 400  # batches that may wait before the intake says "busy": about a minute of one worker's work
AHEAD = timedelta(minutes=5)  # a clock may be wrong by so much; a post from later than that is refused
COME_BACK_AFTER = 5  # seconds


class Intake(msgspec.Struct, frozen=True):
    """What became of the posts that were brought: how many were read, named a service, were refused."""

    accepted: int
    mentions: int
    rejected: tuple[BadLine, ...]


def take_in(lines: Iterable[bytes], reader: Reader, store: Posts, *, source: str = "http") -> Intake:
    """Hand the posts among ``lines`` over, page by page.

    Raises ``Busy`` when the workers are behind, or Redis is away: nothing of the page at hand was kept
    then, and bringing all of it again counts nothing twice.
    """
    rejected: list[BadLine] = []
    latest = datetime.now(UTC) + AHEAD
    posts = read_posts(lines, default_source=source, on_bad=rejected.append, latest=latest)
    accepted = mentions = 0
    try:
        if store.backlog() > MOST_BACKLOG:
            raise Busy("the workers are behind with the posts they have", COME_BACK_AFTER, behind=True)
        for page in _pages(posts):
            mentions += reader.hand_over(page, source, store, None) or 0
            accepted += len(page)
    except RedisError as error:
        raise Busy("the store of running posts does not answer", COME_BACK_AFTER) from error
    return Intake(accepted=accepted, mentions=mentions, rejected=tuple(rejected))


def _pages(posts: Iterable[Post]) -> Iterator[list[Post]]:
    page: list[Post] = []
    for post in posts:
        page.append(post)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page
