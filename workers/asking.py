"""Who asks for a retraining: a person, or, when enough new labels have come, the schedule."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from domain.label import Label
from domain.model_version import ModelCard
from domain.retraining import SCHEDULE, Retraining, RetrainingState
from storage.interfaces import Stores
from workers.broker import TRAINING
from workers.labelling import labels_that_teach
from workers.signs_of_life import SILENT_AFTER

TRIES = 2  # processes that may die over one retraining: what killed two would kill a third
LONGEST_WAIT = timedelta(hours=1)  # for a worker that serves the queue


@dataclass(frozen=True)
class Schedule:
    """How often retraining begins by itself (``None``: never), and how many new labels it takes."""

    every: timedelta | None
    labels: int


def ask(stores: Stores, by: str, now: datetime) -> Retraining | None:
    """A new retraining, which waits for a worker; ``None`` if one is under way."""
    asked = Retraining(id=f"ret_{secrets.token_hex(8)}", asked_by=by, asked_at=now)
    return asked if stores.retrainings.begin(asked) else None


def look_after(stores: Stores, schedule: Schedule, now: datetime) -> Retraining | None:
    """The retraining that a worker should take up now, if any.

    One that waits, whose nudge may have been lost; one whose process died; or one that is due. What waited in
    vain, or has cost too many processes their lives, is ended here.
    """
    one = stores.retrainings.under_way()
    if one is None:
        return ask(stores, SCHEDULE, now) if is_due(stores, schedule, now) else None
    if not is_free(one, now):
        return None
    why = _hopeless(one, now)
    if why is None:
        return one
    give_up(stores, one, why, now)
    return None


def is_free(one: Retraining, now: datetime) -> bool:
    """Whether a process may take it up: it was in nobody's hands yet, or in those of one that fell silent."""
    return not one.state.is_over and (one.alive_at is None or one.alive_at < now - SILENT_AFTER)


def give_up(stores: Stores, one: Retraining, why: str, now: datetime) -> None:
    """End a retraining that nobody carries out; if somebody does after all, it is left to them."""
    taken = stores.retrainings.take_up(one.id, "nobody", now, silent_since=now - SILENT_AFTER)
    if taken is not None:
        failed = replace(taken, state=RetrainingState.FAILED, step="has ended", finished_at=now, reason=why)
        stores.retrainings.conclude(failed)


def is_due(stores: Stores, schedule: Schedule, now: datetime) -> bool:
    """Whether the time has come, enough new labels with it, and at least one since the last retraining."""
    if schedule.every is None:
        return False
    last = next(iter(stores.retrainings.find(most=1)), None)
    if last is not None and now - last.asked_at < schedule.every:
        return False
    fresh = _new_labels(stores)
    return len(fresh) >= schedule.labels and (last is None or fresh[-1].at > last.asked_at)


def _new_labels(stores: Stores) -> list[Label]:
    """Labels that could teach, later than what taught the active version; the earliest first."""
    card = _active_card(stores)
    return labels_that_teach(stores, card.labels_until if card else None)


def _active_card(stores: Stores) -> ModelCard | None:
    active = stores.models.active()
    return next((card for card in stores.models.cards() if card.version == active), None)


def _hopeless(one: Retraining, now: datetime) -> str | None:
    if one.tries >= TRIES:
        return (
            f"the process that carried it out ended without a word, {one.tries} times: has it memory enough?"
        )
    if one.tries == 0 and now - one.asked_at > LONGEST_WAIT:
        return f"no worker took it up within an hour: does one serve the queue {TRAINING}?"
    return None
