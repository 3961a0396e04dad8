"""The teacher: the encoder, taught the five kinds by labelled posts, judges all the others.

Its judgements are softer than a label and there are seventy thousand of them; a linear model that learns from
both knows more than one that learns from the labels (Hinton et al. 2015, "Distilling the knowledge in a
neural network").
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, softmax

from domain.mention import KINDS, Kind
from pretraining.encoder import WIDTH, Encoder, by_length

EPOCHS = 3
_BATCH, _BUCKET = 32, 1024  # posts; a bucket's are sorted by length, its batches are drawn at random
_RATE_OF_LAYERS, _RATE_OF_HEAD = 6e-5, 1e-3
_WARM_UP = 0.1  # of all steps, over which the rates rise
_SMOOTHING = 0.05  # of labels
_AT_ONCE = 128
_SEED = 0


class Labelled(msgspec.Struct, frozen=True):
    """A text whose kind is known; ``weight`` is less than 1 where the labeller was unsure."""

    text: str
    kind: Kind
    weight: float = 1.0


class Teacher(torch.nn.Module):
    """The encoder with a linear layer for the five kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.head = torch.nn.Linear(WIDTH, len(KINDS))

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """The logits of the kinds, one row for each text."""
        logits: torch.Tensor = self.head(self.encoder(texts))
        return logits

    @torch.no_grad()
    def judge(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The probabilities of the kinds, one row for each text."""
        self.eval()
        found = np.zeros((len(texts), len(KINDS)))
        for some in by_length(texts, _AT_ONCE):
            found[some] = softmax(self([texts[at] for at in some]), dim=1).numpy()
        return found


def taught(posts: Sequence[Labelled]) -> Teacher:
    """A teacher that has learned from these posts; some ten minutes for eight thousand on two cores."""
    torch.manual_seed(_SEED)
    teacher = Teacher()
    optimizer = torch.optim.AdamW(
        [
            {"params": teacher.encoder.parameters(), "lr": _RATE_OF_LAYERS},
            {"params": teacher.head.parameters(), "lr": _RATE_OF_HEAD},
        ],
        weight_decay=0.01,
    )
    steps = EPOCHS * -(-len(posts) // _BATCH)
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (_WARM_UP * steps)) * max(0.0, 1 - step / steps)
    )
    random = np.random.default_rng(_SEED)
    for _ in range(EPOCHS):
        teacher.train()
        for batch in _batches(posts, random):
            logits = teacher([post.text for post in batch])
            kinds = torch.tensor([KINDS.index(post.kind) for post in batch])
            weights = torch.tensor([post.weight for post in batch])
            surprise = cross_entropy(logits, kinds, reduction="none", label_smoothing=_SMOOTHING)
            optimizer.zero_grad()
            (surprise * weights).mean().backward()
            optimizer.step()
            rates.step()
    return teacher


def _batches(posts: Sequence[Labelled], random: np.random.Generator) -> list[list[Labelled]]:
    order = random.permutation(len(posts))
    batches: list[list[Labelled]] = []
    for start in range(0, len(order), _BUCKET):
        bucket = sorted((posts[at] for at in order[start : start + _BUCKET]), key=lambda post: len(post.text))
        batches += [bucket[at : at + _BATCH] for at in range(0, len(bucket), _BATCH)]
    return [batches[at] for at in random.permutation(len(batches))]
