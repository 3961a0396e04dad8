"""A step of detection is saved whole or not at all, on every kind of store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from threading import Barrier
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.incident import Reason, Spillover, State
from domain.run import Run
from storage.interfaces import IncidentFilter
from storage.memory import MemoryStores

ANY = IncidentFilter()
SHARED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def everything(stores, run):
    """All that can be seen of a run."""
    incidents = stores.incidents.find(IncidentFilter(run=run), after=None, most=1000)
    return {
        "detection": stores.incidents.detection(run),
        "incidents": incidents,
        "timelines": [stores.incidents.timeline(one.id) for one in incidents],
        "evidence": [stores.incidents.evidence(one.id) for one in incidents],
        "rates": stores.incidents.rates(run, 0, 10**6),
        "deliveries": stores.deliveries.find(most=1000),
    }


def test_a_saved_step_comes_back_whole(stores, make):
    opened = make.opened()
    confirmed = make.followed(opened.incident)
    shown = (make.evidence("2", "zwölf 💥"), make.evidence("1"))
    rates = (make.rate_hour(), make.rate_hour("whatsapp", 11))
    step = make.step(
        opened, confirmed, evidence={opened.incident.id: shown}, rates=rates, deliveries=(make.delivery(),)
    )

    assert stores.incidents.save(step)

    assert stores.incidents.detection("live") == step.detection
    assert stores.incidents.get(opened.incident.id) == confirmed.incident
    assert stores.incidents.evidence(opened.incident.id) == list(shown)
    assert stores.incidents.rates("live", 10, 11) == list(rates)
    assert stores.deliveries.find() == [make.delivery()]
    story = stores.incidents.timeline(opened.incident.id)
    assert [(line.at, line.state, line.reason) for line in story] == [
        (opened.at, State.SUSPECTED, Reason.SURGE),
        (confirmed.at, State.CONFIRMED, Reason.SUSTAINED),
    ]
    assert story[0].score == opened.incident.score


def test_what_was_never_saved_is_empty(stores):
    assert stores.incidents.detection("live") is None
    assert stores.incidents.get("inc_1") is None
    assert stores.incidents.timeline("inc_1") == []
    assert stores.incidents.evidence("inc_1") == []
    assert stores.incidents.rates("live", 0, 9) == []
    assert stores.incidents.open_in("live") == []


def test_every_field_of_an_incident_is_kept(stores, make):
    times = dict.fromkeys(("confirmed_at", "recovering_at", "resolved_at"), make.noon)
    times |= dict.fromkeys(("onset_earliest_at", "onset_latest_at"), make.noon)
    full = make.incident(
        state=State.RESOLVED,
        model_version="v7",
        growth=2.5,
        relapse_of="inc_before",
        **times,
        spillovers=(Spillover("ee", make.noon, make.noon, 0.25, 9, 5),),
        spillover_of="inc_other",
        is_common_cause=True,
    )
    assert stores.incidents.save(make.step(make.opened(full)))
    assert stores.incidents.get(full.id) == full


def test_what_else_a_post_names_is_kept_with_it(stores, make):
    opened = make.opened()
    told = msgspec.structs.replace(make.evidence(), also_names=("ee", "o2"))
    assert stores.incidents.save(make.step(opened, evidence={opened.incident.id: (told,)}))
    assert stores.incidents.evidence(opened.incident.id) == [told]


STALE_STEPS = {
    "an unexpected minute": lambda make, kept, fresh: make.step(fresh, expected=99, to=101),
    "a minute expected where none was": lambda make, kept, fresh: make.step(fresh, expected=None, to=101),
    "an incident opened twice": lambda make, kept, fresh: make.step(
        fresh, make.opened(kept), expected=100, to=101
    ),
    "a revision too early": lambda make, kept, fresh: make.step(
        fresh, make.followed(kept, skip=1), expected=100, to=101
    ),
    "a change that another has made": lambda make, kept, fresh: make.step(
        fresh, make.followed(kept), make.followed(kept), expected=100, to=101
    ),
    "a change of an unknown incident": lambda make, kept, fresh: make.step(
        fresh, make.followed(make.incident("signal")), expected=100, to=101
    ),
    "evidence for an unknown incident": lambda make, kept, fresh: make.step(
        fresh, expected=100, to=101, evidence={"inc_none": (make.evidence(),)}
    ),
}


@pytest.mark.parametrize("why", STALE_STEPS)
def test_a_stale_step_leaves_no_trace(stores, make, why):
    kept = make.incident()
    assert stores.incidents.save(make.step(make.opened(kept), rates=(make.rate_hour(),)))
    before = everything(stores, "live")

    stale = STALE_STEPS[why](make, kept, make.opened(service="whatsapp"))
    stale = msgspec.structs.replace(
        stale,
        evidence={kept.id: (make.evidence("9"),), **stale.evidence},
        rates=(make.rate_hour(complaints=(9, 9, 9)),),
        deliveries=(make.delivery(),),
    )

    assert not stores.incidents.save(stale)
    assert everything(stores, "live") == before


def test_a_step_saved_twice_counts_once(stores, make):
    step = make.step(make.opened(), deliveries=(make.delivery(),))
    assert [stores.incidents.save(step), stores.incidents.save(step)] == [True, False]
    assert len(stores.deliveries.find()) == 1


def test_of_workers_that_race_for_a_minute_exactly_one_wins(stores, make):
    racers, rounds = 4, 10
    start = Barrier(racers)

    def race(number):
        won = []
        for minute in range(rounds):
            opened = make.opened(make.incident(f"service-{number}", minutes=minute))
            step = make.step(
                opened,
                expected=minute - 1 if minute else None,
                to=minute,
                evidence={opened.incident.id: (make.evidence(),)},
                rates=(make.rate_hour(f"service-{number}", minute),),
                deliveries=(make.delivery(opened.incident.id, incident=opened.incident.id),),
            )
            start.wait()
            won.append(stores.incidents.save(step))
        return won

    with ThreadPoolExecutor(racers) as pool:
        results = list(pool.map(race, range(racers)))

    assert [sum(minute) for minute in zip(*results, strict=True)] == [1] * rounds
    kept = stores.incidents.find(ANY, after=None, most=1000)
    assert (
        len(kept)
        == len(stores.deliveries.find(most=1000))
        == len(stores.incidents.rates("live", 0, 99))
        == rounds
    )
    assert all(
        len(stores.incidents.timeline(one.id)) == len(stores.incidents.evidence(one.id)) == 1 for one in kept
    )


def test_of_a_verdict_and_a_detection_that_race_exactly_one_wins(stores, make):
    incident = make.incident()
    assert stores.incidents.save(make.step(make.opened(incident), to=0))
    for minute in range(8):
        kept = stores.incidents.get(incident.id)
        verdict = make.followed(kept, State.DISMISSED, reason=Reason.VERDICT)
        step = make.step(make.followed(kept, State.RECOVERING), expected=minute, to=minute + 1)
        with ThreadPoolExecutor(2) as pool:
            said = pool.submit(stores.incidents.change, verdict, [])
            found = pool.submit(stores.incidents.save, step)
            assert said.result() != found.result()
        if said.result():
            assert stores.incidents.save(make.step(expected=minute, to=minute + 1))
    assert len(stores.incidents.timeline(incident.id)) == 9


def test_a_verdict_is_saved_with_its_deliveries_onto_its_revision_only(stores, make):
    incident = make.incident()
    stores.incidents.save(make.step(make.opened(incident)))
    verdict = make.followed(incident, State.DISMISSED, reason=Reason.VERDICT)

    assert not stores.incidents.change(make.followed(incident, skip=1), [make.delivery("never")])
    assert stores.incidents.change(verdict, [make.delivery("once")])
    assert not stores.incidents.change(verdict, [make.delivery("twice")])

    assert [one.id for one in stores.deliveries.find()] == ["once"]
    assert stores.incidents.get(incident.id).state is State.DISMISSED
    assert stores.incidents.detection("live").next_minute == 100


def test_evidence_and_rates_replace_those_they_name(stores, make):
    incident, other = make.incident(), make.incident("whatsapp")
    stores.incidents.save(
        make.step(
            make.opened(incident),
            make.opened(other),
            evidence={incident.id: (make.evidence("1"), make.evidence("2")), other.id: (make.evidence("3"),)},
            rates=(make.rate_hour("a", 1), make.rate_hour("b", 1)),
        )
    )
    newer = make.rate_hour("a", 1, complaints=(1, 2, 3))
    assert stores.incidents.save(
        make.step(expected=100, to=101, evidence={incident.id: (make.evidence("4"),)}, rates=(newer,))
    )
    assert [one.post_id for one in stores.incidents.evidence(incident.id)] == ["4"]
    assert [one.post_id for one in stores.incidents.evidence(other.id)] == ["3"]
    assert stores.incidents.rates("live", 1, 1) == [newer, make.rate_hour("b", 1)]


def test_rates_come_by_service_then_hour_and_only_those_asked_for(stores, make):
    # An order by language would put these the other way round.
    names = ("Zoom", "app-le", "apple", "zoom")
    rates = [make.rate_hour(name, hour) for hour in (9, 10, 11, 12) for name in reversed(names)]
    stores.incidents.save(make.step(rates=tuple(rates)))
    found = stores.incidents.rates("live", 10, 11)
    assert [(one.service, one.hour) for one in found] == [(name, hour) for name in names for hour in (10, 11)]
    assert [one.hour for one in stores.incidents.rates("live", 0, 99, "apple")] == [9, 10, 11, 12]
    assert stores.incidents.rates("other", 0, 99) == []


def test_pages_of_incidents_meet_without_gap_or_overlap(stores, make):
    # Three of each moment, so that pages end within one.
    opened = [
        make.opened(make.incident(service, minutes=minutes))
        for minutes in range(4)
        for service in ("c", "a", "b")
    ]
    stores.incidents.save(make.step(*opened))
    whole = stores.incidents.find(ANY, after=None, most=100)
    assert whole == sorted(whole, key=lambda one: (make.noon - one.raised_at, one.id))

    pages, after = [], None
    while page := stores.incidents.find(ANY, after=after, most=5):
        pages += page
        after = page[-1].id
    assert pages == whole


def test_a_page_after_an_unknown_incident_is_refused(stores):
    with pytest.raises(KeyError, match="inc_none"):
        stores.incidents.find(ANY, after="inc_none", most=5)


def test_a_page_may_follow_an_incident_that_no_longer_matches(stores, make):
    first, second = make.incident("a"), make.incident("b", minutes=-1)
    stores.incidents.save(make.step(make.opened(first), make.opened(second)))
    stores.incidents.change(make.followed(first, State.RESOLVED), [])
    suspected = IncidentFilter(states=(State.SUSPECTED,))
    assert stores.incidents.find(suspected, after=first.id, most=5) == [second]


FILTERS = [
    (IncidentFilter(), "dcba"),
    (IncidentFilter(run="live"), "cba"),
    (IncidentFilter(service="b"), "b"),
    (IncidentFilter(states=(State.SUSPECTED, State.RESOLVED)), "dba"),
    (IncidentFilter(run="live", service="d"), ""),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
def test_incidents_are_found_by_what_is_asked(stores, make, wanted, expected):
    a, b, c = (make.incident(name, minutes=place) for place, name in enumerate("abc"))
    stores.incidents.save(make.step(*map(make.opened, (a, b, c))))
    stores.incidents.change(make.followed(b, State.RESOLVED), [])
    stores.incidents.change(make.followed(c, State.CONFIRMED), [])
    stores.incidents.save(make.step(make.opened(make.incident("d", run="replay", minutes=3)), run="replay"))

    found = stores.incidents.find(wanted, after=None, most=10)
    assert "".join(one.service for one in found) == expected


def test_raised_from_belongs_to_it_and_raised_until_does_not(stores, make):
    stores.incidents.save(make.step(*(make.opened(make.incident(minutes=minutes)) for minutes in range(4))))
    tokyo = timezone(timedelta(hours=9))
    wanted = IncidentFilter(
        raised_from=(make.noon + timedelta(minutes=1)).astimezone(tokyo),
        raised_until=make.noon + timedelta(minutes=3),
    )
    found = stores.incidents.find(wanted, after=None, most=10)
    assert [one.raised_at - make.noon for one in found] == [timedelta(minutes=2), timedelta(minutes=1)]


def test_open_incidents_are_those_neither_resolved_nor_dismissed(stores, make):
    incidents = [make.incident(state.value, state=state) for state in State]
    elsewhere = make.opened(make.incident(run="replay"))
    stores.incidents.save(make.step(*map(make.opened, incidents)))
    stores.incidents.save(make.step(elsewhere, run="replay"))
    found = {one.state for one in stores.incidents.open_in("live")}
    assert found == {State.SUSPECTED, State.CONFIRMED, State.RECOVERING}


def test_times_come_back_in_utc_to_the_microsecond_and_in_order(stores, make):
    moments = [make.noon + timedelta(microseconds=shift) for shift in (-123456, -1, 0, 1, 876544)]
    for place, raised_at in enumerate(moments):
        incident = make.incident(f"s{place}", raised_at=raised_at.astimezone(timezone(timedelta(hours=-7))))
        run = f"run-{place}"
        assert stores.incidents.save(make.step(make.opened(incident), run=run))
    found = [one.raised_at for one in stores.incidents.find(ANY, after=None, most=10)]
    assert found == moments[::-1]


def test_a_run_that_starts_again_forgets_what_it_left_save_its_deliveries(stores, make):
    run = Run(name="replay", started_at=make.noon)
    incident = make.incident(run="replay")
    step = make.step(
        make.opened(incident),
        run="replay",
        evidence={incident.id: (make.evidence(),)},
        rates=(make.rate_hour(),),
        deliveries=(make.delivery(),),
    )
    stores.runs.start(run)
    assert stores.incidents.save(step)
    stores.incidents.save(make.step(make.opened()))
    live = everything(stores, "live")

    stores.runs.start(run)

    forgotten = everything(stores, "replay")
    assert forgotten.pop("deliveries") == [make.delivery()]
    assert not any(forgotten.values())
    assert stores.incidents.timeline(incident.id) == stores.incidents.evidence(incident.id) == []
    assert everything(stores, "live") == live
    assert stores.incidents.save(step)


change_of = st.tuples(st.sampled_from("abc"), st.integers(-1, 1), st.sampled_from(list(State)))
a_step = st.tuples(st.sampled_from([0, 0, 0, 1, -1]), st.lists(change_of, max_size=4), st.booleans())


@SHARED
@given(steps=st.lists(a_step, min_size=1, max_size=8))
def test_any_steps_leave_what_they_leave_in_memory(stores, make, steps):
    run, twin = uuid4().hex, MemoryStores()
    for place, (off, changes, with_evidence) in enumerate(steps):
        kept = twin.incidents.detection(run)
        expected = None if kept is None and off == 0 else (kept.next_minute if kept else 0) + off
        made, seen = [], {}
        for service, shift, state in changes:
            incident = make.incident(service, run=run)
            last = seen.get(service) or twin.incidents.get(incident.id)
            revision = max(0, (last.revision + 1 if last else 0) + (shift if off == 1 else 0))
            seen[service] = msgspec.structs.replace(incident, state=state, revision=revision)
            made.append(make.followed(msgspec.structs.replace(seen[service], revision=revision - 1), state))
        evidence = {one.id: (make.evidence(str(place)),) for one in seen.values()} if with_evidence else {}
        step = make.step(
            *made,
            run=run,
            expected=expected,
            to=place,
            evidence=evidence,
            rates=(make.rate_hour("a", place),),
        )
        assert stores.incidents.save(step) == twin.incidents.save(step)
    theirs, ours = everything(twin, run), everything(stores, run)
    assert ours == theirs


def test_a_withdrawn_post_leaves_no_words_in_any_evidence(stores, make):
    incident, other = make.incident(), make.incident("siri")
    stores.incidents.save(
        make.step(
            make.opened(incident),
            make.opened(other),
            evidence={
                incident.id: (make.evidence("1"), make.evidence("2")),
                other.id: (make.evidence("1"),),
            },
        )
    )
    assert stores.incidents.withdraw([("mastodon", "1")]) == sorted([incident.id, other.id])
    assert stores.incidents.withdraw([("mastodon", "9"), ("x", "2")]) == []
    assert stores.incidents.withdraw([]) == []
    assert [one.text for one in stores.incidents.evidence(incident.id)] == ["", "it fails for me"]
    assert [one.text for one in stores.incidents.evidence(other.id)] == [""]


def test_old_words_are_dropped_and_the_post_stays(stores, make):
    incident = make.incident()
    stores.incidents.save(
        make.step(make.opened(incident), evidence={incident.id: (make.evidence("1"), make.evidence("2"))})
    )
    assert stores.incidents.blank_texts(make.noon - timedelta(days=1)) == 0
    assert stores.incidents.blank_texts(make.noon) == 2
    assert stores.incidents.blank_texts(make.noon) == 0
    assert [(one.post_id, one.text) for one in stores.incidents.evidence(incident.id)] == [
        ("1", ""),
        ("2", ""),
    ]
