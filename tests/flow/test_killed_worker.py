"""A worker that is killed without warning, again and again, costs time and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from domain.moments import MINUTES_PER_HOUR
from domain.rate import RateHour
from tests.flow.stack import DEMO, DEMO_RUN, Stack, kill_group, new_stack, until
from workers.house import House
from workers.replaying import Recording, load_recording

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Outcome:
    """All that a replay leaves: its incidents as lines, and every count of every service and hour."""

    incidents: str
    rates: list[RateHour]


@dataclass(frozen=True)
class Moment:
    """Where a replay stood while no worker was alive."""

    next_minute: int
    backlog: int


@pytest.fixture(scope="module")
def recording():
    return load_recording(DEMO)


@pytest.fixture(scope="module")
def undisturbed(recording):
    with new_stack() as stack:
        return _outcome(stack, recording, stack.run("replay", DEMO, "--json", "--workers", "2"))


@pytest.fixture(scope="module")
def disturbed(recording):
    """A replay whose worker was killed three times, and where it stood each time."""
    with new_stack(GROUNDSWELL_CLAIM_AFTER_SECONDS="5") as stack:
        with stack.started("replay", DEMO, "--json", "--workers", "2") as replay:
            until(lambda: stack.process_of("celery"))  # by then the database is made
            moments = list(_kill_in_turn(stack, stack.house(), recording))
            until(lambda: replay.process.poll() is not None)
            assert replay.process.returncode == 0, replay.printed()
        return _outcome(stack, recording, replay.lines()), moments


def test_each_kill_hit_a_worker_at_work(disturbed, recording):
    _, (first, second, third) = disturbed
    assert first.backlog
    assert second.backlog
    assert _is_between(recording, third)


def test_no_incident_changes(disturbed, undisturbed):
    assert disturbed[0].incidents == undisturbed.incidents
    assert '"service":"imessage"' in undisturbed.incidents


def test_no_count_changes(disturbed, undisturbed):
    assert disturbed[0].rates == undisturbed.rates
    assert sum(sum(hour.complaints) for hour in undisturbed.rates) > 500


def _kill_in_turn(stack: Stack, house: House, recording: Recording) -> Iterator[Moment]:
    """Strike while batches wait to be counted, when some of them are, and between two passes of detection."""
    yield _kill(stack, house, lambda: _moment(house).backlog >= 4)
    until(lambda: stack.process_of("celery"))
    waited = _moment(house).backlog  # a worker takes a second to start: by now all pages are handed over
    yield _kill(stack, house, lambda: 0 < _moment(house).backlog < waited)
    yield _kill(stack, house, lambda: _is_between(recording, _moment(house)))


def _kill(stack: Stack, house: House, when: Callable[[], bool]) -> Moment:
    """End the worker and its children at a moment; gives where the replay stood without them."""
    until(lambda: stack.process_of("celery"))
    until(when)
    worker = stack.process_of("celery")
    assert worker is not None
    kill_group(worker)
    until(lambda: stack.process_of("celery") != worker)
    return _moment(house)


def _moment(house: House) -> Moment:
    run = house.stores.runs.get(DEMO_RUN)
    detection = house.stores.incidents.detection(DEMO_RUN)
    if run is None or detection is None:
        return Moment(next_minute=0, backlog=0)
    return Moment(detection.next_minute, house.posts(run).backlog())


def _is_between(recording: Recording, moment: Moment) -> bool:
    return recording.first_minute < moment.next_minute < recording.end_minute


def _outcome(stack: Stack, recording: Recording, incidents: str) -> Outcome:
    first, last = (minute // MINUTES_PER_HOUR for minute in (recording.first_minute, recording.end_minute))
    return Outcome(incidents, stack.house().stores.incidents.rates(DEMO_RUN, first, last))
