"""Posts whose kinds are known, as learners take them, and a model learned from some that judges others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from domain.service import Service
from models.catalogue import Catalogue
from models.classifier import Reader
from models.corpus import LabelledPost
from models.evaluating.measures import COMPLAINT, Truth
from models.features import Reading, learn_vocabularies
from models.fitting import WRITTEN, certain, fit_by_vectors
from models.ground import Ground
from models.languages import ENGLISH
from models.learner import Floats
from models.matcher import Matcher
from models.real_posts import RatedPost, RealLabel
from models.training import read_all

UNSURE = 0.5  # how often a label counts in training whose labeller was not sure

Places = NDArray[np.int64]


@dataclass(frozen=True)
class KnownPosts:
    """Texts, their readings and the services they speak about, what they are, and how often each counts.

    ``targets`` has a column for each kind, complaints first; there may be fewer than five kinds.
    """

    texts: Sequence[str]
    readings: Sequence[Reading]
    services: Sequence[str]
    targets: Floats
    counts: Floats

    @property
    def complains(self) -> Truth:
        complains: Truth = self.targets[:, COMPLAINT] == 1
        return complains

    def some(self, places: Places) -> KnownPosts:
        return KnownPosts(
            [self.texts[at] for at in places],
            [self.readings[at] for at in places],
            [self.services[at] for at in places],
            self.targets[places],
            self.counts[places],
        )

    def beside(self, other: KnownPosts) -> KnownPosts:
        """Both together."""
        return KnownPosts(
            [*self.texts, *other.texts],
            [*self.readings, *other.readings],
            [*self.services, *other.services],
            np.vstack([self.targets, other.targets]),
            np.concatenate([self.counts, other.counts]),
        )

    def teach(self, readings: Sequence[Reading], ground: Ground | None) -> Floats:
        """The logits of other readings, by a model that these posts and the ground's vectors taught."""
        features = learn_vocabularies(
            self.readings, self.services, known=ground.features if ground is not None else None
        )
        rows = features.rows(self.readings)
        weights = fit_by_vectors(features, rows, self.targets, ground=ground, weights=self.counts)
        return weights.logits(features.rows(readings))


def of_corpus(corpus: Sequence[LabelledPost], services: Sequence[Service]) -> KnownPosts:
    """The posts of the corpus."""
    return KnownPosts(
        [post.text for post in corpus],
        read_all(corpus, services),
        [post.service for post in corpus],
        certain([post.kind for post in corpus]),
        np.full(len(corpus), WRITTEN),
    )


def of_ratings(rated: Sequence[RatedPost]) -> KnownPosts:
    """Posts of which only is known whether they complain; each trade counts as a service."""
    reader = Reader()
    read = [reader.read_as(ENGLISH, one.post.text, "").reading for one in rated]  # English is always read
    return KnownPosts(
        [one.post.text for one in rated],
        [reading for reading in read if reading is not None],
        [one.domain for one in rated],
        np.eye(2)[[0 if one.complains else 1 for one in rated]],
        np.ones(len(rated)),
    )


class LabelReader:
    """Reads labelled real posts for the service they are labelled with, as the classifier would."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._known = {service.id for service in services}
        self._reader = Reader(services)
        self._matcher = Matcher(Catalogue({service.id: service for service in services}))

    def read(self, labels: Sequence[RealLabel]) -> tuple[list[RealLabel], KnownPosts]:
        """The labels whose posts can be read, and these posts; the others' languages have no lexicon."""
        read = [(one, self._reading(one)) for one in labels]
        kept = [(one, reading) for one, reading in read if reading is not None]
        known = KnownPosts(
            [one.post.text for one, _ in kept],
            [reading for _, reading in kept],
            [one.service or "none" for one, _ in kept],
            certain([one.kind for one, _ in kept]),
            np.array([WRITTEN * (UNSURE if one.unsure else 1) for one, _ in kept]),
        )
        return [one for one, _ in kept], known

    def _reading(self, label: RealLabel) -> Reading | None:
        text, service = label.post.text, label.service or ""
        others = self._matcher.match(text) if service in self._known else ()
        named = [naming.service for naming in others if naming.service != service]
        read = self._reader.read(text, service, named, label.lang)
        # A few words may look like any language; of a labelled post it is known which one they are.
        return read.reading or self._reader.read_as(label.lang, text, service, named).reading


def likelihoods(logits: Floats) -> Floats:
    likely: Floats = softmax(logits, axis=1)
    return likely
