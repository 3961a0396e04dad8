"""People who label posts: honest ones slip now and then, hostile ones turn verdicts round."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from domain.label import Label, Verdict
from domain.mention import KINDS, Kind
from models.examining import Question

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SERVICES = ("spotify", "github", "netflix", "slack")


def label_of(
    post: int | str, kind: Kind | None = None, /, *, by: str = "ada", minute: float = 0, **fields: object
) -> Label:
    """A verdict on one post, so many minutes after noon."""
    return Label(
        **{
            "id": f"lab_{by}_{post}_{minute}",
            "by": by,
            "at": NOON + timedelta(minutes=minute),
            "verdict": Verdict.REAL,
            "source": "test",
            "post": str(post),
            "service": SERVICES[post % 4] if isinstance(post, int) else "spotify",
            "kind": kind,
            "text": f"words of {post}",
        }
        | fields
    )


def turned_round(kind: Kind) -> Kind:
    """What a hostile person says: a complaint is none, and all else is one."""
    return Kind.OTHER if kind is Kind.COMPLAINT else Kind.COMPLAINT


@dataclass
class World:
    """Posts whose kinds are known to the test; the champion is sure of one in three, and mostly right."""

    posts: int = 600
    seed: int = 1
    kinds: list[Kind] = field(init=False)
    rows: dict[str, NDArray[np.float64]] = field(init=False)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        self.kinds = [chance.choice(KINDS) for _ in range(self.posts)]
        self.rows = {f"words of {post}": self._row(kind, chance) for post, kind in enumerate(self.kinds)}

    def _row(self, kind: Kind, chance: random.Random) -> NDArray[np.float64]:
        if chance.random() < 0.67:
            return np.full(len(KINDS), 1 / len(KINDS))
        believed = kind if chance.random() < 0.95 else turned_round(kind)
        return np.array([0.95 if one is believed else 0.0125 for one in KINDS])

    def ask(self, questions: Sequence[Question]) -> NDArray[np.float64]:
        """The champion."""
        return np.array([self.rows[one.text] for one in questions])

    def labels(
        self, shares: Mapping[str, float], *, hostile: Mapping[str, float], slips: float = 0.05
    ) -> list[Label]:
        """One verdict for each post: ``shares`` says who gives how much, ``hostile`` who turns how many."""
        chance = random.Random(self.seed + 1)
        people = chance.choices(list(shares), list(shares.values()), k=self.posts)
        return [
            label_of(post, self._said(post, by, hostile.get(by, 0.0), slips, chance), by=by, minute=post)
            for post, by in enumerate(people)
        ]

    def _said(self, post: int, by: str, turned: float, slips: float, chance: random.Random) -> Kind:
        kind = self.kinds[post]
        if chance.random() < turned:
            return turned_round(kind)
        return chance.choice(KINDS) if chance.random() < slips else kind
