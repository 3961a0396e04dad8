"""Labels, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from domain.label import Label
from storage.interfaces import KnownPost, ThreadId
from storage.known_posts import of_labels
from storage.label_subjects import LabelKey, changed, key_of


class MemoryLabels:
    """The twin of ``SqlLabels``, for one process."""

    def __init__(self) -> None:
        self._labels: dict[LabelKey, Label] = {}

    def add(self, label: Label) -> None:
        key = key_of(label)
        if key not in self._labels or self._labels[key].at <= label.at:
            self._labels[key] = label

    def add_all(self, fresh: Sequence[Label]) -> int:
        wanted = changed(self._labels, fresh)
        self._labels.update({key_of(label): label for label in wanted})
        return len(wanted)

    def remove(self, label: str, by: str) -> bool:
        theirs = [key for key, kept in self._labels.items() if (kept.id, kept.by) == (label, by)]
        for key in theirs:
            del self._labels[key]
        return bool(theirs)

    def find(
        self,
        *,
        incident: str | None = None,
        official: str | None = None,
        source: str | None = None,
        post: str | None = None,
        by: str | None = None,
        after: str | None = None,
        most: int = 1000,
    ) -> list[Label]:
        wanted = {"incident": incident, "official": official, "source": source, "post": post, "by": by}
        found = _latest_first(self._labels.values())
        if after is not None:
            ids = [label.id for label in found]
            if after not in ids:
                raise KeyError(after)
            found = found[ids.index(after) + 1 :]
        return [label for label in found if _has(label, wanted)][:most]

    def of_posts(self, since: datetime | None = None) -> list[Label]:
        told = [
            label
            for label in self._labels.values()
            if label.post is not None and label.text is not None and (since is None or label.at > since)
        ]
        return sorted(told, key=lambda label: (label.at, label.id))

    def of_incidents(self) -> list[Label]:
        return _latest_first(label for label in self._labels.values() if label.post is None)

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        return of_labels(label for label in self.of_posts() if (label.source, label.post) in posts)

    def withdraw(self, posts: Collection[ThreadId]) -> None:
        for key, label in self._labels.items():
            if (label.source, label.post) in posts:
                self._labels[key] = msgspec.structs.replace(label, text=None)


def _latest_first(labels: Iterable[Label]) -> list[Label]:
    by_id = sorted(labels, key=lambda label: label.id)
    return sorted(by_id, key=lambda label: label.at, reverse=True)


def _has(label: Label, wanted: dict[str, str | None]) -> bool:
    return all(value in (None, getattr(label, field)) for field, value in wanted.items())
