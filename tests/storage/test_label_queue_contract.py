"""The posts on which a verdict would teach most: what both queues promise."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from domain.doubt import Doubt
from domain.mention import Mention, Naming, Via
from domain.moments import milliseconds
from domain.post import Post
from storage.interfaces import HandOver, KnownPost, LabelQueue, Posts
from storage.memory_label_queue import MemoryLabelQueue
from storage.memory_posts import MemoryPosts
from storage.redis_label_queue import RedisLabelQueue
from storage.redis_posts import RedisPosts
from tests.storage.servers import running_valkey

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORDS = ["alder", "birch", "cedar", "elder", "hazel", "larch", "maple", "rowan", "willow", "yew"]

MakeQueue = Callable[..., LabelQueue]


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture(params=["memory", "redis"])
def new_queue(request: pytest.FixtureRequest) -> MakeQueue:
    """An empty queue, for so many posts."""
    if request.param == "memory":
        return MemoryLabelQueue
    server: Redis = request.getfixturevalue("redis")

    def empty(most: int = 500) -> LabelQueue:
        server.flushall()
        return RedisLabelQueue(server, "{groundswell:live}:", most=most)

    return lambda **more: empty(**more)


@pytest.fixture(params=["memory", "redis"])
def posts(request: pytest.FixtureRequest) -> Posts:
    """The posts of a run, with the queue that belongs to them."""
    if request.param == "memory":
        return MemoryPosts()
    server: Redis = request.getfixturevalue("redis")
    server.flushall()
    return RedisPosts(server, "live")


def doubt(
    post: str, unsure: float = 0.8, service: str = "siri", *, text: str | None = None, minutes: float = 1
) -> Doubt:
    words = text or f"{' '.join(WORDS[int(digit)] for digit in post if digit.isdecimal())} fails {post[0]}"
    return Doubt(
        source="x",
        post=post,
        service=service,
        text=words,
        written_at=NOW - minutes * MINUTE,
        probabilities=(0.5, 0.4, 0.1, 0.0, 0.0),
        unsure=unsure,
        lang="en",
    )


def waiting(queue: LabelQueue, now: datetime = NOW, **asked: str) -> list[str]:
    return [one.post for one in queue.find(now, most=1000, **asked)]


def test_the_most_unsure_come_first_and_every_service_in_turn(new_queue: MakeQueue) -> None:
    queue = new_queue()
    queue.offer([doubt("1", 0.9), doubt("2", 0.8), doubt("3", 0.5, "maps"), doubt("4", 0.7)], NOW)
    assert waiting(queue) == ["1", "3", "2", "4"]
    assert waiting(queue, service="siri") == ["1", "2", "4"]
    assert [one.post for one in queue.find(NOW, most=2)] == ["1", "3"]
    assert queue.find(NOW, service="nobody", most=9) == []


def test_a_doubt_comes_back_whole(new_queue: MakeQueue) -> None:
    queue = new_queue()
    queue.offer([doubt("1")], NOW)
    assert queue.find(NOW, most=9) == [doubt("1")]
    known = {("x", "1"): KnownPost(doubt("1").text, ("siri",), "en")}
    assert queue.known_posts([("x", "1"), ("x", "9"), ("rss", "1")]) == known
    assert queue.known_posts([]) == {}


def test_a_post_that_is_offered_again_waits_once_as_it_is_judged_now(new_queue: MakeQueue) -> None:
    queue = new_queue()
    queue.offer([doubt("1", 0.6)], NOW)
    again = doubt("1", 0.9, "maps")
    queue.offer([again, again], NOW)
    assert queue.find(NOW, most=9) == [again]


def test_what_nearly_says_the_same_waits_once(new_queue: MakeQueue) -> None:
    queue = new_queue()
    queue.offer([doubt("1", text="Siri is down?"), doubt("2", 0.9, text="@ann siri, is down 😡")], NOW)
    assert waiting(queue) == ["1"]
    queue.withdraw([("x", "1")])
    queue.offer([doubt("2", text="siri: is down!")], NOW)
    assert waiting(queue) == ["2"]


def test_a_loud_service_gives_way_to_the_quiet_ones(new_queue: MakeQueue) -> None:
    queue = new_queue(most=6)
    queue.offer([doubt(str(number), 0.9, "loud") for number in range(9)], NOW)
    queue.offer([doubt(f"q{number}", 0.5, f"quiet-{number}") for number in range(3)], NOW)
    counts = Counter(one.service for one in queue.find(NOW, most=99))
    assert counts == {"loud": 3, "quiet-0": 1, "quiet-1": 1, "quiet-2": 1}


def test_the_least_unsure_of_the_loudest_service_goes_first(new_queue: MakeQueue) -> None:
    queue = new_queue(most=2)
    queue.offer([doubt("1", 0.7), doubt("2", 0.9), doubt("3", 0.8), doubt("4", 0.6)], NOW)
    assert waiting(queue) == ["2", "3"]


def test_a_labelled_post_goes_and_neither_it_nor_its_like_comes_again(new_queue: MakeQueue) -> None:
    queue = new_queue()
    mine, like, other = doubt("1"), doubt("2", text=doubt("1").text + "!"), doubt("3")
    queue.offer([mine, other], NOW)
    queue.settle([("x", "1"), ("x", "8")], NOW)
    queue.settle([], NOW)
    queue.offer([mine, like, doubt("8")], NOW)
    assert waiting(queue) == ["3"]
    queue.offer([doubt("8", minutes=-24 * 60)], NOW + DAY + MINUTE)  # it was long ago
    assert waiting(queue, NOW + DAY + MINUTE) == ["8"]


def test_words_are_kept_for_a_day(new_queue: MakeQueue) -> None:
    queue = new_queue()
    queue.offer([doubt("1", minutes=60), doubt("2", minutes=24 * 60), doubt("3", minutes=24 * 60 + 1)], NOW)
    assert waiting(queue) == ["1", "2"]
    later = NOW + MINUTE
    assert waiting(queue, later) == ["1"]
    queue.sweep(later)
    assert queue.known_posts([("x", "1"), ("x", "2")]).keys() == {("x", "1")}


def test_a_deleted_post_goes_at_once_and_does_not_come_from_those_in_flight(posts: Posts) -> None:
    text = "siri is stuck"
    written = Post(source="x", id="1", text=text, written_at=NOW, author="00" * 8)
    mention = Mention(post=written, namings=(Naming("siri", Via.NAME),))
    threads = {("x", "1"): (milliseconds(NOW), ("siri",))}
    posts.hand_over(HandOver("x", None, (mention,), volume={}, threads=threads))
    posts.label_queue.offer([doubt("1"), doubt("2")], NOW)
    posts.withdraw([("x", "1")], NOW)
    posts.label_queue.withdraw([("x", "1"), ("x", "9")])
    posts.label_queue.withdraw([])
    posts.label_queue.offer([doubt("1")], NOW)
    assert waiting(posts.label_queue) == ["2"]
    posts.forget()
    assert waiting(posts.label_queue) == []


def test_the_server_itself_forgets_a_queue_that_nobody_feeds(redis: Redis) -> None:
    redis.flushall()
    queue = RedisLabelQueue(redis, "{groundswell:live}:")
    queue.offer([doubt("1")], NOW)
    queue.settle([("x", "9")], NOW)
    assert all(0 < int(redis.ttl(key)) <= DAY.total_seconds() for key in redis.scan_iter())


def test_a_queue_that_was_emptied_leaves_no_key(redis: Redis) -> None:
    redis.flushall()
    queue = RedisLabelQueue(redis, "{groundswell:live}:")
    queue.offer([doubt(str(number), service=f"s{number % 3}") for number in range(9)], NOW)
    queue.withdraw([("x", str(number)) for number in range(9)])
    assert redis.dbsize() == 0


OFFERS = st.builds(
    doubt,
    st.sampled_from([str(number) for number in range(8)]),
    st.sampled_from([0.5, 0.625, 0.75]),
    st.sampled_from(["maps", "music", "siri"]),
    text=st.sampled_from(["alder falls", "birch falls", "cedar falls", "elder falls", "hazel falls"]),
    minutes=st.integers(0, 3),
)
STEPS = st.lists(st.lists(OFFERS, max_size=5) | st.sampled_from(["settle", "withdraw", "sweep"]), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, most=st.integers(1, 4), about=st.sampled_from("01234"))
def test_both_queues_hold_the_same_and_never_too_much(
    redis: Redis, steps: list[list[Doubt] | str], most: int, about: str
) -> None:
    redis.flushall()
    twin = MemoryLabelQueue(most=most)
    true = RedisLabelQueue(redis, "{groundswell:live}:", most=most)
    now = NOW + DAY - 2 * MINUTE  # so that some are just too old
    for step in steps:
        for queue in (twin, true):
            match step:
                case "settle":
                    queue.settle([("x", about)], now)
                case "withdraw":
                    queue.withdraw([("x", about)])
                case "sweep":
                    queue.sweep(now)
                case _:
                    queue.offer(step, now)  # type: ignore[arg-type]  # a list of doubts
        held = twin.find(now, most=99)
        assert held == true.find(now, most=99)
        assert len(held) <= most
        assert len({one.text for one in held}) == len(held)
