"""A recording judged post by post: the same names, threads and official accounts as in counting."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Kind, TaggedMention
from domain.post import Post
from tests.workers.records import PlainTagger, post, reader
from workers import classifying
from workers.classifying import judge


def judged(*posts: Post, assume: str | None = None) -> list[TaggedMention]:
    return [one for page in judge(posts, reader(), PlainTagger(), assume=assume) for one in page]


def services(*posts: Post, assume: str | None = None) -> list[list[str]]:
    return [[tag.service for tag in one.tags] for one in judged(*posts, assume=assume)]


def test_a_post_has_a_tag_for_each_service_it_names() -> None:
    assert services(post(1, "imessage and spotify broken"), post(2, "what a day"), post(3, "spotify")) == [
        ["imessage", "spotify"],
        [],
        ["spotify"],
    ]


def test_a_reply_is_about_its_threads_service() -> None:
    thread = [
        post(1, "spotify broken"),
        post(2, "here", in_reply_to="1"),
        post(3, "and here", in_reply_to="2"),
    ]
    assert services(*thread) == [["spotify"]] * 3


def test_a_reply_finds_its_thread_pages_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifying, "PAGE", 2)
    between = [post(number, "chatter") for number in range(2, 9)]
    assert services(post(1, "spotify"), *between, post(9, "here", in_reply_to="1"))[-1] == ["spotify"]


def test_only_so_many_threads_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifying, "PAGE", 1)
    monkeypatch.setattr(classifying, "MOST_THREADS", 2)
    several = [post(number, "spotify") for number in range(4)]
    replies = [post(10, "here", in_reply_to="0"), post(11, "here", in_reply_to="3")]
    assert services(*several, *replies)[-2:] == [[], ["spotify"]]


def test_a_reply_that_comes_before_what_it_answers_has_no_thread() -> None:
    assert services(post(2, "here", in_reply_to="1"), post(1, "spotify broken")) == [[], ["spotify"]]


def test_an_official_account_speaks_for_its_service() -> None:
    (one,) = judged(post(1, "We are looking into it", author="SpotifyCares"))
    assert one.mention.speaks_for == "spotify"


def test_a_post_that_names_nobody_is_judged_for_the_assumed_service() -> None:
    posts = [post(1, "broken again"), post(2, "imessage broken"), post(3, "here", in_reply_to="2")]
    assert services(*posts, assume="spotify") == [["spotify"], ["imessage"], ["imessage"]]
    assert judged(posts[0], assume="spotify")[0].tags[0].kind is Kind.COMPLAINT


@pytest.mark.parametrize(
    ("text", "lang", "is_read"),
    [
        ("what a lovely day it is today", "en", True),
        ("qué día tan bonito hace hoy en la playa", "es", True),
        ("dzisiaj jest bardzo ładna pogoda w całym kraju", "pl", False),
        ("", "en", True),
    ],
)
def test_the_language_is_told_of_a_post_that_names_nobody(text: str, lang: str, is_read: bool) -> None:
    (one,) = judged(post(1, text))
    assert (one.lang, one.is_read) == (lang, is_read)


_posts = st.builds(
    post,
    st.integers(0, 5),  # few numbers, so that some come twice
    st.sampled_from(["spotify broken", "imessage and spotify", "chatter", "here", ""]),
    in_reply_to=st.none() | st.sampled_from(["0", "3", "77"]),
    author=st.sampled_from(["ann", "SpotifyCares", None]),
)


@given(st.lists(_posts, max_size=12), st.sampled_from([None, "imessage"]))
def test_every_post_comes_out_once_and_in_order(posts: Sequence[Post], assume: str | None) -> None:
    found = judged(*posts, assume=assume)
    assert [(one.mention.post.id, one.mention.post.text) for one in found] == [
        (one.id, one.text) for one in posts
    ]
    if assume is not None:
        assert all(one.tags for one in found)
