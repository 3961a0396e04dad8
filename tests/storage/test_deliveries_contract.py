"""Deliveries are claimed by one worker at a time, in order, and never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.delivery import DeliveryState, EventType
from storage.memory import MemoryStores

MINUTE = timedelta(minutes=1)


@pytest.fixture
def deliveries(stores, make):
    stores.deliveries.add_endpoint(make.endpoint())
    return stores.deliveries


@pytest.fixture
def send(stores, make):
    """Send deliveries on their way, as a step of detection does."""

    def save(*fresh):
        kept = stores.incidents.detection("live")
        expected = kept.next_minute if kept else None
        assert stores.incidents.save(make.step(expected=expected, to=(expected or 0) + 1, deliveries=fresh))

    return save


def names(found):
    return [delivery.id for delivery in found]


def test_an_endpoint_is_kept_whole_replaced_and_removed(stores, make):
    full = make.endpoint(
        services=("imessage", "siri"),
        events=(EventType.OPENED,),
        replays=True,
        by_operator=True,
        disabled_at=make.noon,
        disabled_reason="410 Gone",
    )
    older = make.endpoint("chat", created_at=make.noon - MINUTE)
    stores.deliveries.add_endpoint(make.endpoint())
    stores.deliveries.add_endpoint(full)
    stores.deliveries.add_endpoint(older)
    assert stores.deliveries.endpoint("ops") == full
    assert stores.deliveries.endpoints() == [older, full]
    assert [stores.deliveries.remove_endpoint("ops"), stores.deliveries.remove_endpoint("ops")] == [
        True,
        False,
    ]
    assert stores.deliveries.endpoint("ops") is None


def test_an_endpoint_shows_neither_secret_nor_address(make):
    shown = f"{make.endpoint()!r} {make.endpoint()} {[make.endpoint()]}"
    assert "whsec" not in shown
    assert "hook" not in shown


def test_a_delivery_comes_back_whole_and_a_known_one_stays_as_it_is(deliveries, send, make):
    full = make.delivery(tries=3, last_status=503, last_error="busy", delivered_at=make.noon)
    send(full)
    send(make.delivery(sequence=7))
    assert deliveries.find() == [full]


def test_only_the_earliest_waiting_of_an_endpoint_and_incident_is_given(deliveries, send, make):
    deliveries.add_endpoint(make.endpoint("chat"))
    send(
        make.delivery("second", sequence=1),
        make.delivery("first", sequence=0),
        make.delivery("other-incident", incident="inc_2", sequence=1),
        make.delivery("other-endpoint", endpoint="chat", sequence=1),
    )
    given_ = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    assert sorted(names(given_)) == ["first", "other-endpoint", "other-incident"]
    assert deliveries.claim_due(make.noon, make.noon + MINUTE, 10) == []


def test_the_next_is_given_once_the_first_has_arrived(deliveries, send, make):
    send(make.delivery("first", sequence=0), make.delivery("second", sequence=1))
    [first] = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    deliveries.record_success(first, 204, make.noon)
    assert names(deliveries.claim_due(make.noon, make.noon + MINUTE, 10)) == ["second"]

    [kept] = deliveries.find(state=DeliveryState.DELIVERED)
    assert (kept.id, kept.tries, kept.last_status, kept.delivered_at) == ("first", 1, 204, make.noon)


def test_a_failed_one_holds_up_those_behind_it_until_it_is_parked(deliveries, send, make):
    send(make.delivery("first", sequence=0), make.delivery("second", sequence=1))
    [first] = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    later = make.noon + 5 * MINUTE
    deliveries.record_failure(first, status=503, error="busy", again_at=later)
    assert deliveries.claim_due(later - MINUTE, later, 10) == []

    [again] = deliveries.claim_due(later, later + MINUTE, 10)
    assert (again.id, again.tries, again.last_status, again.last_error) == ("first", 1, 503, "busy")
    deliveries.record_failure(again, status=None, error="no route", again_at=None)
    assert names(deliveries.claim_due(later, later + MINUTE, 10)) == ["second"]
    [parked] = deliveries.find(state=DeliveryState.PARKED)
    assert (parked.id, parked.tries, parked.last_status, parked.last_error) == ("first", 2, None, "no route")


def test_a_claim_that_lapsed_is_given_to_another(deliveries, send, make):
    send(make.delivery())
    assert names(deliveries.claim_due(make.noon, make.noon + MINUTE, 10)) == ["d1"]
    assert deliveries.claim_due(make.noon + MINUTE - timedelta(microseconds=1), make.noon + MINUTE, 10) == []
    assert names(deliveries.claim_due(make.noon + MINUTE, make.noon + 2 * MINUTE, 10)) == ["d1"]


def test_a_late_failure_undoes_no_success_and_is_counted_once(deliveries, send, make):
    send(make.delivery())
    [claimed] = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    deliveries.record_failure(claimed, status=500, error="first", again_at=make.noon)
    deliveries.record_failure(claimed, status=500, error="told twice", again_at=None)
    [waiting] = deliveries.find()
    assert (waiting.tries, waiting.last_error, waiting.state) == (1, "first", DeliveryState.WAITING)

    deliveries.record_success(waiting, 200, make.noon)
    deliveries.record_failure(waiting, status=500, error="late", again_at=make.noon)
    deliveries.record_success(waiting, 202, make.noon + MINUTE)
    [delivered] = deliveries.find()
    assert (delivered.state, delivered.last_status, delivered.last_error) == (
        DeliveryState.DELIVERED,
        200,
        None,
    )


def test_the_most_urgent_come_first_and_no_more_than_asked_for(deliveries, send, make):
    due = {"c": 0, "a": -2, "b": -1, "never": 1}
    send(*(make.delivery(name, incident=name, due=make.noon + place * MINUTE) for name, place in due.items()))
    assert names(deliveries.claim_due(make.noon, make.noon + MINUTE, 2)) == ["a", "b"]
    assert names(deliveries.claim_due(make.noon, make.noon + MINUTE, 2)) == ["c"]


def test_a_disabled_endpoint_gets_nothing_until_it_is_given_anew(deliveries, send, make):
    send(make.delivery(), make.delivery("nobody's", endpoint="unknown"))
    deliveries.disable_endpoint("ops", "410 Gone", make.noon)
    disabled = deliveries.endpoint("ops")
    assert (disabled.disabled_at, disabled.disabled_reason) == (make.noon, "410 Gone")
    assert deliveries.claim_due(make.noon, make.noon + MINUTE, 10) == []
    deliveries.add_endpoint(make.endpoint())
    assert names(deliveries.claim_due(make.noon, make.noon + MINUTE, 10)) == ["d1"]


def test_what_waits_for_a_removed_endpoint_is_parked(deliveries, send, make):
    deliveries.add_endpoint(make.endpoint("chat"))
    send(make.delivery("gone"), make.delivery("stays", endpoint="chat"))
    deliveries.remove_endpoint("ops")
    [parked] = deliveries.find(state=DeliveryState.PARKED)
    assert (parked.id, parked.last_error) == ("gone", "the endpoint was removed")
    assert not deliveries.replay("gone", make.noon)
    assert names(deliveries.find(state=DeliveryState.WAITING)) == ["stays"]


def test_a_parked_delivery_can_be_put_back(deliveries, send, make):
    send(make.delivery())
    [claimed] = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    assert not deliveries.replay("d1", make.noon)
    deliveries.record_failure(claimed, status=404, error="no such hook", again_at=None)

    later = make.noon + MINUTE
    assert deliveries.replay("d1", later)
    assert not deliveries.replay("d1", later)
    assert not deliveries.replay("unknown", later)
    [again] = deliveries.claim_due(later, later + MINUTE, 10)
    assert (again.tries, again.next_try_at, again.last_error) == (0, later, "no such hook")


def test_a_delivery_that_was_put_back_waits_for_the_one_under_way(deliveries, send, make):
    send(make.delivery("first", sequence=0), make.delivery("second", sequence=1))
    [first] = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    deliveries.record_failure(first, status=404, error="gone", again_at=None)
    [second] = deliveries.claim_due(make.noon, make.noon + MINUTE, 10)
    deliveries.replay("first", make.noon)
    assert deliveries.claim_due(make.noon, make.noon + MINUTE, 10) == []
    deliveries.record_success(second, 200, make.noon)
    assert names(deliveries.claim_due(make.noon, make.noon + MINUTE, 10)) == ["first"]


def test_deliveries_are_found_the_latest_event_first(deliveries, send, make):
    send(*(make.delivery(f"d{place}", sequence=place, at=make.noon + place * MINUTE) for place in (1, 0, 2)))
    send(make.delivery("chat", endpoint="chat", at=make.noon - MINUTE))
    assert names(deliveries.find()) == ["d2", "d1", "d0", "chat"]
    assert names(deliveries.find(most=2)) == ["d2", "d1"]
    assert names(deliveries.find(endpoint="chat", state=DeliveryState.WAITING)) == ["chat"]


def test_no_delivery_is_given_to_two_workers(deliveries, send, make):
    workers = 4
    send(*(make.delivery(f"d{number}", incident=f"inc_{number}") for number in range(60)))
    start = Barrier(workers)

    def work(_):
        start.wait()
        return [
            one for _ in range(10) for one in names(deliveries.claim_due(make.noon, make.noon + MINUTE, 7))
        ]

    with ThreadPoolExecutor(workers) as pool:
        claimed = [name for worker in pool.map(work, range(workers)) for name in worker]
    assert sorted(claimed) == sorted(f"d{number}" for number in range(60))


an_act = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("claim"), st.integers(1, 3), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("succeed"), st.integers(0, 5), st.just(0), st.just(0)),
    st.tuples(st.just("fail"), st.integers(0, 5), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("replay"), st.integers(0, 2), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("disable"), st.integers(0, 2), st.just(0), st.booleans()),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(an_act, min_size=1, max_size=25))
def test_any_course_of_events_goes_as_it_does_in_memory(stores, make, acts):
    mark, twin = uuid4().hex, MemoryStores()
    both = (twin, stores)
    hosts = [f"{mark}-{number}" for number in range(3)]
    for one in both:
        for old in one.deliveries.endpoints():
            one.deliveries.remove_endpoint(old.id)
        for host in hosts:
            one.deliveries.add_endpoint(make.endpoint(host))
    claimed = []
    for minute, (act, a, b, c) in enumerate(acts):
        now = make.noon + minute * MINUTE
        name = f"{mark}-{a}-{b}"
        for one in both:
            if act == "send":
                fresh = make.delivery(
                    name, endpoint=hosts[a], incident=f"i{c % 2}", sequence=b, due=now + c * MINUTE
                )
                kept = one.incidents.detection(mark)
                expected = kept.next_minute if kept else None
                one.incidents.save(make.step(run=mark, expected=expected, to=minute, deliveries=(fresh,)))
            elif act == "replay":
                one.deliveries.replay(name, now)
            elif act == "disable" and c:
                one.deliveries.disable_endpoint(hosts[a], "410", now)
            elif act == "disable":
                one.deliveries.add_endpoint(make.endpoint(hosts[a]))
            elif act == "succeed" and claimed:
                one.deliveries.record_success(claimed[a % len(claimed)], 200, now)
            elif act == "fail" and claimed:
                again_at = now + b * MINUTE if c else None
                one.deliveries.record_failure(
                    claimed[a % len(claimed)], status=500, error="x", again_at=again_at
                )
        if act == "claim":
            given_ = [one.deliveries.claim_due(now, now + b * MINUTE, a) for one in both]
            assert given_[0] == given_[1]
            claimed += given_[0]
    theirs, ours = ([d for h in hosts for d in one.deliveries.find(endpoint=h)] for one in both)
    assert ours == theirs


def test_deliveries_are_found_by_their_incidents_and_may_get_another_text(stores, make):
    stores.deliveries.add_endpoint(make.endpoint())
    fresh = [
        make.delivery("d1"),
        make.delivery("d2", incident="inc_2"),
        make.delivery("d3", incident="inc_3"),
    ]
    stores.deliveries.send(fresh)
    stores.deliveries.send(fresh)
    assert [one.id for one in stores.deliveries.of_incidents(["inc_1", "inc_3"])] == ["d1", "d3"]
    stores.deliveries.replace_body("d1", "{}")
    stores.deliveries.replace_body("unknown", "{}")
    assert [one.event.body for one in stores.deliveries.of_incidents(["inc_1"])] == ["{}"]


def test_old_deliveries_are_dropped_unless_they_still_wait(stores, make):
    stores.deliveries.add_endpoint(make.endpoint())
    waiting, done, new = (
        make.delivery("d1"),
        make.delivery("d2", incident="inc_2"),
        make.delivery("d3", incident="inc_3", at=make.noon + timedelta(hours=1)),
    )
    stores.deliveries.send([waiting, done, new])
    stores.deliveries.record_success(done, 204, make.noon)
    stores.deliveries.record_success(new, 204, make.noon)
    assert stores.deliveries.prune(make.noon + timedelta(minutes=1)) == 1
    assert {one.id for one in stores.deliveries.find()} == {"d1", "d3"}
