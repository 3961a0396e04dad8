"""What a label is about, as one text: a person's later label on the same subject replaces the earlier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from domain.label import Label

LabelKey = tuple[str, str]  # a person, and the subject of their label


def subject_of(label: Label) -> str:
    """The incident, the official incident, or the post and the service whose tag it judges.

    >>> from datetime import UTC, datetime
    >>> from domain.label import Verdict
    >>> subject_of(Label("l1", "ada", datetime(2026, 1, 1, tzinfo=UTC), Verdict.REAL, incident="inc_1"))
    '["incident","inc_1"]'
    """
    if label.incident is not None:
        return msgspec.json.encode(("incident", label.incident)).decode()
    if label.official is not None:
        return msgspec.json.encode(("official", label.official)).decode()
    return msgspec.json.encode(("post", label.source, label.post, label.judged_for)).decode()


def key_of(label: Label) -> LabelKey:
    """The person and the subject, for which there is one label."""
    return label.by, subject_of(label)


def changed(kept: Mapping[LabelKey, Label], fresh: Iterable[Label]) -> list[Label]:
    """The labels among ``fresh`` that go before the kept ones: the latest of each person and subject."""
    latest: dict[LabelKey, Label] = {}
    for label in fresh:
        key = key_of(label)
        before = latest.get(key) or kept.get(key)
        if before is None or (before.at <= label.at and not label.repeats(before)):
            latest[key] = label
    return list(latest.values())
