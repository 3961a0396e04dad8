"""The classifier at work swaps between two batches, and is not looked up for each."""

from __future__ import annotations

from tests.workers.records import PlainTagger
from workers.at_work import LOOK_EVERY, AtWork


class Named(PlainTagger):
    def __init__(self, version: str) -> None:
        self.version = version


def test_a_swap_is_seen_within_a_second_and_the_database_asked_no_oftener() -> None:
    now, active, asked = 100.0, "v1", 0

    def look_up() -> Named:
        nonlocal asked
        asked += 1
        return Named(active)

    at_work = AtWork(look_up, clock=lambda: now)
    assert [at_work().version for _ in range(200)] == ["v1"] * 200
    active = "v2"
    assert at_work().version == "v1"
    now += LOOK_EVERY
    assert [at_work().version for _ in range(200)] == ["v2"] * 200
    assert asked == 2
