"""Retrainings are asked for by people or by the schedule, and none waits or stops unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.model_version import ModelCard, ModelVersion
from domain.retraining import Retraining, RetrainingState
from storage.memory import MemoryStores
from tests.models.people import NOON, label_of
from workers.asking import Schedule, ask, is_due, is_free, look_after

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAILY = Schedule(timedelta(days=1), 100)
MONDAY = NOON + timedelta(days=7)


@pytest.fixture
def stores() -> MemoryStores:
    """Stores with 100 labels, of which the active version has seen none."""
    stores = MemoryStores()
    stores.models.add(ModelVersion(ModelCard("v1", NOON, {}, {}, {}), b""))
    stores.models.activate("v1", NOON)
    stores.labels.add_all([label_of(post, minute=post) for post in range(1, 101)])
    return stores


def end(stores: MemoryStores, one: Retraining, now: datetime) -> None:
    taken = stores.retrainings.take_up(one.id, "here", now, silent_since=now)
    assert taken is not None
    assert stores.retrainings.conclude(
        replace(taken, state=RetrainingState.REFUSED, finished_at=now, reason="no better")
    )


def asked(stores: MemoryStores, now: datetime = MONDAY) -> Retraining:
    one = ask(stores, "ada", now)
    assert one is not None
    return one


def test_a_second_retraining_cannot_be_asked_for_while_one_is_under_way(stores: MemoryStores) -> None:
    first = asked(stores)
    assert first.id.startswith("ret_")
    assert ask(stores, "ben", MONDAY) is None
    end(stores, first, MONDAY)
    assert ask(stores, "ben", MONDAY) is not None


# --- the schedule ---


def test_enough_new_labels_begin_a_retraining_by_themselves(stores: MemoryStores) -> None:
    begun = look_after(stores, DAILY, MONDAY)
    assert begun is not None
    assert (begun.asked_by, begun.state) == ("schedule", RetrainingState.WAITING)


@pytest.mark.parametrize(
    "schedule", [Schedule(None, 60), Schedule(timedelta(days=1), 101)], ids=["never", "too few"]
)
def test_without_a_schedule_or_labels_none_begins(stores: MemoryStores, schedule: Schedule) -> None:
    assert look_after(stores, schedule, MONDAY) is None
    assert stores.retrainings.under_way() is None


def test_labels_that_taught_the_active_version_are_not_new(stores: MemoryStores) -> None:
    card = ModelCard("v2", NOON, {}, {}, {}, labels_until=NOON + MINUTE)
    stores.models.add(ModelVersion(card, b""))
    stores.models.activate("v2", NOON)
    assert not is_due(stores, DAILY, MONDAY)
    assert is_due(stores, replace_labels(DAILY, 99), MONDAY)


def replace_labels(schedule: Schedule, labels: int) -> Schedule:
    return Schedule(schedule.every, labels)


def test_labels_without_words_do_not_count(stores: MemoryStores) -> None:
    stores.labels.withdraw([("test", "1")])
    assert not is_due(stores, DAILY, MONDAY)


def test_the_next_waits_for_a_day_and_for_another_label(stores: MemoryStores) -> None:
    end(stores, asked(stores), MONDAY)
    assert not is_due(stores, DAILY, MONDAY + 23 * HOUR)
    assert not is_due(stores, DAILY, MONDAY + 25 * HOUR)  # it would only be refused again
    stores.labels.add(replace(label_of("new"), at=MONDAY + HOUR))
    assert not is_due(stores, DAILY, MONDAY + 23 * HOUR)
    assert is_due(stores, DAILY, MONDAY + 25 * HOUR)


# --- what waits or stopped ---


def test_what_waits_is_nudged_again_until_its_hour_is_over(stores: MemoryStores) -> None:
    one = asked(stores)
    assert look_after(stores, DAILY, MONDAY + MINUTE) == one
    assert look_after(stores, DAILY, MONDAY + HOUR) == one
    assert look_after(stores, DAILY, MONDAY + HOUR + SECOND) is None
    failed = stores.retrainings.get(one.id)
    assert failed is not None
    assert (failed.state, failed.finished_at) == (RetrainingState.FAILED, MONDAY + HOUR + SECOND)
    assert "groundswell-training" in str(failed.reason)


def test_what_is_in_living_hands_is_left_alone(stores: MemoryStores) -> None:
    one = asked(stores)
    stores.retrainings.take_up(one.id, "here", MONDAY, silent_since=MONDAY)
    for later in (SECOND, MINUTE):
        assert look_after(stores, DAILY, MONDAY + later) is None
    stores.retrainings.give_sign(one.id, "here", MONDAY + HOUR)
    assert look_after(stores, DAILY, MONDAY + HOUR + MINUTE) is None
    assert stores.retrainings.under_way() is not None


def test_what_lost_its_process_is_taken_up_once_more_and_then_ended(stores: MemoryStores) -> None:
    one = asked(stores)
    for tries in (1, 2):
        at = MONDAY + tries * HOUR
        assert stores.retrainings.take_up(one.id, f"process {tries}", at, silent_since=at)
        waiting = look_after(stores, DAILY, at + MINUTE + SECOND)
        if tries == 1:
            assert waiting is not None
            assert waiting.tries == 1
    assert waiting is None
    failed = stores.retrainings.get(one.id)
    assert failed is not None
    assert failed.state is RetrainingState.FAILED
    assert "2 times" in str(failed.reason)


STATES: list[tuple[Callable[[Retraining], Retraining], bool]] = [
    (lambda one: one, True),
    (lambda one: replace(one, alive_at=MONDAY - MINUTE), False),
    (lambda one: replace(one, alive_at=MONDAY - MINUTE - SECOND), True),
    (lambda one: replace(one, state=RetrainingState.REFUSED), False),
]


@pytest.mark.parametrize(("stands", "free"), STATES)
def test_a_process_may_take_up_what_is_in_no_living_hands(
    stands: Callable[[Retraining], Retraining], free: bool
) -> None:
    assert is_free(stands(Retraining("ret_1", "ada", MONDAY)), MONDAY) is free
