"""A retraining: a challenger is taught by people's labels, held against the champion, and promoted or not."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

SCHEDULE = "schedule"  # who asks for a retraining that nobody asked for


class RetrainingState(StrEnum):
    """Where a retraining stands."""

    WAITING = "waiting"  # for a worker
    TRAINING = "training"
    JUDGING = "judging"
    PROMOTED = "promoted"  # the challenger counts from now on
    REFUSED = "refused"  # it is not better beyond chance, or worse somewhere
    HELD = "held"  # a person must look before it may count
    FAILED = "failed"  # there is no challenger to judge

    @property
    def is_over(self) -> bool:
        return self in (
            RetrainingState.PROMOTED,
            RetrainingState.REFUSED,
            RetrainingState.HELD,
            RetrainingState.FAILED,
        )


class Trial(StrEnum):
    """The posts on which champion and challenger were held against each other."""

    NEW_LABELS = "new_labels"  # the newest labels, which taught neither
    CORE = "core"  # posts of this project on which nothing is ever trained


class Measure(StrEnum):
    """What is measured."""

    SURPRISE = "surprise"  # how unlikely the true kinds were held to be; the smaller the better
    MACRO_F1 = "macro_f1"
    AVERAGE_PRECISION = "average_precision"  # of complaints
    KIND = "kind"  # F1 of one kind
    GROUP = "group"  # the share judged right, of the services of one category


class Figure(msgspec.Struct, frozen=True):
    """One measure of champion and challenger on the same posts.

    ``of`` names the kind or the group. The challenger's gain lies between ``low`` and ``high`` with a
    certainty of 90%, so that it is above ``low``, and below ``high``, with one of 95%; a gain above 0 is
    always for the better.
    """

    trial: Trial
    measure: Measure
    of: str
    posts: int
    champion: float
    challenger: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        difference = self.challenger - self.champion
        return -difference if self.measure is Measure.SURPRISE else difference


class Retraining(msgspec.Struct, frozen=True):
    """One retraining, from the asking to its decision.

    ``progress`` goes from 0 to 1, and ``step`` is a sentence on what is being done. ``holder`` is the process
    that carries it out; its last sign of life is ``alive_at``, and ``tries`` counts the processes that took
    it up. ``labels`` are the posts' labels that could teach, ``new_labels`` those among them that are later
    than what taught the champion. ``set_aside`` names the people whose verdicts were not used, each with the
    reason.
    """

    id: str
    asked_by: str
    asked_at: datetime
    state: RetrainingState = RetrainingState.WAITING
    progress: float = 0.0
    step: str = "waits for a worker"
    holder: str | None = None
    alive_at: datetime | None = None
    tries: int = 0
    finished_at: datetime | None = None
    champion: str | None = None
    challenger: str | None = None
    labels: int = 0
    new_labels: int = 0
    figures: tuple[Figure, ...] = ()
    set_aside: dict[str, str] = {}
    reason: str | None = None
