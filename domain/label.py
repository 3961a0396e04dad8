"""A label: a person's verdict on a post or on an incident."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.mention import Kind


class Verdict(StrEnum):
    """What a person says of an incident or of the post's tag."""

    REAL = "real"
    NOT_AN_OUTAGE = "not_an_outage"
    WRONG_SERVICE = "wrong_service"


class Label(msgspec.Struct, frozen=True):
    """One person's verdict on an incident, on an official one that we missed, or on a post and service.

    Exactly one of ``incident``, ``official`` (a notice's event) and ``post`` (with ``source``) is set. The
    label of a post may name its ``kind``; ``service`` is the right service with ``WRONG_SERVICE``. ``text``
    keeps the post's words for training, when the labeller gave them.
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
