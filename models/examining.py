"""Examining: what a classifier makes of posts, each asked for one service, as where posts are counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from domain.mention import KINDS, Mention, Naming, Via
from domain.post import Post
from domain.service import Service
from models.catalogue import Catalogue
from models.classifier import Classifier
from models.matcher import Matcher

_UNREAD = (0.0,) * len(KINDS)
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # no classifier reads when a post was written


class Question(msgspec.Struct, frozen=True):
    """A text, and the service that it is judged for."""

    text: str
    service: str
    lang: str | None = None


class Examiner:
    """Asks classifiers; knows which services a text names beside the one that is asked about."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._matcher = Matcher(Catalogue({service.id: service for service in services}))

    def examine(self, classifier: Classifier, questions: Sequence[Question]) -> NDArray[np.float64]:
        """The probabilities of each question's kinds, one row for each, in the order of ``Kind``.

        A row of zeros says that the text is in a language which the classifier cannot read.
        """
        tagged = classifier.tag([self._mention(one) for one in questions])
        rows = [one.tags[0].probabilities if one.is_read else _UNREAD for one in tagged]
        return np.array(rows, dtype=np.float64).reshape(len(questions), len(KINDS))

    def _mention(self, question: Question) -> Mention:
        others = [
            naming for naming in self._matcher.match(question.text) if naming.service != question.service
        ]
        return Mention(
            Post(source="", id="", text=question.text, written_at=_SOME_TIME, lang=question.lang),
            (Naming(question.service, Via.NAME), *others),
        )
