"""When a delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.backoff import JITTER, LONGEST_PAUSE, WAITS, next_try
from delivery.errors import DeliveryFailed

NOW = datetime(2012, 11, 18, 20, 3, tzinfo=UTC)
FAILED = DeliveryFailed("answered 500", status=500)


def wait_after(tries: int, failure: DeliveryFailed = FAILED, seed: str = "dlv") -> timedelta:
    again = next_try(tries, failure, NOW, seed)
    assert again is not None
    return again - NOW


def test_tries_come_quickly_at_first_and_go_on_for_more_than_a_day() -> None:
    assert wait_after(1) < timedelta(seconds=10)
    assert sum(WAITS, timedelta()) > timedelta(days=1)
    assert list(WAITS) == sorted(WAITS)


def test_after_the_last_try_a_delivery_is_parked() -> None:
    assert next_try(len(WAITS), FAILED, NOW, "dlv") is not None
    assert next_try(len(WAITS) + 1, FAILED, NOW, "dlv") is None


@pytest.mark.parametrize("hopeless", [DeliveryFailed("no", permanent=True), DeliveryFailed("no", gone=True)])
def test_what_is_hopeless_is_parked_at_once(hopeless: DeliveryFailed) -> None:
    assert next_try(1, hopeless, NOW, "dlv") is None


@given(st.integers(1, len(WAITS)), st.text())
def test_jitter_only_lengthens_a_wait_and_is_the_same_for_the_same_delivery(tries: int, seed: str) -> None:
    wait = wait_after(tries, seed=seed)
    assert WAITS[tries - 1] <= wait <= WAITS[tries - 1] * (1 + JITTER)
    assert wait == wait_after(tries, seed=seed)


def test_two_deliveries_do_not_come_back_together() -> None:
    assert len({wait_after(5, seed=f"dlv_{number}") for number in range(50)}) == 50


@given(st.integers(1, len(WAITS)), st.timedeltas(timedelta(0), timedelta(days=9999)))
def test_a_receiver_gets_the_pause_it_asks_for_but_not_an_endless_one(tries: int, pause: timedelta) -> None:
    wait = wait_after(tries, DeliveryFailed("busy", status=503, slow_down_until=NOW + pause))
    assert wait >= min(pause, LONGEST_PAUSE)
    assert wait <= max(WAITS[tries - 1], LONGEST_PAUSE) + WAITS[tries - 1] * JITTER
