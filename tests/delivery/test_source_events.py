"""What subscribers are told of a source that is read no longer, or again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from delivery.events import deliveries_for
from delivery.source_events import source_event
from domain.delivery import EventType
from domain.source import SourceState, SourceStatus
from tests.delivery.incidents import endpoint

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SPENT = SourceStatus(
    "x",
    SourceState.SPENT,
    NOON,
    last_error="5 dollars a day are spent",
    again_at=NOON + timedelta(hours=12),
    heard_until=NOON - timedelta(seconds=9),
)


def test_a_spent_budget_is_told_with_its_reason_and_its_end() -> None:
    event = source_event(SPENT)
    told = json.loads(event.body)
    assert (event.type, told["type"]) == (EventType.SOURCE_STOPPED, "source.stopped")
    assert told["data"] == {
        "source": "x",
        "state": "spent",
        "reason": "5 dollars a day are spent",
        "until": "2026-05-05T00:00:00Z",
        "heard_until": "2026-05-04T11:59:51Z",
    }


def test_a_source_that_is_read_again_is_told_without_its_old_trouble() -> None:
    event = source_event(SourceStatus("x", SourceState.LISTENING, NOON, last_error="old trouble"))
    assert event.type is EventType.SOURCE_RESUMED
    assert "old trouble" not in event.body


def test_each_turn_of_a_source_is_an_event_of_its_own_and_the_same_one_is_told_once() -> None:
    later = SourceStatus("x", SourceState.SPENT, NOON + timedelta(days=1))
    assert source_event(SPENT).id == source_event(SPENT).id != source_event(later).id


@pytest.mark.parametrize(("services", "told"), [((), 1), (("spotify",), 0)])
def test_who_asked_for_certain_services_is_not_told_of_sources(services: tuple[str, ...], told: int) -> None:
    to = endpoint("https://ops.example/hook", services=services)
    assert len(deliveries_for(source_event(SPENT), [to], live=True, sequence=0, now=NOON)) == told
