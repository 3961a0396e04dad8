"""Folds: which posts a model learns from, and which it is then asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from domain.mention import KINDS
from models.corpus import LabelledPost
from models.evaluating.baselines import Learner
from models.evaluating.known_posts import KnownPosts, Places
from models.evaluating.measures import Truth
from models.ground import Ground
from models.learner import Floats
from models.training import FOLDS

Fold = tuple[Places, Places]  # the posts to learn from, and those to be asked about
Tell = Callable[[str, int, int], None]  # what is under way, how much of it is done, and how much there is

_SEED = 20121118  # that of training: its figures come from the same folds
_DEALT = "random"  # replies and tweets of no trade


def by_service(corpus: Sequence[LabelledPost]) -> list[Fold]:
    """Ten folds in which no service, and no pair, is on both sides; those of ``training.held_out``."""
    first: dict[str, str] = {}
    groups = [first.setdefault(post.pair, post.service) if post.pair else post.service for post in corpus]
    kinds = [KINDS.index(post.kind) for post in corpus]
    split = StratifiedGroupKFold(min(FOLDS, len(set(groups))), shuffle=True, random_state=_SEED)
    return list(split.split(kinds, kinds, groups))


def ten_folds(complains: Truth) -> list[Fold]:
    """Ten folds, as many complaints in each."""
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    return list(split.split(complains, complains))


def by_domain(domains: Sequence[str]) -> list[Fold]:
    """A fold for each trade, which is held out; posts of no trade are dealt over all of them."""
    trades = [trade for trade in sorted(set(domains)) if not trade.startswith(_DEALT)]
    chance = np.random.default_rng(0)
    of = np.array([one if one in trades else trades[chance.integers(len(trades))] for one in domains])
    return [(np.flatnonzero(of != trade), np.flatnonzero(of == trade)) for trade in trades]


def judged_in_folds(
    posts: KnownPosts,
    folds: Sequence[Fold],
    learners: Mapping[str, Learner],
    *,
    ground: Ground | None,
    tell: Callable[[int, int], None],
) -> tuple[Floats, dict[str, Floats]]:
    """Our logits and the learners' scores of each post, by models that did not see it."""
    logits = np.zeros(posts.targets.shape)
    scores = {name: np.zeros(len(posts.texts)) for name in learners}
    for done, (seen, unseen) in enumerate(folds):
        tell(done, len(folds))
        taught, asked = posts.some(seen), posts.some(unseen)
        logits[unseen] = taught.teach(asked.readings, ground)
        for name, learner in learners.items():
            scores[name][unseen] = learner(taught.texts, taught.complains, asked.texts)
    return logits, scores
