"""Statuses as posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.post import Post
from ingest.recordings import parse_line
from ingest.sources.mastodon.posts import NoStatus, post_of, status_of

HOST = "social.example"


def status(**changes: Any) -> dict[str, Any]:
    """A status as an instance tells of it."""
    return {
        "id": "109",
        "created_at": "2026-11-18T20:03:11.250Z",
        "account": {"id": "7", "username": "ann", "acct": "ann@other.example"},
        "content": "<p>Is it down?</p>",
        "visibility": "public",
        "uri": "https://other.example/users/ann/statuses/55",
        "url": "https://other.example/@ann/55",
        "language": "en",
        "spoiler_text": "",
        "reblog": None,
        "in_reply_to_id": None,
        "favourites_count": 3,
        **changes,
    }


def posted(**changes: Any) -> Post:
    return post_of(status_of(json.dumps(status(**changes)).encode()), HOST)


def test_a_status_is_a_post_wherever_it_was_heard() -> None:
    assert posted() == Post(
        source="mastodon",
        id="https://other.example/users/ann/statuses/55",
        text="Is it down?",
        written_at=datetime(2026, 11, 18, 20, 3, 11, 250_000, tzinfo=UTC),
        author="ann@other.example",
        url="https://other.example/@ann/55",
        lang="en",
    )
    assert posted() == posted(id="88")


def test_an_author_of_the_instance_itself_gets_its_host() -> None:
    assert posted(account={"acct": "Bob"}).author == "bob@social.example"


def test_a_content_warning_stands_before_the_text() -> None:
    assert posted(spoiler_text="outage\u0000 rant").text == "outage rant\nIs it down?"
    assert posted(spoiler_text="outage", content="").text == "outage"


def test_a_boost_is_a_post_of_the_boosters_with_the_words_of_another() -> None:
    boosted = status(id="100", content="<p>It fails</p>", spoiler_text="rant", language="de")
    boost = posted(
        id="110",
        uri="https://other.example/users/bob/statuses/60/activity",
        url=None,
        account={"acct": "bob@other.example"},
        content="",
        created_at="2026-11-18T20:04:00Z",
        reblog=boosted,
    )
    assert boost.is_repost
    assert boost.id == "https://other.example/users/bob/statuses/60/activity"
    assert boost.author == "bob@other.example"
    assert boost.text == "rant\nIt fails"
    assert boost.written_at == datetime(2026, 11, 18, 20, 4, tzinfo=UTC)
    assert boost.lang == "de"
    assert boost.url == "https://other.example/@ann/55"


@pytest.mark.parametrize(
    ("uri", "url", "id_"),
    [
        ("https://a.example/" + "x" * 200, "https://a.example/1", "https://a.example/1"),
        (None, "https://a.example/1", "https://a.example/1"),
        ("", None, "social.example/109"),
        ("https://a.example/\0", "https://a.example/" + "x" * 200, "social.example/109"),
    ],
)
def test_a_status_without_a_usable_name_is_called_by_its_url_or_by_its_instance(
    uri: str | None, url: str | None, id_: str
) -> None:
    assert posted(uri=uri, url=url).id == id_


@pytest.mark.parametrize(
    ("visibility", "inner", "public"),
    [
        ("public", None, True),
        ("unlisted", None, True),
        ("private", None, False),
        ("direct", None, False),
        ("local", None, False),
        ("", None, False),
        ("public", "private", False),
        ("public", "unlisted", True),
    ],
)
def test_only_what_anybody_may_read_is_public(visibility: str, inner: str | None, public: bool) -> None:
    reblog = None if inner is None else status(visibility=inner)
    read = status_of(json.dumps(status(visibility=visibility, reblog=reblog)).encode())
    assert read.is_public is public


def test_a_time_with_an_offset_is_told_in_utc() -> None:
    at = posted(created_at="2026-11-18T21:03:11+01:00").written_at
    assert at == datetime(2026, 11, 18, 20, 3, 11, tzinfo=UTC)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": ""},
        {"id": "1/2"},
        {"id": "1\n"},
        {"id": "9" * 65},
        {"id": 109},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-18T20:03:11"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"created_at": "9999-12-31T23:59:59-14:00"},
        {"created_at": None},
        {"account": None},
        {"account": {"acct": ""}},
        {"account": {"acct": "x" * 201}},
        {"content": 7},
        {"visibility": None},
        {"reblog": []},
        {"reblog": {"id": "5"}},
        {"url": ["x"]},
    ],
)
def test_a_status_that_is_none_is_refused_with_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(NoStatus) as refused:
        status_of(json.dumps(status(**changes)).encode())
    assert len(str(refused.value)) > 10


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b'{"id":', b"\xff", b"[" * 100_000, b'{"reblog":' * 100_000, b'{"id": "\\ud800"}'],
)
def test_what_is_no_status_at_all_is_refused_with_a_sentence(raw: bytes) -> None:
    with pytest.raises(NoStatus) as refused:
        status_of(raw)
    assert len(str(refused.value)) > 10


def test_a_refusal_repeats_nothing_that_somebody_wrote() -> None:
    with pytest.raises(NoStatus) as refused:
        status_of(json.dumps(status(content="a secret", visibility=5)).encode())
    assert "secret" not in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(status())), JSON))
def test_whatever_a_status_holds_it_is_refused_or_a_post_that_can_be_kept(changes: dict[str, Any]) -> None:
    try:
        post = posted(**changes)
    except NoStatus:
        return
    _can_be_kept(post)


@given(
    content=st.text(),
    spoiler=st.text(),
    acct=st.text(min_size=1, max_size=200),
    uri=st.text(max_size=250),
    url=st.none() | st.text(max_size=2500),
    language=st.none() | st.text(max_size=50),
    at=st.integers(40_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_hostile_words_become_a_post_that_can_be_kept(
    content: str, spoiler: str, acct: str, uri: str, url: str | None, language: str | None, at: datetime
) -> None:
    said = status(
        content=content,
        spoiler_text=spoiler,
        account={"acct": acct},
        uri=uri,
        url=url,
        language=language,
        created_at=at.isoformat(),
    )
    raw = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    _can_be_kept(post_of(status_of(raw), HOST))


def _can_be_kept(post: Post) -> None:
    """A recording may hold it, which is as strict as the stores are."""
    line = {name: getattr(post, name) for name in post.__struct_fields__}
    line["written_at"] = post.written_at.isoformat()
    assert parse_line(1, json.dumps(line).encode(), default_source="").id == post.id
