"""X, as the table of sources knows it: what is asked of the operator, and what is made of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingest.options import OptionsRefused
from ingest.registry import SOURCES
from ingest.source import Source, Surroundings
from ingest.sources.x.budget import Caps
from ingest.sources.x.listening import Listening
from ingest.sources.x.options import XOptions
from ingest.sources.x.polling import Polling
from ingest.sources.x.source import X
from storage.memory_sources import MemorySources
from tests.ingest.sources.fake_x_reading import services

TOKEN = "a%2Fsecret%3Dtoken"


@pytest.fixture(autouse=True)
def _without_options(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in XOptions.model_fields:
        monkeypatch.delenv(XOptions.variable(field), raising=False)
    for variable in ("X_BEARER_TOKEN", "X_BEARER_TOKEN_FILE", "GROUNDSWELL_X_BEARER_TOKEN_FILE"):
        monkeypatch.delenv(variable, raising=False)


def configured() -> list[Source]:
    return list(X.configured(XOptions.load(), Surroundings(services(), MemorySources())))


def test_the_table_of_sources_has_it() -> None:
    assert SOURCES["x"] is X
    assert X.needs == "X_BEARER_TOKEN"


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_there_is_no_source(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if token is not None:
        monkeypatch.setenv("X_BEARER_TOKEN", token)
    assert configured() == []


@pytest.mark.parametrize("variable", ["X_BEARER_TOKEN", "GROUNDSWELL_X_BEARER_TOKEN"])
@pytest.mark.parametrize("in_file", [False, True])
def test_the_token_may_be_given_in_four_ways(
    variable: str, in_file: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if in_file:
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "token"))
    else:
        monkeypatch.setenv(variable, TOKEN)
    options = XOptions.load()
    assert options.bearer_token is not None
    assert options.bearer_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(options)


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN_FILE", "/nowhere/token")
    with pytest.raises(OptionsRefused, match="X_BEARER_TOKEN_FILE: /nowhere/token cannot be read"):
        XOptions.load()


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "caf\u00e9", "tab\t", "nul\0"[:3] + "\x7f"])
def test_a_token_that_cannot_be_one_is_refused_without_telling_it(token: str) -> None:
    with pytest.raises(OptionsRefused, match="X_BEARER_TOKEN: holds a sign that no token has") as refused:
        XOptions.load(bearer_token=token)
    assert token not in str(refused.value)


def test_by_default_it_streams_and_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", TOKEN)
    [source] = configured()
    assert isinstance(source, Listening)
    assert source.name == "x"
    assert source.every is None
    assert XOptions.load().caps == Caps(posts_a_month=None, day=5_000_000, month=100_000_000)


def test_it_may_be_polled_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", TOKEN)
    monkeypatch.setenv("GROUNDSWELL_X_MODE", "search")
    monkeypatch.setenv("GROUNDSWELL_X_POLL_SECONDS", "90")
    [source] = configured()
    assert isinstance(source, Polling)
    assert source.every == 90


def test_caps_may_be_set_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_X_DOLLARS_A_DAY", "0.29")
    monkeypatch.setenv("GROUNDSWELL_X_DOLLARS_A_MONTH", "None")
    monkeypatch.setenv("GROUNDSWELL_X_POSTS_A_MONTH", "1000")
    assert XOptions.load().caps == Caps(posts_a_month=1_000, day=290_000, month=None)


def test_services_that_matter_are_named_by_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", TOKEN)
    monkeypatch.setenv("GROUNDSWELL_X_SERVICES", "netflix, spotify")
    assert XOptions.load().services == ("netflix", "spotify")
    assert len(configured()) == 1


def test_a_service_that_nobody_knows_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", TOKEN)
    monkeypatch.setenv("GROUNDSWELL_X_SERVICES", "netflix,nettflix,sptofy")
    with pytest.raises(
        ValueError, match="GROUNDSWELL_X_SERVICES: the catalogue has no service nettflix, sptofy"
    ):
        configured()


def test_rules_too_short_for_any_name_are_refused() -> None:
    options = XOptions.load(bearer_token=TOKEN, longest_rule=64, longest_query=64)
    names = services("spotify")
    shortened = [type(names[0])(id="s", name="S", vendor="v", category="c", aliases=("s" * 60,))]
    with pytest.raises(ValueError, match="GROUNDSWELL_X_LONGEST_RULE"):
        X.configured(options, Surroundings(shortened, MemorySources()))


def test_names_that_find_no_room_are_told(caplog: pytest.LogCaptureFixture) -> None:
    options = XOptions.load(bearer_token=TOKEN, most_rules=1, longest_rule=100)
    X.configured(options, Surroundings(services(), MemorySources()))
    assert "x: 1 rules of 100 characters do not hold all names of Spotify, Netflix" in caplog.text


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("GROUNDSWELL_X_MODE", "both", "'stream' or 'search'"),
        ("GROUNDSWELL_X_DOLLARS_A_DAY", "five", "valid decimal"),
        ("GROUNDSWELL_X_DOLLARS_A_DAY", "", "valid decimal"),
        ("GROUNDSWELL_X_DOLLARS_A_MONTH", "-1", "greater than or equal to 0"),
        ("GROUNDSWELL_X_DOLLARS_A_MONTH", "inf", "finite"),
        ("GROUNDSWELL_X_POSTS_A_MONTH", "many", "valid integer"),
        ("GROUNDSWELL_X_MOST_RULES", "0", "greater than or equal to 1"),
        ("GROUNDSWELL_X_LONGEST_RULE", "9", "greater than or equal to 64"),
        ("GROUNDSWELL_X_POLL_SECONDS", "0", "greater than or equal to 1"),
        ("GROUNDSWELL_X_API", "http://api.x.com", "would travel in the clear"),
        ("GROUNDSWELL_X_API", "https://", "is no address of a server"),
        ("GROUNDSWELL_X_API", "https://me:secret@proxy", "is no address of a server"),
        ("GROUNDSWELL_X_API", "https://[", "is no address of a server"),
    ],
)
def test_a_wrong_option_is_named_with_its_mend(
    variable: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(OptionsRefused, match=f"^{variable}: .*{why}"):
        XOptions.load()


def test_every_option_is_described() -> None:
    assert all(field.description for field in XOptions.model_fields.values())


@pytest.mark.parametrize("api", ["http://127.0.0.1:8080", "http://localhost/", "https://proxy.example/x/"])
def test_a_proxy_may_stand_for_x(api: str) -> None:
    assert XOptions.load(api=api).api == api.rstrip("/")


def test_dollars_are_exact() -> None:
    assert XOptions.load(dollars_a_day=Decimal("0.000001")).caps.day == 1
