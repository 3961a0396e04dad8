"""What one message says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.recordings import LONGEST_ID, LONGEST_TEXT
from ingest.sources.bluesky.events import (
    AHEAD,
    LATE,
    Event,
    EventRefused,
    microseconds,
    read_event,
    time_of,
)

SEEN = datetime(2026, 11, 4, 12, 0, 10, tzinfo=UTC)
AT = microseconds(SEEN)
POST = "did:plc:ewvi7nxzyoun6zhxrhs64oiz/3l3qo2vuowo2b"
PARENT = "did:web:example.com/3l3qo2parent"


def message(
    operation: str = "create", *, record: object = None, commit: dict[str, Any] | None = None, **event: Any
) -> bytes:
    said = {"$type": "app.bsky.feed.post", "createdAt": "2026-11-04T12:00:08.250Z", "text": "is it down?"}
    inner: dict[str, Any] = {
        "rev": "3l3qo2vutsw2b",
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": "3l3qo2vuowo2b",
        "cid": "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi",
        "record": said | record if isinstance(record, dict) else record or said,
    }
    if operation == "delete":
        del inner["cid"], inner["record"]
    outer = {"did": POST.split("/")[0], "time_us": AT, "kind": "commit", "commit": inner | (commit or {})}
    return json.dumps(outer | event).encode()


def read(raw: bytes, **how: Any) -> Event:
    return read_event(raw, now=AT, **how)


def refusal(raw: bytes) -> str:
    with pytest.raises(EventRefused) as refused:
        read(raw)
    return str(refused.value)


def test_a_new_post_is_a_post() -> None:
    event = read(message(record={"langs": ["en-US", "de"]}))
    assert event.post is not None
    assert event.at == AT
    assert event.id == POST
    assert not event.withdrawn
    assert event.post.source == "bluesky"
    assert event.post.id == POST
    assert event.post.text == "is it down?"
    assert event.post.written_at == datetime(2026, 11, 4, 12, 0, 8, 250_000, tzinfo=UTC)
    assert event.post.author == "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
    assert event.post.url == ("https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz/post/3l3qo2vuowo2b")
    assert event.post.lang == "en-US"
    assert event.post.in_reply_to is None
    assert not event.post.is_repost


def test_an_edit_withdraws_the_post_and_brings_it_again() -> None:
    event = read(message("update"))
    assert event.withdrawn
    assert event.post is not None
    assert event.post.id == event.id == POST
    assert event.delay is None  # it says nothing of how late the host is


def test_a_deletion_withdraws_the_post() -> None:
    event = read(message("delete"))
    assert (event.id, event.withdrawn, event.post) == (POST, True, None)


@pytest.mark.parametrize("kind", ["identity", "account"])
def test_other_news_of_an_account_carry_only_their_time(kind: str) -> None:
    raw = {"did": "did:plc:leaver", "time_us": AT, "kind": kind, kind: {"active": False, "status": "deleted"}}
    assert read(json.dumps(raw).encode()) == Event(AT)


def test_a_commit_of_another_collection_carries_only_its_time() -> None:
    like = {"collection": "app.bsky.feed.like", "record": {"subject": {"uri": "at://x", "cid": "y"}}}
    assert read(message(commit=like)) == Event(AT)


def test_a_quote_is_a_post() -> None:
    embed = {"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:other/x/y", "cid": "z"}}
    assert read(message(record={"embed": embed})).post == read(message()).post


def test_a_post_of_pictures_alone_has_an_empty_text() -> None:
    post = read(message(record={"text": ""})).post
    assert post is not None
    assert post.text == ""


@pytest.mark.parametrize(
    ("uri", "parent"),
    [
        ("at://did:web:example.com/app.bsky.feed.post/3l3qo2parent", PARENT),
        ("at://did:web:example.com/app.bsky.feed.like/3l3qo2parent", None),
        ("at://somebody.example/app.bsky.feed.post/3l3qo2parent", None),
        ("at://did:web:example.com/app.bsky.feed.post/3l3?x=#y", None),
        ("at://did:web:example.com/app.bsky.feed.post/..", None),
        ("at://did:web:example.com/app.bsky.feed.post/" + "a" * LONGEST_ID, None),
        ("https://example.com", None),
        ("", None),
    ],
)
def test_a_reply_names_its_parent_and_not_the_root_of_its_thread(uri: str, parent: str | None) -> None:
    reply = {"root": {"uri": "at://did:plc:root/app.bsky.feed.post/r"}, "parent": {"uri": uri, "cid": "c"}}
    post = read(message(record={"reply": reply})).post
    assert post is not None
    assert post.in_reply_to == parent


@pytest.mark.parametrize(
    ("claimed", "written"),
    [
        ("2026-11-04T12:00:10Z", SEEN),
        ("2026-11-04T13:00:09.5+01:00", SEEN - timedelta(milliseconds=500)),
        ("2026-11-04T12:00:09.123456789Z", SEEN.replace(second=9, microsecond=123_456)),
        ("2026-11-04T11:58:10Z", SEEN - LATE),
        ("2026-11-04T11:58:09Z", SEEN),  # back-dated, or of a clock that is wrong
        ("2012-11-18T20:03:11Z", SEEN),
        ("2026-11-04T12:00:10.001Z", SEEN),  # from the future
        ("9999-12-31T23:59:59-23:59", SEEN),
        ("0001-01-01T00:00:00+23:59", SEEN),
        ("2026-11-04T12:00:09", SEEN),  # of no zone
        ("2026-11-04", SEEN),
        ("yesterday", SEEN),
        ("", SEEN),
        (None, SEEN),
    ],
)
def test_an_author_is_believed_to_have_written_a_moment_before_the_host_saw_it(
    claimed: str | None, written: datetime
) -> None:
    post = read(message(record={"createdAt": claimed})).post
    assert post is not None
    assert post.written_at == written
    assert post.written_at.tzinfo is UTC


def test_from_a_host_that_is_behind_old_posts_are_expected() -> None:
    old = message(record={"createdAt": "2026-11-04T11:45:00Z"})
    post = read(old, behind=timedelta(minutes=15)).post
    assert post is not None
    assert post.written_at == datetime(2026, 11, 4, 11, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spoken", "kept"),
    [(["en"], True), (["EN-gb"], True), (["pt", "en"], True), (["pt"], False), ([], True), (None, True)],
)
def test_with_languages_chosen_posts_in_others_are_left_out(spoken: list[str] | None, kept: bool) -> None:
    event = read(message(record={"langs": spoken}), langs=frozenset({"en"}))
    assert (event.post is not None) is kept
    assert event.at == AT
    assert event.delay == timedelta(seconds=1.75)  # how late its host is can be told from any post


def test_an_edit_into_another_language_is_still_a_withdrawal() -> None:
    event = read(message("update", record={"langs": ["pt"]}), langs=frozenset({"en"}))
    assert (event.withdrawn, event.post) == (True, None)


@pytest.mark.parametrize("odd", ["", "en us", "x" * 36, "e\u0301", "en\n"])
def test_a_language_without_sense_is_none(odd: str) -> None:
    post = read(message(record={"langs": [odd, "en"]})).post
    assert post is not None
    assert post.lang is None


def test_an_event_has_the_same_key_from_every_host_and_another_is_another() -> None:
    assert read(message()).key == read(message(time_us=AT - 1)).key
    # A post that is deleted and put back: the content is the old one, and so is its address.
    others = [message(commit={"rev": "3l3later"}), message("delete"), message(commit={"rkey": "3l3other"})]
    assert len({read(raw).key for raw in [message(), *others]}) == 4


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is no event"),
        (message()[:200], "is no event"),
        (b"\xff\xfe", "is no event"),
        (b"[" * 100_000, "is no event"),
        (b'{"a":' * 100_000, "is no event"),
        (b"{}", "missing required field `did`"),
        (message(time_us="now"), "`$.time_us`"),
        (message(time_us=17), "bears the time 17"),
        (message(time_us=-AT), "bears the time"),
        (message(time_us=10**40), "bears the time"),
        (message(time_us=AT + AHEAD + 1), "is a clock wrong?"),
        (message(kind="sync"), 'unknown kind "sync"'),
        (message(kind="x" * 500), "unknown kind"),
        (message(commit={"operation": "move"}), 'unknown operation "move"'),
        (message(commit={"record": None}), "no text"),
        (message(record={"text": None}), "no text"),
        (message(record={"text": 5}), "`$.commit.record.text`"),
        (message(record={"text": "x" * (LONGEST_TEXT + 1)}), "longer than 100,000 characters"),
        (message(record={"text": "x" * 1_000_000}), "longer than 1,000,000 bytes"),
        (message(record={"text": "down\0"}), "NUL"),
        (message(record={"text": "down \udc00 again"}), "surrogate"),
        (message(did="did:plc:" + "a" * LONGEST_ID), "names no post"),
        (message(did="somebody.example"), "names no post"),
        (message(did="did:plc:a/b"), "names no post"),
        (message(commit={"rkey": ""}), "names no post"),
        (message(commit={"rkey": ".."}), "names no post"),
        (message(commit={"rkey": "a?b"}), "names no post"),
        (json.dumps({"did": "did:plc:a", "time_us": AT, "kind": "commit"}).encode(), "commit is missing"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_what_is_no_event_is_refused_with_a_sentence(raw: bytes, why: str) -> None:
    said = refusal(raw)
    assert why in said
    assert len(said) < 300
    assert "\n" not in said


def test_a_refusal_repeats_nothing_that_a_person_wrote() -> None:
    raw = message(record={"text": "a private matter", "langs": 5}, did="did:plc:someone")
    assert "private" not in refusal(raw)
    assert "someone" not in refusal(raw)


@given(st.integers(0, 4_102_444_800_000_000))
def test_a_time_survives_as_microseconds(at: int) -> None:
    assert microseconds(time_of(at)) == at


# --- hostile events ---

WRONG: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ANY_TEXT = st.text(st.characters() | st.sampled_from("\0\ud800\udfff\u202e"), max_size=50)


def perhaps(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(right, right, right, WRONG)


RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "text": perhaps(ANY_TEXT),
        "langs": perhaps(st.lists(ANY_TEXT | st.just("en"), max_size=3)),
        "createdAt": perhaps(st.datetimes().map(lambda at: f"{at.isoformat()}Z") | ANY_TEXT),
        "reply": perhaps(
            st.fixed_dictionaries(
                {
                    "parent": perhaps(
                        st.fixed_dictionaries({"uri": perhaps(ANY_TEXT | st.just(f"at://{POST}"))})
                    )
                }
            )
        ),
    },
)
EVENTS = st.fixed_dictionaries(
    {
        "did": perhaps(st.just("did:plc:a") | ANY_TEXT),
        "time_us": perhaps(st.integers(AT - 10**9, AT) | st.integers()),
        "kind": perhaps(st.sampled_from(["commit", "commit", "identity", "account"])),
    },
    optional={
        "commit": perhaps(
            st.fixed_dictionaries(
                {
                    "operation": perhaps(st.sampled_from(["create", "update", "delete"])),
                    "collection": perhaps(st.just("app.bsky.feed.post")),
                    "rkey": perhaps(st.just("3l3") | ANY_TEXT),
                },
                optional={"rev": perhaps(ANY_TEXT), "cid": perhaps(ANY_TEXT), "record": perhaps(RECORDS)},
            )
        )
    },
)


def check(raw: bytes) -> None:
    """Whatever a message is, it is refused, or a well-formed event."""
    try:
        event = read_event(raw, now=AT)
    except EventRefused as refused:
        str(refused).encode()
        return
    assert event.at <= AT + AHEAD
    if event.post is None:
        return
    assert event.post.id == event.id
    assert 0 < len(event.post.id) <= LONGEST_ID
    assert len(event.post.text) <= LONGEST_TEXT
    assert "\0" not in event.post.text
    assert time_of(event.at) - LATE <= event.post.written_at <= time_of(event.at)
    for value in (event.post.text, event.post.id, event.post.author, event.post.url, event.post.lang):
        (value or "").encode()
    assert event.post.url is not None
    assert event.post.url.isascii()
    assert event.post.url.isprintable()


@given(EVENTS)
@example({"did": "did:plc:a", "time_us": AT, "kind": "commit", "commit": {}})
def test_a_hostile_event_is_refused_or_understood_and_never_half(event: dict[str, Any]) -> None:
    check(json.dumps(event).encode())


@given(st.binary(max_size=200))
def test_noise_is_refused(raw: bytes) -> None:
    check(raw)


@given(st.data())
def test_a_message_that_was_cut_or_damaged_is_refused_or_understood(data: st.DataObject) -> None:
    raw = bytearray(message(record={"langs": ["en"], "text": "d\u00f6wn \ud83d\ude22"}))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=3)):
        raw[place] = data.draw(st.integers(0, 255))
    check(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
