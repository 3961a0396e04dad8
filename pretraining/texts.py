"""The real posts, as the classifier reads them, and what their data sets say of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.catalogue import Catalogue
from models.classifier import Reader
from models.features import Reading
from models.matcher import Matcher
from models.real_posts import DATA_SETS, RealPost
from pretraining.vectors import Task

UNNAMED = "unnamed"  # the service asked about in a post that names none
_SENTIMENT = "sentiment"
_SHARE_OF_SET = 0.1  # of the loss: which set a text is from says little of what it means


class PostReader:
    """Reads posts for the first service that they name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._matcher = Matcher(catalogue)
        self._reader = Reader(catalogue)
        self._catalogue = catalogue

    def read(self, text: str, service: str | None = None) -> Reading | None:
        """A text, for a service that it is known to speak about; ``None`` in a language that is not read."""
        named = [naming.service for naming in self._matcher.match(text)]
        asked = service if service in self._catalogue.services else None
        asked = asked or next(iter(named), UNNAMED)
        return self._reader.read(text, asked, [other for other in named if other != asked]).reading


def tasks_of(posts: Sequence[RealPost], data: Path) -> list[Task]:
    """What the data sets' own labels ask of the vectors: sentiment, an airline's fault, the set itself."""
    tasks = [Task(_numbers([post.set for post in posts]), _SHARE_OF_SET)]
    for name in DATA_SETS:
        lines = _lines(data / "labels" / f"{name}.jsonl.gz")
        for field in (_SENTIMENT, "reason"):
            if any(line.get(field) for line in lines):
                said = {str(line.get("id", place)): line.get(field) for place, line in enumerate(lines)}
                tasks.append(
                    Task(_numbers([said.get(post.id) if post.set == name else None for post in posts]))
                )
    return tasks


def _numbers(labels: Sequence[str | None]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    known = {label: place for place, label in enumerate(sorted({one for one in labels if one is not None}))}
    return np.array([-1 if label is None else known[label] for label in labels], dtype=np.int64)


def _lines(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
