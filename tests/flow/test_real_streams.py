"""Real posts, with a real outage among them: by backtest, and through the true stack."""

from __future__ import annotations

import json

import pytest

from settings import ROOT
from tests.flow.stack import new_stack

STREAMS = ROOT.parent / "shared" / "data" / "streams"
SPOTIFY = STREAMS / "spotify_2017.jsonl.gz"
APPLE = STREAMS / "apple_quiet_2018.jsonl.gz"

# Two months of minutes take a while, so each stream is brought through as seldom as the tests allow.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not STREAMS.exists(), reason="needs ../shared/data/streams, which is absent"),
]
in_spotify_group = pytest.mark.xdist_group("spotify")
in_apple_group = pytest.mark.xdist_group("apple")


@pytest.fixture(scope="module")
def stack():
    with new_stack() as stack:
        yield stack


@pytest.fixture(scope="module")
def spotify(stack):
    """The incidents of two months in which Spotify failed once, on 2017-11-28."""
    return stack.run("backtest", SPOTIFY, "--json").splitlines()


@pytest.fixture(scope="module")
def apple(stack):
    """The incidents of two weeks in which nothing failed."""
    return stack.run("backtest", APPLE, "--json").splitlines()


@in_spotify_group
def test_the_outage_is_raised_before_the_official_account_admits_it(spotify):
    """Posts tell of it from 20:26Z on; @SpotifyStatus wrote at 21:17:28Z."""
    found = [json.loads(line) for line in spotify]
    assert any(
        incident["service"] == "spotify" and "2017-11-28T20:26" < incident["raised_at"] < "2017-11-28T21:00"
        for incident in found
    )


@in_spotify_group
def test_at_most_two_other_incidents_are_raised_in_two_months(spotify):
    assert len(spotify) <= 3


@in_spotify_group
def test_the_hole_in_the_data_raises_nothing(spotify):
    raised = [json.loads(line)["raised_at"] for line in spotify]
    assert not [at for at in raised if "2017-11-17T23:00" <= at <= "2017-11-19T04:00"]


@in_spotify_group
def test_every_incident_says_what_a_program_needs(spotify):
    wanted = {
        "service", "onset_at", "raised_at", "resolved_at", "severity", "expected", "observed", "evidence",
    }  # fmt: skip
    for line in spotify:
        incident = json.loads(line)
        assert wanted <= incident.keys()
        assert incident["evidence"]


@in_spotify_group
def test_replays_give_the_same_lines_whatever_the_workers_and_however_often(spotify, stack):
    """The second replay meets in its folder what the first one left."""
    for workers in ("1", "3"):
        assert stack.run("replay", SPOTIFY, "--json", "--workers", workers).splitlines() == spotify


@in_apple_group
def test_a_quiet_time_raises_nothing(apple):
    assert apple == []


@in_apple_group
def test_a_replay_of_a_quiet_time_raises_nothing_either(stack):
    assert stack.run("replay", APPLE, "--json", "--workers", "3") == ""
