"""Many services surge and one is to blame: told once, by backtest and through the true stack alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flow.stack import Stack, new_stack
from tests.flow.surges import failing_carrier, failing_cloud

pytestmark = pytest.mark.slow

Told = dict[str, Any]  # an incident as JSON has it


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with new_stack() as stack:
        yield stack


@dataclass(frozen=True)
class Outage:
    """A recording of one, what the backtest told of it, and the customers that fail with it."""

    recording: Path
    told: str
    customers: tuple[str, ...] = ()

    def incidents(self) -> list[Told]:
        return [json.loads(line) for line in self.told.splitlines()]


@pytest.fixture(scope="module")
def of_a_carrier(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Outage:
    recording = failing_carrier(tmp_path_factory.mktemp("carrier") / "carrier.jsonl")
    return Outage(recording, stack.run("backtest", recording, "--json"))


@pytest.fixture(scope="module")
def of_a_cloud(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Outage:
    recording, customers = failing_cloud(tmp_path_factory.mktemp("cloud") / "cloud.jsonl")
    return Outage(recording, stack.run("backtest", recording, "--json"), tuple(customers))


def noted(incident: Told) -> list[str]:
    return sorted(note["service"] for note in incident["spillovers"])


def test_three_carriers_surge_because_one_fails(of_a_carrier: Outage) -> None:
    """One incident with two notes, and not three alarms."""
    (incident,) = of_a_carrier.incidents()
    assert (incident["service"], noted(incident)) == ("o2", ["ee", "vodafone"])
    assert incident["resolved_at"] is not None
    assert not incident["is_common_cause"]
    for note in incident["spillovers"]:
        assert incident["onset_at"] <= note["since"] < note["noted_at"]
        assert note["observed"] > note["expected"]


def test_forty_services_fail_because_a_cloud_does(of_a_cloud: Outage) -> None:
    """One incident that names the common cause, and not forty alarms."""
    (incident,) = of_a_cloud.incidents()
    assert (incident["service"], incident["is_common_cause"]) == ("aws", True)
    assert noted(incident) == list(of_a_cloud.customers)
    assert len(of_a_cloud.customers) == 40
    assert incident["resolved_at"] is not None


@pytest.mark.parametrize("outage", ["of_a_carrier", "of_a_cloud"])
def test_a_replay_tells_what_the_backtest_tells(
    stack: Stack, request: pytest.FixtureRequest, outage: str
) -> None:
    known: Outage = request.getfixturevalue(outage)
    assert stack.run("replay", known.recording, "--json", "--workers", "3") == known.told
