"""From what X sends to posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.post import Post
from ingest.sources.x.cursor import Cursor, id_at, time_of
from ingest.sources.x.posts import LONGEST_LINE, Problem, read_line, read_results
from tests.ingest.sources.fake_x import CAPPED, DISCONNECTED

AT = datetime(2026, 11, 18, 20, 3, 11, tzinfo=UTC)
ID = str(id_at(AT) + 7)
NOW = AT + timedelta(seconds=3)
KEYS = st.sampled_from(
    ["data", "includes", "errors", "title", "type", "users", "id", "text", "created_at", "author_id", "else"]
)


def post(**fields: Any) -> dict[str, Any]:
    """A post as X sends it."""
    known = {"id": ID, "text": "spotify is down", "created_at": "2026-11-18T20:03:11.000Z", "author_id": "42"}
    return {**known, "edit_history_tweet_ids": [ID], **fields}


def line(data: object, users: object = (), **more: object) -> bytes:
    return json.dumps({"data": data, "includes": {"users": users}, **more}).encode()


def read(data: object, users: object = ()) -> Post:
    found = read_line(line(data, users), NOW)
    assert found.unreadable == []
    [read] = found.posts
    return read


def test_a_post_is_read_with_all_that_counts() -> None:
    users = [{"id": "42", "name": "Dana", "username": "DanaK_"}, {"id": "43", "username": "other"}]
    data = post(
        text="@SpotifyCares it&#39;s &lt;down&gt; &amp;amp; out",
        lang="en",
        referenced_tweets=[{"type": "replied_to", "id": "1500"}],
    )
    assert read(data, users) == Post(
        source="x",
        id=ID,
        text="@SpotifyCares it&#39;s <down> &amp; out",
        written_at=AT,
        author="danak_",
        in_reply_to="1500",
        url=f"https://x.com/DanaK_/status/{ID}",
        lang="en",
    )


def test_an_author_whose_name_does_not_come_along_is_known_by_number() -> None:
    read_post = read(post(), [{"id": "7", "username": "somebody"}])
    assert read_post.author == "42"
    assert read_post.url == f"https://x.com/i/status/{ID}"


@pytest.mark.parametrize("users", [None, 5, "x", [5], [{"id": "42"}], [{"id": "42", "username": "a/../b"}]])
def test_strange_users_cost_the_name_and_not_the_post(users: object) -> None:
    assert read(post(), users).url == f"https://x.com/i/status/{ID}"


def test_the_whole_text_of_a_long_post_is_read() -> None:
    long = "spotify is down " * 60
    assert read(post(text="spotify is...", note_tweet={"text": long})).text == long


def test_a_repost_is_known_as_one() -> None:
    assert read(post(referenced_tweets=[{"type": "retweeted", "id": "9"}])).is_repost
    assert not read(post(referenced_tweets=[{"type": "quoted", "id": "9"}])).is_repost


def test_an_edited_post_stands_for_those_before_it() -> None:
    found = read_line(line(post(edit_history_tweet_ids=["11", "12", ID])), NOW)
    assert found.withdrawn == [("x", "11"), ("x", "12")]
    assert [one.id for one in found.posts] == [ID]


def test_errors_beside_a_post_do_not_concern_it() -> None:
    found = read_line(line(post(), errors=[{"title": "Not Found Error", "value": "42"}]), NOW)
    assert len(found.posts) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"errors": [DISCONNECTED]},
        CAPPED,
        {"errors": [{"title": "something new"}]},
    ],
)
def test_a_problem_is_no_post(said: object) -> None:
    with pytest.raises(Problem):
        read_line(json.dumps(said).encode(), NOW)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (post(id=5), "Expected `str`, got `int` - at `$.id`"),
        (post(id="12a"), "matching regex"),
        (post(id="9" * 19), "its id lies in the future"),
        (post(id=str(id_at(NOW + timedelta(hours=1)))), "its id lies in the future"),
        (post(created_at="2026-11-18T19:03:11.000Z"), "its id and its time do not agree"),
        (post(created_at="2026-11-18T20:03:11.000"), "timezone"),
        (post(created_at="yesterday"), "Invalid RFC3339"),
        (post(created_at="9999-12-31T23:59:59-10:00"), "out of range"),
        (post(created_at=None), "Expected `datetime`"),
        (post(text="a\0b"), "what is no character"),
        (post(text=None), "Expected `str`, got `null`"),
        (post(lang="x" * 40), "length <= 35"),
        (post(referenced_tweets=[{"type": "replied_to"}]), "missing required field `id`"),
        ({"id": ID}, "missing required field"),
        ("a text", "Expected `object`, got `str`"),
        ([post()], "Expected `object`, got `array`"),
    ],
)
def test_a_post_that_is_not_right_is_told_and_not_guessed(data: object, why: str) -> None:
    found = read_line(line(data), NOW)
    assert found.posts == []
    [told] = found.unreadable
    assert why in told
    assert "spotify" not in told
    assert len(found.paid) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"17",
        b'{"data": null}',
        b'{"data": {"id": "1700000000000000000", "te',
        b'{"unheard": "of"}',
        b'{"title": {"a": 1}}',
        b'{"data": {"text": "\\ud800"}}',
        b"\xff\xfe{}",
        b"[" * 200_000,
        b'{"data": ' + b'{"a":' * 100_000,
        b"x" * (LONGEST_LINE + 1),
    ],
)
def test_a_line_that_is_no_message_is_told_in_one_sentence(raw: bytes) -> None:
    found = read_line(raw, NOW)
    assert found.posts == []
    assert len(found.unreadable) == 1
    assert len(found.unreadable[0]) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(ID),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@given(st.binary(max_size=300) | st.dictionaries(KEYS, JSON).map(json.dumps).map(str.encode))
def test_whatever_comes_is_a_post_a_problem_or_unreadable(raw: bytes) -> None:
    try:
        found = read_line(raw, NOW)
    except Problem:
        return
    assert len(found.posts) + len(found.unreadable) >= 1


def test_a_page_of_results_is_read_post_by_post() -> None:
    body = {
        "data": [post(), post(id="no"), "?"],
        "includes": {"users": [{"id": "42", "username": "Dana"}]},
        "meta": {"next_token": "b26v", "result_count": 3},
    }
    found = read_results(json.dumps(body).encode(), NOW)
    assert [one.author for one in found.posts] == ["dana"]
    assert len(found.unreadable) == 2
    assert found.paid == [ID, "", ""]
    assert found.next_token == "b26v"


def test_no_results_are_no_posts() -> None:
    assert read_results(b'{"meta": {"result_count": 0}}', NOW).posts == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 5}', b'{"meta": []}', b"<html>", b"[" * 100_000])
def test_what_is_no_page_of_results_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="the results of a search cannot be read"):
        read_results(body, NOW)


# --- ids and cursors ---


@given(st.datetimes(datetime(2010, 11, 5), datetime(2070, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given a zone beside it
def test_the_id_of_a_time_is_of_that_millisecond(at: datetime) -> None:
    assert timedelta() <= at - time_of(id_at(at)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "cursor", [Cursor(0), Cursor.at(AT), Cursor(17, AT, 3, "abcd"), Cursor(17, AT, 0, "abcd")]
)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.read(str(cursor)) == cursor


def test_a_cursor_of_a_stream_is_an_id() -> None:
    assert str(Cursor.at(AT)) == str(id_at(AT))


@pytest.mark.parametrize("text", ["", "x", "-5", "5.0", "{}", '{"since": "x"}', "[]", "²"])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert Cursor.read(text) is None


def test_a_cursor_of_too_many_digits_is_a_time_far_away() -> None:
    cursor = Cursor.read("9" * 50)
    assert cursor is not None
    assert time_of(cursor.since).year > 2050
