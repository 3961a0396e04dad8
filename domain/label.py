"""A label: a person's verdict on a post or on an incident."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.mention import Kind

THROUGH_INCIDENT = 0.3  # whoever judged a whole incident has read some of its posts, and not each


class Verdict(StrEnum):
    """What a person says of an incident or of the post's tag."""

    REAL = "real"
    NOT_AN_OUTAGE = "not_an_outage"
    WRONG_SERVICE = "wrong_service"


class Untaught(StrEnum):
    """Why a label teaches the classifier nothing."""

    NO_WORDS = "no_words"  # the post's words came with no label of it, and are kept nowhere
    NO_SERVICE = "no_service"  # a post is judged for a service, and it is not known for which
    NO_POST = "no_post"  # it judges an official event, or an incident in a way that says nothing of its posts


class Label(msgspec.Struct, frozen=True):
    """One person's verdict on an incident, on an official one that we missed, or on a post and service.

    Exactly one of ``incident``, ``official`` (a notice's event) and ``post`` (with ``source``) is set; but a
    post's label that follows from one on an incident names that too. The label of a post may name its
    ``kind``. With ``WRONG_SERVICE``, ``service`` is the right one and ``instead_of`` the one it was taken
    for. ``text`` keeps the post's words for training, where they are known, and ``lang`` their language.
    """

    id: str
    by: str
    at: datetime
    verdict: Verdict
    incident: str | None = None
    official: str | None = None
    source: str | None = None
    post: str | None = None
    service: str | None = None
    kind: Kind | None = None
    text: str | None = None
    instead_of: str | None = None
    lang: str | None = None

    @property
    def judged_for(self) -> str | None:
        """The service whose tag a post's label judges; a later verdict on that tag replaces this one."""
        if self.verdict is Verdict.WRONG_SERVICE:
            return self.instead_of or self.service
        return self.service

    @property
    def untaught(self) -> Untaught | None:
        """Why it teaches nothing; ``None`` for one that does.

        An incident teaches through its posts: a real one that they complain, one of the wrong service
        whom they blame. "Not an outage" says nothing certain of any of them: people may well have complained,
        of something that was none, or too few of them; to teach that they did not would be to unlearn.
        """
        if self.post is None:
            blamed = self.verdict is Verdict.WRONG_SERVICE and self.service is not None
            says = self.incident is not None and (blamed or self.verdict is Verdict.REAL)
            return None if says else Untaught.NO_POST
        if not (self.text or "").strip():
            return Untaught.NO_WORDS
        return Untaught.NO_SERVICE if self.judged_for is None else None

    @property
    def teaches(self) -> bool:
        return self.untaught is None

    @property
    def weight(self) -> float:
        """How much it counts as a lesson: less where it was said of a whole incident."""
        return 1.0 if self.incident is None else THROUGH_INCIDENT

    def repeats(self, other: Label) -> bool:
        """Whether it says what another label says, whenever and under whichever id."""
        return self == msgspec.structs.replace(other, id=self.id, at=self.at)
