"""The classifier at work, which changes between two batches and never within one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from workers.counting import Tagger

LOOK_EVERY = 1.0  # seconds: a query for each batch would cost as much as judging a small one


@dataclass
class AtWork:
    """Called before each batch, it gives the active classifier: a second after an activation, the new one.

    ``active`` looks up which that is. Whoever activates a version need tell nobody: a worker that was told
    by a message might have missed it.
    """

    active: Callable[[], Tagger]
    clock: Callable[[], float] = time.monotonic
    _tagger: Tagger | None = field(default=None, init=False)
    _looked_at: float = field(default=0.0, init=False)

    def __call__(self) -> Tagger:
        now = self.clock()
        if self._tagger is None or now - self._looked_at >= LOOK_EVERY:
            self._tagger, self._looked_at = self.active(), now
        return self._tagger
