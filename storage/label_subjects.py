"""What a label is about, as one text: a person's later label on the same subject replaces the earlier."""

from __future__ import annotations

import msgspec

from domain.label import Label


def subject_of(label: Label) -> str:
    """The incident, the official incident, or the post and service.

    >>> from datetime import UTC, datetime
    >>> from domain.label import Verdict
    >>> subject_of(Label("l1", "ada", datetime(2026, 1, 1, tzinfo=UTC), Verdict.REAL, incident="inc_1"))
    '["incident","inc_1"]'
    """
    if label.incident is not None:
        return msgspec.json.encode(("incident", label.incident)).decode()
    if label.official is not None:
        return msgspec.json.encode(("official", label.official)).decode()
    return msgspec.json.encode(("post", label.source, label.post, label.service)).decode()
