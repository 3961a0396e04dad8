"""The vectors: each n-gram's place in a small space, in which texts that mean alike lie close together.

A text's place is the sum of its n-grams' vectors, weighed as the features weigh them. They are trained so
that from this place a linear map finds the encoder's embedding of the text, and the labels that the data sets
have of it (sentiment, an airline's fault, the data set).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch.nn.functional import cross_entropy, mse_loss

from models.features import Features, Reading, Vocabulary, grams_of, pieces_of

DIMENSIONS = 96  # 64 cost 0.006 of macro-F1 on complaints_acl19, 128 won nothing
LEAST_WORDS, LEAST_PIECES = 5, 12  # texts in which an n-gram stands, or it gets no vector
EPOCHS = 5
_BATCH = 256
_RATE = 4e-3
_KEPT = 0.85  # of a text's n-grams at each step; the others are left out by chance
_HELD_OUT = 0.03
_SEED = 0
_SHARE_OF_LABELS = 0.5  # of the loss, beside the embedding's

Told = Callable[[str], None]


class Task(msgspec.Struct, frozen=True):
    """Labels that some of the texts have: ``labels[text]`` is a number from 0, or -1."""

    labels: NDArray[np.int64]
    share: float = _SHARE_OF_LABELS


def vocabularies(readings: Sequence[Reading]) -> Features:
    """Features of all n-grams that are not rare in these readings."""
    return Features(
        _vocabulary(map(grams_of, readings), len(readings), LEAST_WORDS),
        _vocabulary(map(pieces_of, readings), len(readings), LEAST_PIECES),
    )


def _vocabulary(texts: Iterable[Iterable[str]], count: int, least: int) -> Vocabulary:
    found = Counter(gram for grams in texts for gram in set(grams))
    kept = sorted(gram for gram, number in found.items() if number >= least)
    return Vocabulary(kept, np.array([np.log((1 + count) / (1 + found[gram])) + 1 for gram in kept]))


def train_vectors(
    rows: csr_matrix, embeddings: NDArray[np.float32], tasks: Sequence[Task], told: Told
) -> NDArray[np.float32]:
    """One vector for each column of ``rows``; ``embeddings`` has one row for each of theirs."""
    torch.manual_seed(_SEED)
    random = np.random.default_rng(_SEED)
    aims = torch.tensor(_standardised(embeddings))
    held = random.random(rows.shape[0]) < _HELD_OUT
    order, rest = np.flatnonzero(~held), np.flatnonzero(held)
    student = _Student(rows.shape[1], aims.shape[1], tasks)
    steps = EPOCHS * -(-len(order) // _BATCH)
    sparse = torch.optim.SparseAdam([student.bag.weight], lr=_RATE)
    dense = torch.optim.Adam([*student.embedding.parameters(), *student.heads.parameters()], lr=_RATE)
    rates = [torch.optim.lr_scheduler.LinearLR(one, 1.0, 1 / steps, steps) for one in (sparse, dense)]
    for epoch in range(EPOCHS):
        random.shuffle(order)
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            for optimizer in (sparse, dense):
                optimizer.zero_grad()
            student.loss(rows[some], aims[some], some).backward()
            for one in (sparse, dense, *rates):
                one.step()
        told(
            f"vectors, epoch {epoch + 1} of {EPOCHS}: explain {student.explained(rows[rest], aims[rest]):.3f}"
        )
    vectors: NDArray[np.float32] = student.bag.weight.detach().numpy()
    return vectors


class _Student(torch.nn.Module):
    def __init__(self, columns: int, width: int, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(columns, DIMENSIONS, mode="sum", sparse=True)
        torch.nn.init.normal_(self.bag.weight, std=0.02)
        self.embedding = torch.nn.Linear(DIMENSIONS, width)
        self.heads = torch.nn.ModuleList(
            torch.nn.Linear(DIMENSIONS, int(task.labels.max()) + 1) for task in tasks
        )
        self._tasks = [(torch.tensor(task.labels), task.share) for task in tasks]

    def loss(self, rows: csr_matrix, aims: torch.Tensor, places: NDArray[np.int64]) -> torch.Tensor:
        kept = (torch.rand(rows.nnz) < _KEPT).float() / _KEPT
        hidden = self._hidden(rows, kept)
        loss = mse_loss(self.embedding(hidden), aims)
        for head, (labels, share) in zip(self.heads, self._tasks, strict=True):
            here = labels[torch.tensor(places)]
            known = here >= 0
            if known.any():
                loss = loss + share * known.float().mean() * cross_entropy(head(hidden[known]), here[known])
        return loss

    @torch.no_grad()
    def explained(self, rows: csr_matrix, aims: torch.Tensor) -> float:
        """The share of the embeddings' variance that is found from the vectors."""
        missed = self.embedding(self._hidden(rows, torch.ones(rows.nnz))) - aims
        return 1 - float((missed**2).mean() / (aims**2).mean())

    def _hidden(self, rows: csr_matrix, kept: torch.Tensor) -> torch.Tensor:
        columns, starts = torch.tensor(rows.indices, dtype=torch.int64), torch.tensor(rows.indptr[:-1])
        hidden: torch.Tensor = self.bag(
            columns, starts.long(), per_sample_weights=torch.tensor(rows.data, dtype=torch.float32) * kept
        )
        return hidden


def _standardised(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    spread = embeddings.std(axis=0)
    return np.asarray((embeddings - embeddings.mean(axis=0)) / np.where(spread > 0, spread, 1), np.float32)
