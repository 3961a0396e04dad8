"""Real posts of two months, with a real outage: by backtest, and through the true stack."""

from __future__ import annotations

import json

import pytest

from settings import ROOT
from tests.flow.stack import new_stack

SPOTIFY = ROOT.parent / "shared" / "data" / "streams" / "spotify_2017.jsonl.gz"

# Two months of minutes take a while, so the stream is brought through as seldom as the tests allow.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPOTIFY.exists(), reason=f"needs ../shared/data/streams/{SPOTIFY.name}"),
]


@pytest.fixture(scope="module")
def stack():
    with new_stack() as stack:
        yield stack


@pytest.fixture(scope="module")
def spotify(stack):
    """The incidents of two months in which Spotify failed once, on 2017-11-28."""
    return stack.run("backtest", SPOTIFY, "--json").splitlines()


def test_the_outage_is_raised_before_the_official_account_admits_it(spotify):
    """Posts tell of it from 20:26Z on; @SpotifyStatus wrote at 21:17:28Z."""
    found = [json.loads(line) for line in spotify]
    assert any(
        incident["service"] == "spotify" and "2017-11-28T20:26" < incident["raised_at"] < "2017-11-28T21:00"
        for incident in found
    )


def test_the_lead_over_the_official_account_is_reported(spotify):
    """Its first word counts as the official one; it called the outage over at 22:09:50Z."""
    [outage] = [one for one in map(json.loads, spotify) if one["official_seen_at"] is not None]
    assert "2017-11-28T20:26" < outage["raised_at"] < "2017-11-28T21:00"
    assert outage["official_seen_at"] == "2017-11-28T21:17:28Z"
    assert outage["official_well_at"] == "2017-11-28T22:09:50Z"
    assert outage["lead_minutes"] > 0
    assert outage["silent_at"] is None


def test_at_most_two_other_incidents_are_raised_in_two_months(spotify):
    assert len(spotify) <= 3


def test_the_hole_in_the_data_raises_nothing(spotify):
    raised = [json.loads(line)["raised_at"] for line in spotify]
    assert not [at for at in raised if "2017-11-17T23:00" <= at <= "2017-11-19T04:00"]


def test_every_incident_says_what_a_program_needs(spotify):
    wanted = {
        "service", "onset_at", "raised_at", "resolved_at", "severity", "expected", "observed", "evidence",
    }  # fmt: skip
    for line in spotify:
        incident = json.loads(line)
        assert wanted <= incident.keys()
        assert incident["evidence"]


def test_replays_give_the_same_lines_whatever_the_workers_and_however_often(spotify, stack):
    """The second replay meets in its folder what the first one left."""
    for workers in ("1", "3"):
        assert stack.run("replay", SPOTIFY, "--json", "--workers", workers).splitlines() == spotify
