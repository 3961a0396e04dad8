"""The hosts: how they are named, whose turn it is, what refusals mean; and the options."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.spending import Spent
from ingest.options import OptionsRefused
from ingest.registry import SOURCES
from ingest.source import RateLimited, SourceFailed, SourceKind, SourceRefused, Surroundings
from ingest.sources.bluesky.connection import HostRefused
from ingest.sources.bluesky.hosts import PUBLIC_HOSTS, Hosts
from ingest.sources.bluesky.source import Bluesky, BlueskyOptions

NOW = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
HOSTS = "GROUNDSWELL_BLUESKY_HOSTS"
LANGS = "GROUNDSWELL_BLUESKY_LANGS"


def refusal(status: int, retry_after: str | None = None) -> HostRefused:
    return HostRefused(f"a host answered {status}", status, retry_after)


def answers(statuses: Sequence[int | None], hosts: int = 2) -> SourceFailed | None:
    """What the last refusal means; ``None`` among the statuses is a host that works, and then fails."""
    turns = Hosts([f"ws://host{number}" for number in range(hosts)], HOSTS)
    meaning: SourceFailed | None = None
    for status in statuses:
        if status is None:
            turns.worked()
            turns.failed()
        else:
            meaning = turns.refused(refusal(status), NOW)
    return meaning


# --- turns ---


def test_hosts_take_turns_whether_they_fail_or_refuse() -> None:
    turns = Hosts(["ws://one", "ws://two:81", "wss://three"], HOSTS)
    names = [turns.name]
    for status in (None, 503, None, 401):
        turns.failed() if status is None else turns.refused(refusal(status), NOW)
        names.append(turns.name)
    assert names == ["one", "two:81", "three", "one", "two:81"]


def test_a_subscription_asks_for_posts_alone_from_a_cursor_on() -> None:
    turns = Hosts(["wss://one"], HOSTS)
    url = urlsplit(turns.subscription(1_725_911_162_329_308))
    assert (url.scheme, url.netloc, url.path) == ("wss", "one", "/subscribe")
    assert parse_qs(url.query) == {
        "wantedCollections": ["app.bsky.feed.post"],
        "maxMessageSizeBytes": ["1000000"],
        "cursor": ["1725911162329308"],
    }
    assert "cursor" not in turns.subscription(None)


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        ([401], SourceFailed),
        ([401, 403], SourceRefused),
        ([403, 429], RateLimited),
        ([429], SourceFailed),
        ([429, 429], RateLimited),
        ([429, 503], SourceFailed),
        ([401, 500], SourceFailed),
        ([404, 404], SourceFailed),
        ([401, None, 401], SourceFailed),  # the second one works
        ([401, 403, 429], RateLimited),  # the first one has changed its mind
        ([503, 401, 401], SourceRefused),
    ],
)
def test_only_when_every_host_has_refused_it_is_more_than_a_failure(
    statuses: list[int | None], meaning: type[SourceFailed]
) -> None:
    expected = HostRefused if meaning is SourceFailed else meaning
    assert type(answers(statuses)) is expected


def test_a_host_that_cannot_be_reached_has_not_refused() -> None:
    turns = Hosts(["ws://one", "ws://two"], HOSTS)
    turns.refused(refusal(401), NOW)
    turns.failed()
    assert not isinstance(turns.refused(refusal(401), NOW), SourceRefused)


def test_who_is_refused_everywhere_learns_which_setting_helps() -> None:
    refused = answers([401], hosts=1)
    assert isinstance(refused, SourceRefused)
    assert HOSTS in str(refused)
    assert "401" in str(refused)


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        ("90", timedelta(seconds=90)),
        ("Wed, 04 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        (None, timedelta(minutes=1)),
        ("soon", timedelta(minutes=1)),
        ("-5", timedelta(minutes=1)),
        ("999999", timedelta(hours=1)),
        ("9" * 400, timedelta(hours=1)),
        ("9" * 5000, timedelta(hours=1)),
        ("Fri, 31 Dec 9999 23:59:59 -2359", timedelta(minutes=1)),
    ],
)
def test_a_host_that_has_too_many_says_when_to_come_again(retry_after: str | None, pause: timedelta) -> None:
    limited = Hosts(["ws://one"], HOSTS).refused(refusal(429, retry_after), NOW)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + pause


def test_the_first_host_that_would_have_us_again_decides() -> None:
    turns = Hosts(["ws://one", "ws://two"], HOSTS)
    turns.refused(refusal(429, "600"), NOW)
    limited = turns.refused(refusal(429, "90"), NOW)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + timedelta(seconds=90)


# --- options ---


def test_without_any_option_the_public_hosts_are_read() -> None:
    options = BlueskyOptions.load()
    assert options.hosts == tuple(f"wss://{host}" for host in PUBLIC_HOSTS)
    assert options.langs == ()


def test_hosts_are_names_or_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    given = "one.example, ws://127.0.0.1:6008, wss://two.example/subscribe, [::1]:443, one.example,"
    monkeypatch.setenv(HOSTS, given)
    assert BlueskyOptions.load().hosts == (
        "wss://one.example",
        "ws://127.0.0.1:6008",
        "wss://two.example",
        "wss://[::1]:443",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "https://one.example",
        "one.example:port",
        "one.example:99999",
        "one.example/other",
        "one.example/subscribe?cursor=1",
        "one example",
        "wss://",
        "one.example,/",
        "[::1",
        ",",
    ],
)
def test_a_wrong_host_is_refused_by_a_sentence_that_names_the_variable(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOSTS, wrong)
    with pytest.raises(OptionsRefused, match=HOSTS):
        BlueskyOptions.load()


def test_a_password_in_an_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOSTS, "wss://me:hunter2@one.example")
    with pytest.raises(OptionsRefused, match=HOSTS) as refused:
        BlueskyOptions.load()
    assert "hunter2" not in str(refused.value)


def test_languages_are_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LANGS, "EN, pt")
    assert BlueskyOptions.load().langs == ("en", "pt")
    monkeypatch.setenv(LANGS, "en-US")
    with pytest.raises(OptionsRefused, match=LANGS):
        BlueskyOptions.load()


def test_every_option_is_described() -> None:
    assert all(field.description for field in BlueskyOptions.model_fields.values())


class NoPurse:
    def spent(self, source: str, since: object) -> Spent:
        raise AssertionError("Bluesky is free")

    def spend(self, source: str, day: object, cost: Spent) -> None:
        raise AssertionError("Bluesky is free")


def test_it_is_in_the_table_and_always_configured() -> None:
    assert SOURCES["bluesky"] is Bluesky
    kind: type[SourceKind] = SOURCES["bluesky"]
    assert kind.needs is None
    [source] = kind.configured(kind.Options.load(), Surroundings((), NoPurse()))
    assert (source.name, source.every) == ("bluesky", None)
