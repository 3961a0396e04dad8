"""Posts and mentions for the tests of the steps, and a tagger with a simple mind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.mention import KINDS, Kind, Mention, Tag, TaggedMention
from domain.post import Post
from domain.service import Service
from ingest.pseudonyms import Pseudonyms
from models.catalogue import Catalogue
from models.matcher import Matcher
from workers.reading import Reader

START = datetime(2012, 11, 17, 0, 0, tzinfo=UTC)

SERVICES = (
    Service(id="imessage", name="iMessage", vendor="apple", category="messaging", aliases=("imessage",)),
    Service(
        id="spotify",
        name="Spotify",
        vendor="spotify",
        category="music",
        aliases=("spotify",),
        handles=("spotifycares",),
        handles_official=("spotifycares",),
    ),
)


def reader() -> Reader:
    catalogue = Catalogue({service.id: service for service in SERVICES})
    return Reader(
        matcher=Matcher(catalogue),
        accounts=catalogue,
        pseudonyms=Pseudonyms(b"a key that is only for the tests"),
        thread_limit=12 * 3_600_000,
    )


def post(number: int, text: str, *, minutes: float = 0, **more: object) -> Post:
    fields: dict[str, object] = {"author": f"author-{number}", **more}
    return Post(
        source="x",
        id=str(number),
        text=text,
        written_at=START + timedelta(minutes=minutes),
        **fields,  # type: ignore[arg-type]  # as given
    )


class PlainTagger:
    """A complaint is what says "broken", a recovery what says "back"; a "poison" cannot be tagged."""

    version = "plain"

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        return [
            TaggedMention(one, tuple(self._tag(one, naming.service) for naming in one.namings))
            for one in mentions
        ]

    def _tag(self, mention: Mention, service: str) -> Tag:
        text = mention.post.text
        if "poison" in text:
            raise ValueError("this text breaks the tagger")
        kind = Kind.COMPLAINT if "broken" in text else Kind.RECOVERY if "back" in text else Kind.OTHER
        sure = tuple(1.0 if one is kind else 0.0 for one in KINDS)
        return Tag(service=service, kind=kind, probabilities=sure)  # type: ignore[arg-type]  # five kinds
