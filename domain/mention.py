"""A mention: a post that names a service; and the tags a worker puts on it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from domain.post import Post


class Kind(StrEnum):
    """What a mention is."""

    COMPLAINT = "complaint"  # first-hand: it fails for me, now
    ECHO = "echo"  # news, joke, link, repost, "I heard"
    QUESTION = "question"  # "is X down?"
    RECOVERY = "recovery"  # "it's back"
    OTHER = "other"


class Symptom(StrEnum):
    """What fails."""

    SENDING = "sending"
    RECEIVING = "receiving"
    CALLING = "calling"
    LOGIN = "login"
    LOADING = "loading"
    CONNECTION = "connection"
    PLAYBACK = "playback"
    PAYMENT = "payment"
    NOTIFICATIONS = "notifications"
    SYNC = "sync"
    SEARCH = "search"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    CRASH = "crash"
    SLOW = "slow"


class Via(StrEnum):
    """How a post names a service, the surest way first."""

    NAME = "name"
    HANDLE = "handle"
    HASHTAG = "hashtag"
    THREAD = "thread"  # it replies in a thread that names the service


class Naming(msgspec.Struct, frozen=True):
    """One service that a post names, and how."""

    service: str
    via: Via


class Mention(msgspec.Struct, frozen=True):
    """A post that names at least one service of the catalogue; not yet judged.

    ``speaks_for`` is the service whose official account wrote the post: such a post is never a complaint.
    """

    post: Post
    namings: tuple[Naming, ...]
    speaks_for: str | None = None


class Tag(msgspec.Struct, frozen=True):
    """What a mention is for one of the services it names.

    ``probabilities`` has one number from 0 to 1 for each kind, in the order of ``Kind``; they add up to 1.
    """

    service: str
    kind: Kind
    probabilities: tuple[float, float, float, float, float]
    symptoms: tuple[Symptom, ...] = ()

    def probability(self, kind: Kind) -> float:
        return self.probabilities[KINDS.index(kind)]


class TaggedMention(msgspec.Struct, frozen=True):
    """A mention with one tag for each service it names.

    ``lang`` is the language it was read as (ISO 639-1). Unless ``is_read`` the classifier does not know that
    language: the tags are of kind ``other``, which is no verdict.
    """

    mention: Mention
    tags: tuple[Tag, ...]
    lang: str = "en"
    is_read: bool = True


KINDS: tuple[Kind, ...] = tuple(Kind)
