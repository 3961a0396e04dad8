"""What both stores of running posts promise: the one on Redis and its memory twin."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from domain.drift import Verdicts
from domain.incident import Evidence
from domain.mention import Kind, Mention, Naming, Via
from domain.moments import milliseconds, minute_of
from domain.post import Post
from domain.rate import MEASURES, Measure, Sighting
from storage.interfaces import Batch, HandOver, Posts, Step, Witness
from storage.memory_posts import MemoryPosts
from storage.redis_posts import KEPT_EVIDENCE, RedisPosts
from tests.storage.servers import running_valkey

START = datetime(2012, 11, 18, 20, 0, tzinfo=UTC)
FIRST = minute_of(START)

MakePosts = Callable[[], Posts]


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    # A Unix socket's path must be short, and pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture(params=["memory", "redis"])
def new_posts(request: pytest.FixtureRequest) -> MakePosts:
    if request.param == "memory":
        return MemoryPosts
    server: Redis = request.getfixturevalue("redis")

    def empty() -> Posts:
        server.flushall()
        return RedisPosts(server, "live", claim_after=0)

    return empty


def mention(post: str, at: datetime = START) -> Mention:
    written = Post(source="x", id=post, text="imessage is stuck", written_at=at, author="00" * 8)
    return Mention(post=written, namings=(Naming(service="imessage", via=Via.NAME),))


def page(*mentions: Mention, step: Step | None = None, **more: object) -> HandOver:
    fields: dict[str, object] = {"volume": {}, "threads": {}, **more}
    return HandOver(source="x", step=step, mentions=mentions, **fields)  # type: ignore[arg-type]  # as given


def sighting(author: int, at: datetime, service: str = "imessage") -> Sighting:
    return Sighting(
        service=service, measure=Measure.COMPLAINTS, author=author.to_bytes(8), at=milliseconds(at)
    )


def counted(store: Posts, *sightings: Sighting, evidence: tuple[Witness, ...] = ()) -> None:
    store.hand_over(page(mention("one")))
    for batch in store.take("worker", 10):
        store.count(batch, sightings, evidence)


def test_a_page_that_was_handed_over_is_taken_once_and_whole(new_posts: MakePosts) -> None:
    store = new_posts()
    assert store.take("worker", 10) == []
    store.hand_over(page(mention("one"), mention("two")))
    (batch,) = store.take("worker", 10)
    assert [one.post.id for one in batch.mentions] == ["one", "two"]


def test_a_batch_is_in_flight_from_the_hand_over_until_it_is_counted(new_posts: MakePosts) -> None:
    store = new_posts()
    store.hand_over(page(mention("late", START + timedelta(minutes=3)), mention("early", START)))
    assert store.in_flight_since() == milliseconds(START)
    (batch,) = store.take("worker", 10)
    assert (store.backlog(), store.in_flight_since()) == (1, milliseconds(START))
    store.count(batch, [], [])
    assert (store.backlog(), store.in_flight_since()) == (0, None)


def test_a_page_without_mentions_moves_the_cursor_and_leaves_nothing_in_flight(new_posts: MakePosts) -> None:
    store = new_posts()
    assert store.hand_over(page(step=Step(cursor="1", expected=None, progress=milliseconds(START))))
    assert (store.cursor("x"), store.progress(), store.backlog()) == (
        "1",
        {"x": milliseconds(START)},
        0,
    )


def test_a_reader_whose_cursor_was_moved_by_another_changes_nothing(new_posts: MakePosts) -> None:
    store = new_posts()
    first = page(mention("one"), step=Step("1", None, 0), volume={FIRST: 1})
    assert store.hand_over(first)
    assert not store.hand_over(first)
    assert (store.backlog(), store.volume(FIRST, 1)) == (1, [1])


def test_the_end_of_a_run_is_told(new_posts: MakePosts) -> None:
    store = new_posts()
    assert store.ended() is None
    store.end(milliseconds(START))
    assert store.ended() == milliseconds(START)


def test_volume_is_counted_by_the_minute(new_posts: MakePosts) -> None:
    store = new_posts()
    store.hand_over(page(volume={FIRST: 2, FIRST + 61: 5}))
    store.hand_over(page(volume={FIRST: 1}))
    assert store.volume(FIRST - 1, 3) == [0, 3, 0]
    assert store.volume(FIRST + 60, 2) == [0, 5]


def test_a_thread_is_remembered_until_its_time_is_over(new_posts: MakePosts) -> None:
    store = new_posts()
    about = (milliseconds(START), ("imessage", "facetime"))
    store.hand_over(page(threads={("x", "7"): about, ("bluesky", "7"): (milliseconds(START), ("spotify",))}))
    wanted = [("x", "7"), ("x", "8")]
    assert store.threads(wanted, milliseconds(START)) == {("x", "7"): ("imessage", "facetime")}
    assert store.threads(wanted, milliseconds(START) + 1) == {}
    assert store.threads([], 0) == {}


def test_an_author_counts_once_an_hour_at_their_earliest_post(new_posts: MakePosts) -> None:
    store = new_posts()
    counted(
        store,
        sighting(1, START + timedelta(minutes=9)),
        sighting(1, START + timedelta(minutes=2)),
        sighting(1, START + timedelta(minutes=5)),
        sighting(2, START + timedelta(minutes=2)),
        sighting(1, START + timedelta(minutes=61)),
    )
    block = store.rates(FIRST, 62)
    row = block.counts[MEASURES.index(Measure.COMPLAINTS), block.services.index("imessage")]
    assert {minute: int(count) for minute, count in enumerate(row) if count} == {2: 2, 61: 1}


def test_rates_name_only_services_that_have_any(new_posts: MakePosts) -> None:
    store = new_posts()
    counted(store, sighting(1, START), sighting(1, START, "facetime"))
    assert store.rates(FIRST, 1).services == ("facetime", "imessage")
    assert store.rates(FIRST + 1, 1).services == ()


def test_the_surest_posts_of_a_minute_are_kept_as_evidence(new_posts: MakePosts) -> None:
    store = new_posts()
    told = [
        Witness("imessage", Evidence("x", str(number), START, "stuck", Kind.COMPLAINT, number / 100))
        for number in range(KEPT_EVIDENCE + 5)
    ]
    counted(store, evidence=(*told, told[-1]))
    kept = store.evidence("imessage", FIRST, FIRST, 100)
    assert {one.post_id for one in kept} == {one.evidence.post_id for one in told[5:]}
    assert len(store.evidence("imessage", FIRST, FIRST, 3)) == 3
    assert store.evidence("imessage", FIRST + 1, FIRST + 9, 3) == []


def test_a_minute_names_the_version_that_counted_in_it_last(new_posts: MakePosts) -> None:
    store = new_posts()
    for version, minutes in (("v1", (0, 2)), ("v2", (2, 61)), (None, (5,))):
        store.hand_over(page(mention("one")))
        (batch,) = store.take("worker", 10)
        seen = [sighting(sum(map(ord, str(version))), START + timedelta(minutes=at)) for at in minutes]
        store.count(batch, seen, [], version=version)
    named = store.rates(FIRST, 62).versions
    assert (named[0], named[2], named[61]) == ("v1", "v2", "v2")
    assert {minute for minute, version in enumerate(named) if version} == {0, 2, 61}
    assert len(store.rates(FIRST + 1, 7).versions) == 7


def test_verdicts_add_up_by_version_and_hour(new_posts: MakePosts) -> None:
    store = new_posts()
    some, more = Verdicts((1, 0, 0, 0, 2), (2, *[0] * 8, 1)), Verdicts((0, 3, 0, 0, 0), (0, 3, *[0] * 8))
    hour = FIRST // 60
    told = [("v1", {hour: some, hour + 1: more}), ("v1", {hour: more}), ("v2", {hour: some})]
    for version, verdicts in told:
        store.hand_over(page(mention("one")))
        (batch,) = store.take("worker", 10)
        store.count(batch, [], [], version=version, verdicts=verdicts)
    assert store.verdicts(hour, 2) == {"v1": some + more + more, "v2": some}
    assert store.verdicts(hour + 1, 1) == {"v1": more}
    assert store.verdicts(hour + 2, 9) == {}


def test_a_batch_counts_once_even_if_another_version_judges_it_again(new_posts: MakePosts) -> None:
    """The second one comes late: its claim had passed to the first."""
    store = new_posts()
    store.hand_over(page(mention("one")))
    (batch,) = store.take("worker", 10)
    told = Verdicts((1, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
    store.count(batch, [sighting(1, START)], [], version="v1", verdicts={0: told})
    evidence = (Witness("imessage", Evidence("x", "one", START, "stuck", Kind.COMPLAINT, 0.9)),)
    store.count(batch, [sighting(2, START)], evidence, version="v2", verdicts={0: told})
    block = store.rates(FIRST, 1)
    assert (int(block.counts.sum()), block.versions) == (1, ("v1",))
    assert store.verdicts(0, 1) == {"v1": told}
    assert store.evidence("imessage", FIRST, FIRST, 9) == []


def test_forgetting_leaves_nothing(new_posts: MakePosts) -> None:
    store = new_posts()
    store.hand_over(page(mention("one"), step=Step("1", None, 5), volume={FIRST: 2}))
    counted(store, sighting(1, START))
    store.forget()
    assert (store.backlog(), store.cursor("x"), store.progress(), store.volume(FIRST, 1)) == (
        0,
        None,
        {},
        [0],
    )
    assert store.rates(FIRST, 60).services == ()


# A few authors, services and minutes over an hour's edge: enough for every collision that matters.
SIGHTINGS = st.builds(
    Sighting,
    service=st.sampled_from(["imessage", "facetime"]),
    measure=st.sampled_from(list(MEASURES)),
    author=st.sampled_from([b"author-%d" % number for number in range(4)]),
    at=st.integers(milliseconds(START), milliseconds(START) + 3 * 3_600_000),
)


def same_counts(one: Posts, other: Posts) -> bool:
    ours, theirs = one.rates(FIRST, 200), other.rates(FIRST, 200)
    return ours.services == theirs.services and np.array_equal(ours.counts, theirs.counts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), sightings=st.lists(SIGHTINGS, max_size=30))
def test_counts_do_not_depend_on_order_repetition_or_the_split_into_batches(
    new_posts: MakePosts, data: st.DataObject, sightings: list[Sighting]
) -> None:
    once = MemoryPosts()
    counted(once, *sightings)

    repeated = sightings + (data.draw(st.lists(st.sampled_from(sightings))) if sightings else [])
    shuffled = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=5)))
    store = new_posts()
    for start, stop in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
        counted(store, *shuffled[start:stop])
    assert same_counts(once, store)


def test_a_batch_left_behind_goes_to_another_worker(redis: Redis) -> None:
    redis.flushall()
    store = RedisPosts(redis, "live", claim_after=0)
    store.hand_over(page(mention("one")))
    (lost,) = store.take("killed", 10)
    (found,) = store.take("alive", 10)
    assert found == lost


def test_a_batch_that_never_ends_is_put_aside_and_holds_nothing_up(redis: Redis) -> None:
    redis.flushall()
    store = RedisPosts(redis, "live", claim_after=0, tries=3)
    store.hand_over(page(mention("poison")))
    turns = sum(1 for _ in range(10) if store.take("worker", 10))
    assert (turns, store.backlog(), store.in_flight_since()) == (3, 0, None)
    assert redis.llen("{groundswell:live}:dead") == 1


def test_a_batch_of_another_version_is_put_aside(redis: Redis) -> None:
    redis.flushall()
    store = RedisPosts(redis, "live", claim_after=0)
    store.take("worker", 1)
    redis.xadd("{groundswell:live}:posts", {"mentions": b"\xc1 not msgpack"})
    assert store.take("worker", 10) == []
    assert redis.llen("{groundswell:live}:dead") == 1


def test_counting_a_batch_twice_changes_nothing(redis: Redis) -> None:
    redis.flushall()
    store = RedisPosts(redis, "live", claim_after=0)
    store.hand_over(page(mention("one")))
    (batch,) = store.take("slow", 10)
    (again,) = store.take("quick", 10)
    for taken in (again, batch):
        store.count(Batch(id=taken.id, mentions=taken.mentions), [sighting(1, START)], [])
    assert int(store.rates(FIRST, 1).counts.sum()) == 1


def test_a_cursor_before_a_minute_lies_before_all_that_was_handed_over_in_it(new_posts: MakePosts) -> None:
    store = new_posts()
    for before, after, minute in ((None, "1", 5), ("1", "2", 5), ("2", "3", 6), ("3", "4", 8)):
        assert store.hand_over(page(step=Step(after, before, None, handed_at=minute)))
    found = [store.cursors_before(minute).get("x") for minute in (5, 6, 7, 8, 9)]
    assert found == [None, "2", "3", "3", "4"]


def test_a_reader_that_says_nothing_of_the_present_holds_nothing_up(new_posts: MakePosts) -> None:
    store = new_posts()
    store.hand_over(page(step=Step("1", None, None)))
    assert store.progress() == {}


def test_the_text_of_a_withdrawn_post_is_no_evidence_any_more(new_posts: MakePosts) -> None:
    """Whether it was counted by then, or still in flight."""
    store = new_posts()
    told = [
        Witness("imessage", Evidence("x", number, START, "stuck", Kind.COMPLAINT, 0.9)) for number in "abc"
    ]
    threads = {("x", number): (milliseconds(START), ("imessage",)) for number in "abc"}
    store.hand_over(page(mention("a"), threads=threads))
    (batch,) = store.take("worker", 1)
    store.withdraw([("x", "a"), ("x", "never seen")], START)
    store.count(batch, [], told)
    assert [one.post_id for one in store.evidence("imessage", FIRST, FIRST, 9)] == ["b", "c"]
    store.withdraw([("x", "b")], START + timedelta(days=1))
    assert [one.post_id for one in store.evidence("imessage", FIRST, FIRST, 9)] == ["c"]
    store.withdraw([], START)
