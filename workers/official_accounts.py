"""From what official accounts write to official notices: their first word counts as the official one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.mention import Mention
from domain.notice import OfficialNotice
from domain.official import account_event
from models.encodings import mended
from models.official_word import official_word
from models.text import LONGEST


def notices_of(mentions: Iterable[Mention], run: str) -> Iterator[OfficialNotice]:
    """A notice for each post in which an account speaks of its service's trouble, or calls it over.

    Such a post is public at once, so it counts as seen when it was written, whoever reads it and whenever.
    The same post is the same notice.
    """
    for mention in mentions:
        post, service = mention.post, mention.speaks_for
        state = official_word(post) if service is not None else None
        if service is None or state is None:
            continue
        yield OfficialNotice(
            run=run,
            service=service,
            state=state,
            seen_at=post.written_at,
            text=mended(post.text[:LONGEST]),
            url=post.url,
            event=account_event(service, post.source, post.id),
        )
