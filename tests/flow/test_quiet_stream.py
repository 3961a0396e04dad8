"""Real posts of a week in which nothing failed: by backtest, and through the true stack."""

from __future__ import annotations

import pytest

from settings import ROOT
from tests.flow.stack import new_stack

APPLE = ROOT.parent / "shared" / "data" / "streams" / "apple_quiet_2018.jsonl.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not APPLE.exists(), reason=f"needs ../shared/data/streams/{APPLE.name}"),
]


@pytest.fixture(scope="module")
def stack():
    with new_stack() as stack:
        yield stack


def test_a_quiet_time_raises_nothing(stack):
    assert stack.run("backtest", APPLE, "--json") == ""


def test_a_replay_of_a_quiet_time_raises_nothing_either(stack):
    assert stack.run("replay", APPLE, "--json", "--workers", "3") == ""
