"""Whether the stream of posts is silent beyond chance: a hole in the collection, not calm.

All posts of a minute are counted, whoever they name. Their usual rate is learned like a service's, and
Page's CUSUM tests "nine tenths are lost" against it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from detector import saved
from detector.baseline import MINUTES_PER_HOUR, Baseline
from detector.level import absorb, relax
from detector.season import Numbers
from detector.surge import UNSURE, likelihood_ratio

LEFT = 0.1  # of the usual posts
BLIND_FROM = 13.8  # natural logarithms: a million to one for a loss
BLIND_UNTIL = 6.0
MOST = 16.0
_ONE = np.ones(1, np.bool_)
_SAVED = "groundswell blindness 1"


@dataclass(frozen=True, slots=True)
class _Look:
    """What one minute's volume says, before it is kept."""

    minute: int
    volume: int
    count: Numbers
    usual: Numbers  # posts, by the season alone
    log: Numbers  # the restless level and its relative variance
    spread: Numbers
    expected: Numbers
    evidence: Numbers  # for a loss, in natural logarithms


class Blindness:
    """Judges each minute by its number of posts, and learns what is usual from those that are sound."""

    def __init__(self) -> None:
        self._minute = 0
        self._baseline = Baseline.empty()
        self._baseline.include(1)
        self._log = np.zeros(1)
        self._doubt = self._baseline.doubt(0)  # of the usual, for this hour
        self._spread = self._doubt + self._baseline.restless
        self._evidence = np.zeros(1)
        self._blind = np.zeros(1, np.int64)
        self._last: _Look | None = None

    def judge(self, minute: int, volume: int) -> bool:
        """Whether the stream, with this minute, is blind. Nothing is kept."""
        return self._is_blind(self._look(minute, volume).evidence)

    def learn(self, minute: int, volume: int) -> None:
        """Take a minute in, once and in order. While posts are missing, no usual rate is learned."""
        look = self._look(minute, volume)
        self._log, self._spread = look.log, look.spread
        self._blind = np.array([int(self._is_blind(look.evidence))])
        if not self._blind[0]:
            self._learn_volume(look)
        self._evidence, self._minute, self._last = look.evidence, minute + 1, None
        if self._minute % MINUTES_PER_HOUR == 0:
            before = self._baseline.log_usual(minute)
            self._baseline.close_hour(minute)
            self._log = self._log + before - self._baseline.log_usual(minute)
            self._doubt = self._baseline.doubt(self._minute)

    def _learn_volume(self, look: _Look) -> None:
        count, expected = look.count, look.expected
        dispersion = self._baseline.dispersion
        self._log, self._spread = absorb(look.log, look.spread, count, expected, expected, dispersion)
        self._baseline.count(count, look.usual, expected, look.spread, _ONE)

    def _look(self, minute: int, volume: int) -> _Look:
        """All that a minute says, kept until another one is asked about."""
        if self._last is None or (self._last.minute, self._last.volume) != (minute, volume):
            self._last = self._new_look(minute, volume)
        return self._last

    def _new_look(self, minute: int, volume: int) -> _Look:
        usual = np.exp(self._baseline.log_usual(minute))
        log, spread = relax(self._log, self._spread, self._doubt + self._baseline.restless)
        count, expected = np.array([float(volume)]), usual * np.exp(log)
        evidence = np.zeros(1)
        if spread[0] <= UNSURE:
            size = 1.0 / (spread + self._baseline.dispersion)
            gain = likelihood_ratio(count, expected, LEFT * expected, size)
            evidence = np.minimum(np.maximum(self._evidence + gain, 0.0), MOST)
        return _Look(minute, volume, count, usual, log, spread, expected, evidence)

    def _is_blind(self, evidence: Numbers) -> bool:
        """Two bounds apart, so that a single post does not end a blindness."""
        return bool(evidence[0] >= (BLIND_UNTIL if self._blind[0] else BLIND_FROM))

    def to_bytes(self) -> bytes:
        arrays = {name: getattr(self, name) for name in _OWN}
        arrays |= {
            f"baseline.{field.name}": getattr(self._baseline, field.name) for field in fields(Baseline)
        }
        return saved.write(_SAVED, (), self._minute, arrays)

    @classmethod
    def from_bytes(cls, body: bytes) -> Blindness:
        """The judge that ``to_bytes`` saved. Raises ``ValueError`` for a foreign body."""
        _, minute, arrays = saved.read(_SAVED, body)
        judge = cls()
        judge._minute = minute
        try:
            for name in _OWN:
                setattr(judge, name, arrays[name])
            for field in fields(Baseline):
                setattr(judge._baseline, field.name, arrays[f"baseline.{field.name}"])
        except KeyError as error:
            raise ValueError(f"this saved state of blindness lacks {error}") from error
        return judge


_OWN = ("_log", "_spread", "_evidence", "_blind", "_doubt")
