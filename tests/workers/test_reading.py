"""From posts to mentions in flight."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.mention import Mention, Naming, Via
from domain.moments import milliseconds, minute_of
from domain.post import Post
from storage.interfaces import Step
from storage.memory_posts import MemoryPosts
from tests.workers.records import START, post, reader

SPOTIFY = (Naming(service="spotify", via=Via.THREAD),)


def handed(*pages: Sequence[Post]) -> list[Mention]:
    store = MemoryPosts()
    for page in pages:
        reader().hand_over(page, "x", store, None)
    return [mention for batch in store.take("worker", 100) for mention in batch.mentions]


def test_a_post_that_names_nobody_goes_no_further_than_the_volume() -> None:
    store = MemoryPosts()
    assert reader().hand_over([post(1, "what a day")], "x", store, None) == 0
    assert (store.backlog(), store.volume(minute_of(START), 1)) == (0, [1])


def test_the_author_of_a_mention_is_hidden_and_stays_the_same() -> None:
    one, two, other = handed(
        [
            post(1, "imessage", author="ann"),
            post(2, "imessage", author="ann"),
            post(3, "imessage", author="bob"),
        ]
    )
    assert one.post.author == two.post.author != other.post.author
    assert "ann" not in str(one.post.author)
    assert len(bytes.fromhex(str(one.post.author))) == 8


def test_a_post_without_an_author_is_its_own() -> None:
    one, two = handed([post(1, "imessage", author=None), post(2, "imessage", author=None)])
    assert one.post.author != two.post.author


@pytest.mark.parametrize("same_page", [True, False])
def test_a_reply_that_names_nobody_belongs_to_its_threads_service(same_page: bool) -> None:
    parent, reply = post(1, "spotify broken"), post(2, "same here", minutes=5, in_reply_to="1")
    grandchild = post(3, "and here", minutes=9, in_reply_to="2")
    mentions = handed([parent, reply, grandchild]) if same_page else handed([parent], [reply], [grandchild])
    assert [mention.namings for mention in mentions[1:]] == [SPOTIFY, SPOTIFY]


@pytest.mark.parametrize("same_page", [True, False])
def test_a_thread_is_forgotten_after_its_time(same_page: bool) -> None:
    parent, reply = post(1, "spotify broken"), post(2, "same here", minutes=12 * 60 + 1, in_reply_to="1")
    assert len(handed([parent, reply]) if same_page else handed([parent], [reply])) == 1


def test_a_reply_that_names_a_service_itself_leaves_its_thread() -> None:
    mentions = handed([post(1, "spotify broken"), post(2, "and imessage too", in_reply_to="1")])
    assert [naming.service for naming in mentions[1].namings] == ["imessage"]


def test_a_reply_in_another_source_with_the_same_number_is_no_reply() -> None:
    assert len(handed([post(1, "spotify broken"), Post("bluesky", "2", "same", START, in_reply_to="1")])) == 1


def test_an_official_account_is_marked_and_speaks_of_its_service() -> None:
    (mention,) = handed([post(1, "We are looking into it", author="SpotifyCares")])
    assert mention.speaks_for == "spotify"
    assert [naming.service for naming in mention.namings] == ["spotify"]


def test_a_page_that_another_reader_has_brought_is_not_brought_again() -> None:
    store = MemoryPosts()
    step = Step(cursor="1", expected=None, progress=milliseconds(START))
    page = [post(1, "imessage")]
    assert reader().hand_over(page, "x", store, step) == 1
    assert reader().hand_over(page, "x", store, step) is None
    assert store.backlog() == 1
