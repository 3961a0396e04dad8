"""``python -m pretraining --data FOLDER``: make ``data/ground/ground.skops`` anew. README.md explains it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.mention import KINDS
from models.catalogue import SHIPPED, load_catalogue
from models.corpus import CORPUS, LabelledPost, read_corpus
from models.features import Reading, learn_vocabularies
from models.fitting import WRITTEN, certain
from models.ground import SHIPPED_GROUND, STRENGTH, Ground, save_ground
from models.languages import ENGLISH
from models.learner import flat_prior
from models.real_posts import DATA_SETS, RealLabel, RealPost, RealPostsError, labelled_posts, read_texts
from models.training import read_all
from pretraining.encoder import embed
from pretraining.prior import Evidence, prior_of
from pretraining.teacher import Labelled, taught
from pretraining.texts import PostReader, tasks_of
from pretraining.vectors import train_vectors, vocabularies

Array = TypeVar("Array", NDArray[np.float32], NDArray[np.float64])

UNSURE = 0.5  # how much a label counts of which the labeller was not sure


def main() -> None:
    """Make the ground, a step at a time."""
    words = argparse.ArgumentParser(prog="python -m pretraining", description=__doc__)
    words.add_argument("--data", type=Path, required=True, help="the folder of the public data sets")
    words.add_argument("--work", type=Path, default=Path("var/pretraining"), help="where the steps are kept")
    words.add_argument("--out", type=Path, default=SHIPPED_GROUND, help="the file to write")
    chosen = words.parse_args()
    try:
        ground = make_ground(chosen.data, chosen.work)
    except RealPostsError as problem:
        words.error(str(problem))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_bytes(save_ground(ground))
    _tell(f"{chosen.out} is written; now: make train")


def make_ground(data: Path, work: Path) -> Ground:
    """The ground of the posts in a folder; what each step makes is kept in ``work`` and used again."""
    catalogue = load_catalogue(SHIPPED)
    reader = PostReader(catalogue)
    corpus = read_corpus(CORPUS)
    corpus_readings = read_all(corpus, catalogue)
    labelled = labelled_posts(data, DATA_SETS)
    posts, readings = _read(reader, [post for name in DATA_SETS for post in read_texts(data, name)])
    _tell(f"{len(posts):,} real posts are read, {len(labelled):,} of them labelled")

    texts = [post.text for post in posts]
    embeddings = _kept(work / "embeddings.npy", len(texts), lambda: embed(texts))
    judged = _kept(
        work / "judgements.npy", len(texts), lambda: taught(_lessons(corpus, labelled)).judge(texts)
    )
    of_real = vocabularies(readings)
    rows = of_real.rows(readings)
    vectors = train_vectors(rows, embeddings, tasks_of(posts, data), _tell)

    lent = Ground(of_real, vectors, flat_prior(len(KINDS), of_real.count, STRENGTH))
    features = learn_vocabularies(corpus_readings, [post.service for post in corpus], known=of_real)
    written = Evidence(
        features.rows(corpus_readings),
        certain([post.kind for post in corpus]),
        np.full(len(corpus), WRITTEN),
    )
    by_hand = _by_hand(reader, labelled)
    real = Evidence(
        features.rows([reading for reading, _ in by_hand]),
        certain([label.kind for _, label in by_hand]),
        WRITTEN * np.array([UNSURE if label.unsure else 1.0 for _, label in by_hand]),
    ).beside(Evidence(features.rows(readings), judged, np.ones(len(readings))))
    _tell(f"fits {features.count:,} columns")
    return Ground(features, lent.vectors_for(features), prior_of(real, written, features, lent))


def _read(reader: PostReader, posts: list[RealPost]) -> tuple[list[RealPost], list[Reading]]:
    """The posts in languages that can be read, with their readings."""
    read = [(post, reader.read(post.text)) for post in posts]
    kept = [(post, reading) for post, reading in read if reading is not None]
    return [post for post, _ in kept], [reading for _, reading in kept]


def _by_hand(reader: PostReader, labelled: list[RealLabel]) -> list[tuple[Reading, RealLabel]]:
    read = [(reader.read(label.post.text, label.service), label) for label in labelled]
    return [(reading, label) for reading, label in read if reading is not None]


def _lessons(corpus: list[LabelledPost], labelled: list[RealLabel]) -> list[Labelled]:
    """What the teacher learns from: it reads English alone."""
    written = [Labelled(post.text, post.kind) for post in corpus if post.lang == ENGLISH]
    real = [Labelled(one.post.text, one.kind, UNSURE if one.unsure else 1.0) for one in labelled]
    return written + real


def _kept(file: Path, count: int, make: Callable[[], Array]) -> Array:
    """An array of a file; where it is missing or of another number of posts, what is made and kept there."""
    if file.exists():
        kept: Array = np.load(file)
        if len(kept) == count:
            return kept
    _tell(f"makes {file} ...")
    file.parent.mkdir(parents=True, exist_ok=True)
    made = make()
    np.save(file, made)
    return made


def _tell(what: str) -> None:
    sys.stderr.write(what + "\n")


if __name__ == "__main__":
    main()
