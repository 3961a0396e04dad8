"""The rules at X are those that we want, and nobody else's are touched."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from ingest.source import RateLimited, SourceFailed, SourceRefused
from ingest.sources.x.client import Client
from ingest.sources.x.rules import Rule
from ingest.sources.x.sync import keep_in_step
from tests.ingest.sources.fake_x import TOKEN, FakeX, fake_x

RULES = "/2/tweets/search/stream/rules"
CAP = {
    "title": "RulesCapExceeded",
    "detail": "Rules' count exceeded",
    "type": "https://api.twitter.com/2/problems/rule-cap",
}


@pytest.fixture
def x() -> Iterator[FakeX]:
    with fake_x() as world:
        yield world


def client(x: FakeX) -> Client:
    return Client(x.url, SecretStr(TOKEN), 2.0, lambda: datetime.now(UTC))


def rule(value: str, group: str = "others") -> Rule:
    return Rule(f"({value}) -is:retweet", f"groundswell:{group}:{value}")


def words(number: int, start: int = 0) -> list[Rule]:
    return [rule(f"word{index}") for index in range(start, start + number)]


def values(x: FakeX) -> list[str]:
    return sorted(one["value"] for one in x.rules.values())


def changes(x: FakeX) -> list[str]:
    """What was asked of the rules: "add" or "delete"."""
    return [next(iter(how)) for method, path, how in x.asked if method == "POST" and path == RULES]


def test_missing_rules_are_added_with_their_tags(x: FakeX) -> None:
    keep_in_step(client(x), words(3), most=10)
    assert values(x) == sorted(one.value for one in words(3))
    assert all(one["tag"].startswith("groundswell:others:") for one in x.rules.values())


def test_what_is_in_step_is_left_alone(x: FakeX) -> None:
    keep_in_step(client(x), words(3), most=10)
    keep_in_step(client(x), words(3), most=10)
    assert changes(x) == ["add"]


def test_rules_that_are_wanted_no_more_go_after_the_new_ones_have_come(x: FakeX) -> None:
    keep_in_step(client(x), words(3), most=10)
    keep_in_step(client(x), words(3, start=2), most=10)
    assert values(x) == sorted(one.value for one in words(3, start=2))
    assert changes(x) == ["add", "add", "delete"]


def test_without_room_for_both_the_old_ones_go_first(x: FakeX) -> None:
    keep_in_step(client(x), words(3), most=4)
    keep_in_step(client(x), words(3, start=3), most=4)
    assert values(x) == sorted(one.value for one in words(3, start=3))
    assert changes(x) == ["add", "delete", "add"]


def test_rules_of_others_stay_whatever_their_tags(x: FakeX) -> None:
    x.rules = {
        "1": {"id": "1", "value": "cats"},
        "2": {"id": "2", "value": "dogs", "tag": "pets"},
        "3": {"id": "3", "value": "(old) -is:retweet", "tag": "groundswell:others:old"},
    }
    keep_in_step(client(x), words(1), most=10)
    assert values(x) == ["(word0) -is:retweet", "cats", "dogs"]


def test_a_rule_that_another_program_has_as_well_is_not_added_again(x: FakeX) -> None:
    x.rules = {"1": {"id": "1", "value": words(1)[0].value, "tag": "theirs"}}
    keep_in_step(client(x), words(2), most=10)
    assert len(x.rules) == 2


def test_beside_the_rules_of_others_the_first_of_ours_find_room(
    x: FakeX, caplog: pytest.LogCaptureFixture
) -> None:
    x.rules = {str(one): {"id": str(one), "value": f"cat{one}"} for one in range(3)}
    keep_in_step(client(x), words(4), most=5)
    assert [one.value in values(x) for one in words(4)] == [True, True, False, False]
    assert "2 of our 4 rules find no room" in caplog.text


def test_without_any_room_only_the_operator_can_help(x: FakeX) -> None:
    x.rules = {str(one): {"id": str(one), "value": f"cat{one}"} for one in range(3)}
    with pytest.raises(SourceRefused, match="GROUNDSWELL_X_MOST_RULES"):
        keep_in_step(client(x), words(1), most=3)


def test_many_rules_take_few_requests(x: FakeX) -> None:
    keep_in_step(client(x), words(250), most=1_000)
    assert len(x.rules) == 250
    keep_in_step(client(x), words(1), most=1_000)
    assert len(x.rules) == 1
    assert changes(x) == ["add"] * 3 + ["delete"] * 3


def test_a_rule_that_x_does_not_take_is_told_and_the_others_are_added(
    x: FakeX, caplog: pytest.LogCaptureFixture
) -> None:
    x.bad_rule = lambda value: "word1" in value
    keep_in_step(client(x), words(3), most=10)
    assert values(x) == ["(word0) -is:retweet", "(word2) -is:retweet"]
    assert "X does not take the rule (word1) -is:retweet: not allowed here" in caplog.text


def test_a_rule_that_x_finds_fault_with_only_later_is_told_as_well(
    x: FakeX, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    def one_at_a_time(value: str) -> bool:
        asked.append(value)
        return "word1" in value or ("word2" in value and asked.count(value) > 1)

    x.bad_rule = one_at_a_time
    keep_in_step(client(x), words(4), most=10)
    assert values(x) == ["(word0) -is:retweet", "(word3) -is:retweet"]
    assert caplog.text.count("X does not take the rule") == 2


def test_when_x_takes_none_only_the_operator_can_help(x: FakeX) -> None:
    x.bad_rule = lambda _: True
    with pytest.raises(SourceRefused, match="X takes none of the rules: not allowed here"):
        keep_in_step(client(x), words(2), most=10)


def test_faults_that_come_with_a_refusal_are_understood_too(x: FakeX) -> None:
    fault = {"value": words(1)[0].value, "details": ["too long"], "title": "Invalid Rule"}
    x.refuse(400, {"errors": [fault], "title": "Invalid Request"}, {}, RULES)
    x.rules = {}
    with pytest.raises(SourceRefused, match="too long"):
        _adding_only(x, words(1))


def _adding_only(x: FakeX, wanted: list[Rule]) -> None:
    """Bring in step, where only the adding is refused."""
    asking = client(x)
    refusal, x.refusal = x.refusal, None
    known = asking.rules()
    x.refusal = refusal
    asking.rules = lambda: known  # type: ignore[method-assign]  # what was known before the refusal
    keep_in_step(asking, wanted, most=10)


def test_a_rule_that_came_in_between_is_no_fault(x: FakeX) -> None:
    asking = client(x)
    keep_in_step(client(x), words(1), most=10)
    asking.rules = tuple  # type: ignore[method-assign]  # as if they had been asked for a moment before
    keep_in_step(asking, words(2), most=10)
    assert len(x.rules) == 2


def test_a_plan_that_allows_fewer_rules_than_we_think_is_the_operators_to_mend(x: FakeX) -> None:
    x.refuse(422, CAP, {}, RULES)
    with pytest.raises(SourceRefused, match="the plan allows fewer rules than GROUNDSWELL_X_MOST_RULES"):
        _adding_only(x, words(1))


def test_a_rate_limit_is_handed_on(x: FakeX) -> None:
    x.refuse(429, None, None, RULES)
    with pytest.raises(RateLimited):
        keep_in_step(client(x), words(1), most=10)


@pytest.mark.parametrize("body", [b"[]", b"<html>", b'{"data": 5}', b'{"data": [{"id": 1}]}', b'"text"'])
def test_an_answer_that_nobody_understands_is_a_failure(x: FakeX, body: bytes) -> None:
    x.told_rules = body
    with pytest.raises(SourceFailed, match="what X says of its rules cannot be read"):
        keep_in_step(client(x), words(1), most=10)


def test_tweepy_itself_logs_no_more_than_we_allow(x: FakeX, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keep_in_step(client(x), words(1), most=10)
    assert "Making API request" in caplog.text  # tweepy's own words, headers included
    assert TOKEN not in caplog.text
