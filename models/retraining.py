"""Retraining: a challenger that knows what its champion knew, and has learned from people's verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.mention import Kind
from domain.model_version import ModelVersion
from domain.service import Service
from models.corpus import LabelledPost


class Lesson(msgspec.Struct, frozen=True):
    """What people's verdicts say of one post for one service.

    ``weight`` says how much it counts beside a post of the corpus (1); ``by`` are those who said so; ``at`` is
    the time of the latest verdict.
    """

    id: str
    text: str
    service: str
    kind: Kind
    at: datetime
    by: tuple[str, ...]
    weight: float = 1.0
    lang: str = "en"


def retrain(
    champion: ModelVersion,
    corpus: Sequence[LabelledPost],
    lessons: Sequence[Lesson],
    *,
    trained_at: datetime,
    services: Iterable[Service] = (),
) -> ModelVersion:
    """A challenger for the champion, taught by the corpus and the lessons. The same input gives the same bytes.

    Its card names the champion as ``parent`` and the latest lesson's time as ``labels_until``.
    """
    raise NotImplementedError
