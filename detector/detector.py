"""The detector: baseline, level, leak, surge, onset, calm and budget joined, over all services at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from detector import budget as scale
from detector import saved
from detector.band import rarity
from detector.baseline import MINUTES_PER_HOUR, Baseline
from detector.calm import Calm
from detector.leak import Leak
from detector.level import absorb, relax
from detector.onset import Onsets
from detector.recent import Recent
from detector.scores import Scores
from detector.season import Flags, Numbers
from detector.surge import SIZES, Bank, Expectation, predictive_spread

__all__ = ["Detector", "Scores"]

LONGEST_HOLD = 720  # minutes: what lasts half a day is learned, or an alarm could hold itself up for ever
MOST_EVIDENCE = 25.0  # natural logarithms kept from minute to minute, so that an alarm can end
CALM_AGAIN = 30  # minutes of calm after which a held service's evidence is dropped once more
_SAVED = "groundswell detector 1"


@dataclass(frozen=True, slots=True)
class _Look:
    """All that one minute's counts say, before any of it is kept."""

    minute: int
    count: Numbers
    others: Numbers  # mentions that are no complaints
    usual: Expectation
    own: Numbers
    expected: Numbers
    spread: Numbers
    bank: Bank
    onsets: Onsets
    calm: Calm
    recent: Recent
    score: Numbers


class Detector:
    """Scores each minute of every service, and learns from it afterwards.

    ``budget`` is the number of false alarms per service and 30 days that the operator accepts. ``score``
    changes nothing; ``learn`` is called once for each minute, in order. Counts are whole numbers, in the
    order of ``services``; a minute is counted since 1970.
    """

    def __init__(self, services: Sequence[str] = (), *, budget: float = 1.0) -> None:
        self.services: tuple[str, ...] = ()
        self.threshold = scale.threshold(budget)
        self._rarity = rarity(budget)
        self._minute = 0  # the next one
        self._baseline = Baseline.empty()
        self._bank = Bank.empty()
        self._calm = Calm.empty()
        self._leak = Leak.empty()
        self._onsets = Onsets.empty(len(SIZES))
        self._recent = Recent.empty()
        self._log = np.zeros(0)  # the restless level, and its relative variance
        self._spread = np.zeros(0)
        self._doubt = np.zeros(0)  # of the seasonal usual, for this hour
        self._held = np.zeros(0, np.int64)  # minutes since the baseline last learned
        self._last_high = np.zeros(0, np.int64)
        self._last_look: _Look | None = None
        self.include(services)

    def include(self, services: Iterable[str]) -> None:
        """New services join, with the week's shape that the others share and no idea of their level."""
        new = tuple(dict.fromkeys(name for name in services if name not in self.services))
        if not new:
            return
        more = len(new)
        self.services += new
        self._baseline.include(more)
        self._bank.include(more)
        self._calm.include(more)
        self._leak.include(more)
        self._onsets.include(more)
        self._recent.include(more)
        self._log = np.append(self._log, np.zeros(more))
        doubt = self._baseline.doubt(self._minute)[-more:]
        self._doubt = np.append(self._doubt, doubt)
        self._spread = np.append(self._spread, doubt + self._baseline.restless[-more:])
        self._held = np.append(self._held, np.zeros(more, np.int64))
        self._last_high = np.append(self._last_high, np.full(more, -1))
        self._last_look = None

    def score(self, minute: int, complaints: ArrayLike, mentions: ArrayLike, recoveries: ArrayLike) -> Scores:
        """What a minute's counts say. Nothing is kept, so an unfinished minute may be asked about as well."""
        look = self._look(minute, complaints, mentions)
        return Scores(
            services=self.services,
            minute=minute,
            threshold=self.threshold,
            score=look.score,
            expected_minute=look.expected,
            spread_minute=look.spread,
            recoveries=np.asarray(recoveries, np.int64),
            last_high=self._last_high,
            bank=look.bank,
            onsets=look.onsets,
            calm_state=look.calm,
            recent=look.recent,
            rarity=self._rarity,
        )

    def learn(
        self, minute: int, complaints: ArrayLike, mentions: ArrayLike, skip: Flags, *, blind: bool = False
    ) -> None:
        """Take a minute in.

        ``skip`` marks services inside an incident: the evidence goes on, the baseline does not learn.
        ``blind`` says that the stream was silent or behind: time passes, and nothing else is concluded.
        """
        look = self._look(minute, complaints, mentions)
        held = np.asarray(skip, bool) | blind
        self._held = np.where(held, self._held + (not blind), 0)
        take = ~held | ((self._held >= LONGEST_HOLD) & (not blind))
        self._learn_level(look, take)
        if not blind:
            self._leak.learn(look.others, look.usual, look.count, look.expected, take)
            self._last_high = np.where(look.score >= self.threshold, minute, self._last_high)
            self._keep_evidence(look, held)
        self._minute = minute + 1
        self._last_look = None
        if self._minute % MINUTES_PER_HOUR == 0:
            self._close_hour(minute)

    def forget(self, which: Flags) -> None:
        """Drop the evidence of some services: what they do from the next minute on speaks for itself."""
        self._bank.forget(which)
        self._onsets.forget(which)
        self._last_look = None

    def _look(self, minute: int, complaints: ArrayLike, mentions: ArrayLike) -> _Look:
        count = np.asarray(complaints, np.float64)
        others = np.maximum(np.asarray(mentions, np.float64) - count, 0.0)
        last = self._last_look
        if last is None or last.minute != minute or not _same(last, count, others):
            last = self._last_look = self._new_look(minute, count, others)
        return last

    def _new_look(self, minute: int, count: Numbers, others: Numbers) -> _Look:
        usual = self._expect(minute, others)
        own = np.exp(usual.log_usual + usual.log)
        expected = own + usual.leaked
        spread = predictive_spread(own, expected, usual)
        bank = self._bank.after(minute, count, usual, own, expected, spread)
        onsets = self._onsets.after(minute, self._bank.evidence, bank.evidence)
        calm = self._calm.after(minute, count, own, expected, spread)
        recent = self._recent.after(count)
        score = scale.score(bank.evidence.max(axis=0, initial=0.0), usual.log_usual, self._doubt)
        return _Look(
            minute, count, others, usual, own, expected, spread, bank, onsets, calm, recent, score
        )  # fmt: skip

    def _expect(self, minute: int, others: Numbers) -> Expectation:
        log_usual = self._baseline.log_usual(minute)
        rate = np.exp(log_usual)
        usual_spread = self._doubt + self._baseline.restless
        log, spread = relax(self._log, self._spread, usual_spread)
        excess = self._leak.excess(others, rate)
        return Expectation(
            log_usual=log_usual,
            rate=rate,
            log=log,
            spread=spread,
            usual_spread=usual_spread,
            leaked=self._leak.share * excess,
            leak_spread=self._leak.share_spread,
            dispersion=self._baseline.dispersion,
        )

    def _learn_level(self, look: _Look, take: Flags) -> None:
        usual = look.usual
        log, spread = absorb(usual.log, usual.spread, look.count, look.own, look.expected, usual.dispersion)
        self._log = np.where(take, log, usual.log)
        self._spread = np.where(take, spread, usual.spread)
        self._baseline.count(look.count, usual.rate + usual.leaked, look.expected, usual.spread, take)

    def _keep_evidence(self, look: _Look, held: Flags) -> None:
        before, self._calm, self._bank = self._calm, look.calm, look.bank.kept(MOST_EVIDENCE)
        self._onsets, self._recent = look.onsets, look.recent
        if not held.any():
            return
        calm_for = look.minute - look.calm.since
        calm_again = (look.calm.since >= 0) & ((before.since < 0) | (calm_for % CALM_AGAIN == CALM_AGAIN - 1))
        over = (held & calm_again) | (self._held == LONGEST_HOLD)
        if over.any():
            self._bank.forget(over)
            self._onsets.forget(over)

    def _close_hour(self, minute: int) -> None:
        """Learn the season; the restless level moves against it, so that their product stays."""
        before = self._baseline.log_usual(minute)
        self._baseline.close_hour(minute)
        by = before - self._baseline.log_usual(minute)
        self._log = self._log + by
        self._bank.shift(by)
        self._doubt = self._baseline.doubt(self._minute)

    def to_bytes(self) -> bytes:
        """All that the detector has learned, bit for bit. The budget is not part of it."""
        arrays = {f"own.{name}": getattr(self, name) for name in _OWN}
        for part in _PARTS:
            kept = getattr(self, part)
            arrays |= {f"{part}.{field.name}": getattr(kept, field.name) for field in fields(kept)}
        return saved.write(_SAVED, self.services, self._minute, arrays)

    @classmethod
    def from_bytes(cls, body: bytes, *, budget: float = 1.0) -> Detector:
        """The detector that ``to_bytes`` saved. Raises ``ValueError`` for a foreign body."""
        names, minute, arrays = saved.read(_SAVED, body)
        detector = cls(budget=budget)
        detector.services, detector._minute = names, minute
        for part in _LATER:
            getattr(detector, part).include(len(names))
        try:
            for name in _OWN:
                setattr(detector, name, arrays[f"own.{name}"])
            for part in _PARTS:
                kept = getattr(detector, part)
                for name in (field.name for field in fields(kept)):
                    if part not in _LATER or f"{part}.{name}" in arrays:
                        setattr(kept, name, arrays[f"{part}.{name}"])
        except KeyError as error:
            raise ValueError(f"this saved state of a detector lacks {error}") from error
        return detector


_OWN = ("_log", "_spread", "_doubt", "_held", "_last_high")
_PARTS = ("_baseline", "_bank", "_calm", "_leak", "_onsets", "_recent")
_LATER = ("_onsets", "_recent")  # what states that were saved before do not know begins anew


def _same(look: _Look, count: Numbers, others: Numbers) -> bool:
    return np.array_equal(look.count, count) and np.array_equal(look.others, others)
