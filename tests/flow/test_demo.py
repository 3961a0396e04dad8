"""The demo recording through the true stack, as a newcomer sees it."""

from __future__ import annotations

import pytest

from tests.flow.stack import DEMO, new_stack

pytestmark = pytest.mark.slow

STORY = ("first complaint", "INCIDENT RAISED", "official page admits")


@pytest.fixture(scope="module")
def stack():
    with new_stack() as stack:
        yield stack


@pytest.fixture(scope="module")
def first(stack):
    """What ``run --once`` prints in a fresh folder; its status says that the incident was found."""
    return stack.run("run", "--once")


def test_the_demo_tells_its_story(first):
    told = [line for line in first.splitlines() if "iMessage" in line]
    places = [next(place for place, line in enumerate(told) if what in line) for what in STORY]
    assert places == sorted(places)
    assert "after us" in told[places[2]]


def test_the_demo_is_labelled_as_a_reconstruction(first):
    assert "reconstruction of 18 November 2012" in first


def test_the_api_key_is_shown_at_the_first_start(first):
    assert "gsk_" in first


@pytest.mark.usefixtures("first")
def test_the_demo_leaves_no_process_and_no_socket(stack):
    assert stack.processes() == {}
    assert not stack.socket.exists()
    assert not (stack.var / "pids").exists()


def test_a_second_run_tells_the_same_and_shows_no_key(stack, first):
    second = stack.run("run", "--once")
    assert _story_of(second) == _story_of(first)
    assert "gsk_" not in second


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("workers", [1, 3])
def test_a_replay_gives_what_the_backtest_gives(stack, backtest, workers):
    """In the very folder that knows the same recording already, with its official notices."""
    assert stack.run("replay", DEMO, "--json", "--workers", str(workers)) == backtest


@pytest.fixture(scope="module")
def backtest(stack):
    lines = stack.run("backtest", DEMO, "--json")
    assert '"service":"imessage"' in lines
    return lines


def _story_of(printed: str) -> list[str]:
    """The story's lines by time: a first complaint is known to be one only when its incident is raised."""
    return sorted(line for line in printed.splitlines() if any(what in line for what in STORY))
