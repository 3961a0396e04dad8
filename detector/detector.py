"""The detector: baseline, level, surge, calm and budget joined, over all services at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detector import budget as scale
from detector.baseline import MINUTES_PER_HOUR, Baseline
from detector.calm import STILL_HIGH, Calm
from detector.leak import Leak
from detector.level import absorb, relax
from detector.season import Numbers
from detector.surge import Bank, Expectation, likelihood_ratio, predictive_spread

LONGEST_HOLD = 720  # minutes: what lasts half a day is learned, or an alarm could hold itself up for ever

Flags = NDArray[np.bool_]


@dataclass(slots=True)
class _Look:
    """All that one minute's counts say, before any of it is kept."""

    minute: int
    count: Numbers
    others: Numbers  # mentions that are no complaints
    usual: Expectation
    expected: Numbers
    bank: Bank
    calm: Calm
    score: Numbers


class Detector:
    def __init__(self, services: Sequence[str] = (), *, budget: float = 1.0) -> None:
        self.services: tuple[str, ...] = ()
        self.threshold = scale.threshold(budget)
        self._minute = 0
        self._baseline = Baseline.empty()
        self._bank = Bank.empty()
        self._calm = Calm.empty()
        self._leak = Leak.empty()
        self._log = np.zeros(0)
        self._spread = np.ones(0)
        self._doubt = np.zeros(0)
        self._held = np.zeros(0, np.int64)
        self._look: _Look | None = None
        self.include(services)

    def include(self, services: Iterable[str]) -> None:
        new = tuple(dict.fromkeys(s for s in services if s not in set(self.services)))
        if not new:
            return
        self.services += new
        self._baseline.include(len(new))
        self._bank.include(len(new), self._minute)
        self._calm.include(len(new), self._minute)
        self._leak.include(len(new))
        self._log = np.append(self._log, np.zeros(len(new)))
        self._doubt = self._baseline.doubt(self._minute)
        self._held = np.append(self._held, np.zeros(len(new), np.int64))
        self._spread = np.append(self._spread, (self._doubt + self._baseline.restless)[-len(new):])
        self._look = None

    def _expect(self, minute: int, others: Numbers) -> Expectation:
        log_usual = self._baseline.log_usual(minute)
        usual_spread = self._doubt + self._baseline.restless
        log, spread = relax(self._log, self._spread, usual_spread)
        excess = self._leak.excess(others, np.exp(log_usual))
        return Expectation(
            log_usual, log, spread, usual_spread, self._leak.share * excess, self._leak.share_spread,
            self._baseline.dispersion,
        )  # fmt: skip

    def _look_at(self, minute: int, complaints: ArrayLike, mentions: ArrayLike) -> _Look:
        count = np.asarray(complaints, float)
        others = np.maximum(np.asarray(mentions, float) - count, 0.0)
        kept = self._look
        if (
            kept is not None and kept.minute == minute
            and np.array_equal(kept.count, count) and np.array_equal(kept.others, others)
        ):  # fmt: skip
            return kept
        usual = self._expect(minute, others)
        own = usual.own
        expected = own + usual.leaked
        bank = self._bank.after(minute, count, usual)
        gain = likelihood_ratio(
            count, expected, expected + (STILL_HIGH - 1) * own, predictive_spread(own, usual)
        )
        calm = self._calm.after(minute, gain)
        score = scale.score(bank.evidence.max(axis=0), usual.log_usual)
        self._look = _Look(minute, count, others, usual, expected, bank, calm, score)
        return self._look

    def raw_score(self, minute, complaints, mentions):
        return self._look_at(minute, complaints, mentions)

    def learn(self, minute: int, complaints: ArrayLike, mentions: ArrayLike, skip: Flags) -> None:
        look = self._look_at(minute, complaints, mentions)
        usual = look.usual
        take = ~np.asarray(skip, bool)
        self._held = np.where(take, 0, self._held + 1)
        too_long = self._held >= LONGEST_HOLD
        take |= too_long
        log, spread = absorb(
            usual.log, usual.spread, look.count, usual.own, look.expected, usual.dispersion
        )
        self._log = np.where(take, log, usual.log)
        self._spread = np.where(take, spread, usual.spread)
        season = np.exp(usual.log_usual)
        self._baseline.count(look.count, season + usual.leaked, look.expected, usual.spread, take)
        self._leak.learn(look.others, season, look.count, look.expected, usual.leaked)
        self._bank, was, self._calm = look.bank, self._calm, look.calm
        over = (self._held == LONGEST_HOLD) | ~take & (look.calm.since >= 0) & ((was.since < 0) | ((minute - look.calm.since) % 30 == 29))
        if over.any():
            self._bank.forget(over)
        np.minimum(self._bank.evidence, 25.0, out=self._bank.evidence)
        self._minute = minute + 1
        self._look = None
        if self._minute % MINUTES_PER_HOUR == 0:
            self._close_hour(minute)

    def _close_hour(self, minute: int) -> None:
        before = self._baseline.log_usual(minute)
        self._baseline.close_hour(minute)
        by = before - self._baseline.log_usual(minute)
        self._log = self._log + by
        self._bank.shift(by)
        self._doubt = self._baseline.doubt(self._minute)
