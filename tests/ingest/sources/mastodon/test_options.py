"""What an operator may write about Mastodon, and what is wrong is said without telling a token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.spending import Spent
from ingest.options import OptionsRefused
from ingest.source import Surroundings
from ingest.sources.mastodon.options import MastodonOptions
from ingest.sources.mastodon.source import Mastodon

SECRET = "s3cret-Token_0123456789"


class NoPurse:
    def spent(self, source: str, since: date) -> Spent:
        return Spent()

    def spend(self, source: str, day: date, cost: Spent) -> None: ...


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in MastodonOptions.model_fields:
        monkeypatch.delenv(MastodonOptions.variable(field), raising=False)
        monkeypatch.delenv(MastodonOptions.variable(field) + "_FILE", raising=False)


def sources(monkeypatch: pytest.MonkeyPatch, **written: str) -> Sequence[Mastodon]:
    for name, value in written.items():
        monkeypatch.setenv(f"GROUNDSWELL_MASTODON_{name.upper()}", value)
    return Mastodon.configured(MastodonOptions.load(), Surroundings(services=(), purse=NoPurse()))


def told(monkeypatch: pytest.MonkeyPatch, **written: str) -> list[tuple[str, float | None]]:
    return [(source.name, source.every) for source in sources(monkeypatch, **written)]


def test_without_an_instance_nothing_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch) == []


def test_an_instance_is_streamed_where_there_is_a_token_and_else_polled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert told(
        monkeypatch, instances="mastodon.social, https://Chaos.Social/", tokens=f"chaos.social={SECRET}"
    ) == [
        ("mastodon:chaos.social", None),
        ("mastodon:mastodon.social", 60),
    ]


def test_a_token_alone_names_its_instance_and_no_instance_is_heard_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = {"tokens": f"a.example={SECRET}", "instances": "b.example,https://B.example,b.example/"}
    assert [name for name, _ in told(monkeypatch, **written)] == ["mastodon:a.example", "mastodon:b.example"]


@pytest.mark.parametrize(("mode", "every"), [("stream", None), ("poll", 90.0)])
def test_streaming_and_polling_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, mode: str, every: float | None
) -> None:
    written = {"instances": "a.example", "tokens": f"b.example={SECRET}", "mode": mode, "poll_seconds": "90"}
    assert {every for _, every in told(monkeypatch, **written)} == {every}


def test_tokens_may_lie_in_a_file_one_on_each_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"a.example = {SECRET}\n\nb.example={SECRET}==\n")
    monkeypatch.setenv("GROUNDSWELL_MASTODON_TOKENS_FILE", str(tmp_path / "tokens"))
    tokens = {instance.host: token for instance, token in MastodonOptions.load().wanted().items()}
    assert {host: token and token.get_secret_value() for host, token in tokens.items()} == {
        "a.example": SECRET,
        "b.example": f"{SECRET}==",
    }


def test_timelines_are_written_in_one_way_and_kept_once() -> None:
    options = MastodonOptions(timelines="public, local,tag:#Outage, tag:outage,tag:störung")  # type: ignore[arg-type]
    assert options.timelines == ("public", "local", "tag:outage", "tag:störung")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("instances", "mastodon.social/about", "is no instance"),
        ("instances", "ann@mastodon.social", "is no instance"),
        ("instances", "mastodon.social:99999", "mastodon.social:99999 is no instance"),
        ("instances", "http://mastodon.social", "without encryption"),
        ("instances", "http://127.0.0.1.example", "without encryption"),
        ("instances", "ftp://mastodon.social", "is no instance"),
        ("instances", f"mastodon.social={SECRET}", "is no instance"),
        ("tokens", SECRET, "entry 1 is not like mastodon.social=token"),
        ("tokens", f"a.example={SECRET},b.example", "entry 2 is not like mastodon.social=token"),
        ("tokens", f"a.example={SECRET} {SECRET}", "entry 1 is not like"),
        ("tokens", f"a.example={SECRET}ü", "entry 1 is not like"),
        ("tokens", f"a.example/x={SECRET}", "entry 1 does not begin with an instance's host"),
        ("tokens", f"http://a.example={SECRET}", "entry 1 does not begin with an instance's host"),
        ("timelines", "", "names no timeline"),
        ("timelines", "home", "'home' is no timeline"),
        ("timelines", "tag:", "'tag:' is no timeline"),
        ("timelines", "tag:a/../b", "is no timeline"),
        ("mode", "push", "'auto', 'stream' or 'poll'"),
        ("poll_seconds", "14", "greater than or equal to 15"),
    ],
)
def test_what_is_wrong_is_named_with_its_variable_and_no_token_is_told(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str, why: str
) -> None:
    monkeypatch.setenv(MastodonOptions.variable(field), value)
    with pytest.raises(OptionsRefused) as refused:
        MastodonOptions.load()
    assert str(refused.value).startswith(f"GROUNDSWELL_MASTODON_{field.upper()}: ")
    assert why in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_loopback_address_may_go_without_encryption() -> None:
    options = MastodonOptions(instances="http://127.0.0.1:8000, http://[::1], http://localhost:1")  # type: ignore[arg-type]
    assert [instance.url for instance in options.wanted()] == [
        "http://127.0.0.1:8000",
        "http://[::1]",
        "http://localhost:1",
    ]


def test_polls_stay_within_what_an_instance_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    many = ",".join(f"tag:t{number}" for number in range(6))
    with pytest.raises(ValueError, match=r"GROUNDSWELL_MASTODON_POLL_SECONDS: a\.example may be asked for 6"):
        sources(monkeypatch, instances="a.example", timelines=many, poll_seconds="15")
    assert len(sources(monkeypatch, poll_seconds="18")) == 1


def test_a_token_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    [source] = sources(monkeypatch, tokens=f"a.example={SECRET}")
    options = MastodonOptions.load()
    assert SECRET not in f"{source!r} {vars(source)} {options!r} {options} {options.wanted()}"
    with pytest.raises(ValidationError) as refused:
        MastodonOptions(tokens=SECRET)  # type: ignore[arg-type]
    assert SECRET not in str(refused.value)


def test_every_option_is_described() -> None:
    assert all(field.description for field in MastodonOptions.model_fields.values())
