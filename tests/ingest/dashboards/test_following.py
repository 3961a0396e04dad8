"""What is new in what a dashboard says: first sights, changes of its story, and what vanishes from it."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.notice import OfficialNotice
from ingest.dashboard import Claim, LeftOut, Reading
from ingest.dashboards.following import GONE, LAPSE, OLD_NEWS
from tests.ingest.dashboards.followed import MAINTENANCE, PAGE, TROUBLE, WELL, Followed, claim
from tests.ingest.dashboards.payloads import HOUR, MINUTE, NOON, at


def states(notices):
    return [notice.state for notice in notices]


# --- first sight ---


def test_what_is_seen_first_is_a_notice_with_our_time_and_the_page_s():
    page = Followed(start=at(20))
    assert page.look([claim(url="https://stspg.io/a")]) == [
        OfficialNotice(
            run="live",
            service="acme",
            state=TROUBLE,
            seen_at=at(20),
            text="Some users are affected.",
            claimed_at=at(0),
            url="https://stspg.io/a",
            event="apple:acme:1",
        )
    ]


def test_a_trouble_without_an_id_is_named_after_its_start_and_without_one_after_our_look():
    [by_start] = Followed(start=at(20)).look([claim(id=None)])
    assert by_start.event == "apple:acme:@2025-06-20T12:00:00Z"
    [by_look] = Followed(start=at(20)).look([claim(id=None, started_at=None)])
    assert by_look.event == "apple:acme:@2025-06-20T12:20:00Z"
    assert by_look.url == PAGE


def test_what_is_already_over_at_first_sight_is_admitted_after_the_fact():
    page = Followed(start=at(45))
    first, second = page.look([claim(WELL, ended_at=at(30))])
    assert (first.state, first.after_the_fact, first.seen_at) == (TROUBLE, True, at(45))
    assert (second.state, second.after_the_fact, second.seen_at) == (WELL, False, at(45))
    assert first.event == second.event
    assert first.claimed_end_at == second.claimed_end_at == at(30)


def test_work_that_is_already_over_at_first_sight_admits_nothing():
    assert states(Followed(start=at(45)).look([claim(WELL, planned=True)])) == [MAINTENANCE, WELL]


def test_at_our_first_look_what_is_over_may_have_been_admitted_long_ago():
    page = Followed(start=at(45), new=True)
    assert states(page.look([claim(WELL, ended_at=at(30)), claim(id="2")])) == [WELL, TROUBLE]
    assert not any(notice.after_the_fact for notice in page.notices)
    assert page.look([claim(WELL, ended_at=at(30)), claim(id="2")]) == []


def test_after_a_lapse_of_ours_what_is_over_may_have_been_admitted_in_time():
    """We looked at noon, and again an hour later: what came and went in between, others may have seen."""
    page = Followed(start=at(0))
    page.look([], after=HOUR)
    assert states(page.look([claim(WELL, started_at=at(10), ended_at=at(30))])) == [WELL]


def test_a_page_that_was_silent_after_the_start_admits_after_the_fact_however_long_we_were_away():
    page = Followed(start=at(10))
    page.look([], after=HOUR)
    assert states(page.look([claim(WELL, ended_at=at(30))])) == [TROUBLE, WELL]


def test_what_comes_and_goes_between_two_usual_looks_is_told_after_the_fact():
    page = Followed(start=at(0))
    page.look([], after=LAPSE)
    assert states(page.look([claim(WELL, started_at=at(1), ended_at=at(2))])) == [TROUBLE, WELL]


def test_what_was_over_for_long_when_it_is_first_seen_is_no_news():
    """A list of the latest fifty shows an older one again when its vendor takes a newer one back."""
    page = Followed(start=NOON + OLD_NEWS + HOUR)
    assert page.look([claim(WELL, ended_at=at(30))]) == []
    assert page.look([claim(WELL, started_at=at(0), ended_at=None)]) == []


# --- a story that changes ---


def test_a_story_that_stays_as_it_is_gives_nothing():
    page = Followed()
    page.look([claim()])
    assert page.look([claim()]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"text": "We found the cause."},
        {"started_at": at(-20)},
        {"started_at": None},
        {"state": WELL},
        {"state": WELL, "ended_at": at(10)},
        {"state": MAINTENANCE},
    ],
)
def test_each_change_is_a_further_notice_of_the_same_event(change):
    page = Followed(start=at(20))
    page.look([claim()])
    told = replace(claim(), **change)
    [notice] = page.look([told])
    assert notice.event == "apple:acme:1"
    assert (notice.state, notice.text) == (told.state, told.text)
    assert (notice.claimed_at, notice.claimed_end_at) == (told.started_at, told.ended_at)
    assert not notice.after_the_fact
    assert page.look([told]) == []


def test_an_end_that_is_added_days_later_is_kept():
    page = Followed()
    page.look([claim()])
    page.look([claim(WELL)], after=timedelta(days=5))
    [late] = page.look([claim(WELL, ended_at=at(50))])
    assert (late.state, late.claimed_end_at) == (WELL, at(50))


def test_a_trouble_that_comes_back_under_its_id_is_the_same_event():
    page = Followed()
    page.look([claim()])
    page.look([claim(WELL, ended_at=at(1))])
    [again] = page.look([claim()])
    assert (again.state, again.event, again.claimed_end_at) == (TROUBLE, "apple:acme:1", None)


def test_another_address_of_the_same_trouble_is_no_change():
    page = Followed()
    page.look([claim(url="https://stspg.io/a")])
    assert page.look([claim(url="https://stspg.io/b")]) == []


# --- one event under several ids and starts ---


def test_an_event_keeps_its_name_when_its_id_changes():
    page = Followed()
    page.look([claim(id="1000000310")])
    [notice] = page.look([claim(WELL, id="2000000560", ended_at=at(1))])
    assert notice.event == "apple:acme:1000000310"
    assert page.look([claim(WELL, id="2000000560", ended_at=at(1))]) == []


def test_an_id_is_surer_than_any_time():
    page = Followed(start=at(60))
    page.look([claim(id="a", started_at=at(0)), claim(id="b", started_at=at(40))])
    new = page.look([claim(id="a", started_at=at(40)), claim(id="b", started_at=at(0))])
    assert {notice.event: notice.claimed_at for notice in new} == {
        "apple:acme:a": at(40),
        "apple:acme:b": at(0),
    }


def test_an_event_keeps_its_name_when_its_id_and_its_start_change_at_once():
    page = Followed(start=at(60))
    page.look([claim(WELL, id="a", started_at=at(39))])
    [notice] = page.look([claim(WELL, id="b", started_at=at(18))])
    assert (notice.event, notice.claimed_at) == ("apple:acme:a", at(18))
    [end] = page.look([claim(WELL, id="c", started_at=at(18), ended_at=at(50))])
    assert (end.event, end.claimed_end_at) == ("apple:acme:a", at(50))


def test_of_two_with_one_start_the_one_that_goes_on_is_meant():
    page = Followed(start=at(60))
    page.look([claim(WELL, id="a", ended_at=at(9)), claim(id="b")])
    [notice] = page.look([claim(id="c", text="We found the cause.")])
    assert notice.event == "apple:acme:b"


def test_what_lies_in_another_time_is_another_event():
    page = Followed(start=at(60))
    page.look([claim(WELL, id="a", ended_at=at(30))])
    assert {notice.event for notice in page.look([claim(id="b", started_at=at(45))])} == {"apple:acme:b"}


def test_an_event_that_is_still_there_under_its_own_id_or_start_is_no_other_s():
    page = Followed(start=at(60))
    page.look([claim(id="a"), claim(id=None, started_at=at(5))])
    new = page.look([claim(id="a"), claim(id=None, started_at=at(5)), claim(id="b", started_at=at(6))])
    assert [notice.event for notice in new] == ["apple:acme:b"]


def test_of_two_that_may_be_meant_the_one_with_the_nearer_start_is():
    page = Followed(start=at(60))
    page.look([claim(id="far", started_at=at(0)), claim(id="near", started_at=at(40))])
    new = page.look([claim(id="x", started_at=at(30))])
    assert [(notice.event, notice.state) for notice in new] == [
        ("apple:acme:near", TROUBLE),
        ("apple:acme:far", WELL),
    ]


def test_where_ids_last_two_ids_are_two_events():
    page = Followed(start=at(5), ids_last=True)
    page.look([claim(id="inc1")])
    new = page.look([claim(id="inc2")])
    assert [(notice.event, notice.state) for notice in new] == [
        ("apple:acme:inc2", TROUBLE),
        ("apple:acme:inc1", WELL),
    ]


@pytest.mark.parametrize("ids_last", [True, False])
def test_a_mark_beside_a_component_and_the_incident_that_comes_to_explain_it_are_one_event(ids_last):
    page = Followed(start=at(5), ids_last=ids_last)
    [mark] = page.look([claim(id=None, started_at=None, text="Acme: partial outage")])
    [incident] = page.look([claim(id="inc1", started_at=at(2))])
    assert incident.event == mark.event
    [over] = page.look([claim(WELL, id="inc1", started_at=at(2), ended_at=at(6))])
    assert over.event == mark.event


def test_a_name_is_not_given_twice():
    page = Followed(start=at(5))
    page.look([claim(id=None, started_at=at(0))])
    page.look([claim(id=None, started_at=at(-9))])
    both = [claim(id=None, started_at=at(-9)), claim(id=None, started_at=at(0))]
    [second] = page.look(both)
    assert second.event == "apple:acme:@2025-06-20T12:00:00Z#2"
    assert page.look(both) == []


# --- several components and addresses ---


def test_claims_of_one_id_are_one_trouble_that_lasts_until_it_is_over_everywhere():
    page = Followed()
    here, there = claim(text="A: down"), Claim("B", TROUBLE, "1", at(-5), text="B: slow")
    [first] = page.look([here, there])
    assert (first.claimed_at, first.text) == (at(-5), "A: down / B: slow")
    assert page.look([replace(here, state=WELL, ended_at=at(1)), there]) == []
    [over] = page.look(
        [replace(here, state=WELL, ended_at=at(1)), replace(there, state=WELL, ended_at=at(3))]
    )
    assert (over.state, over.claimed_end_at) == (WELL, at(3))


def test_an_address_that_lags_behind_does_not_reopen_what_is_over():
    page = Followed(addresses=2)
    page.look([claim()], [claim()])
    [over] = page.look([claim()], [claim(WELL, ended_at=at(1))])
    assert over.state is WELL
    assert page.look([], [claim(WELL, ended_at=at(1))]) == []


def test_of_two_addresses_that_tell_a_trouble_differently_the_first_has_the_word():
    page = Followed(addresses=2)
    page.look([claim(text="new")], [claim(text="old")])
    assert page.look([claim(text="new")], [claim(text="new")]) == []


# --- what vanishes ---


def test_what_vanishes_is_over():
    page = Followed()
    page.look([claim()])
    [gone] = page.look([])
    assert (gone.state, gone.text, gone.claimed_at, gone.seen_at) == (WELL, GONE, at(0), at(1))
    assert (gone.event, gone.claimed_end_at, gone.after_the_fact) == ("apple:acme:1", None, False)
    assert page.look([]) == []


def test_what_was_over_may_vanish_unnoticed():
    page = Followed()
    page.look([claim()])
    page.look([claim(WELL)])
    assert page.look([]) == []


def test_nothing_vanishes_from_a_page_that_was_not_read():
    page = Followed()
    page.look([claim()])
    assert page.look(None) == []
    assert states(page.look([])) == [WELL]


def test_what_one_address_spoke_of_may_not_vanish_from_another():
    page = Followed(addresses=2)
    page.look([], [claim()])
    assert page.look([], None) == []
    assert states(page.look(None, [])) == [WELL]


def test_an_address_that_never_answers_does_not_keep_alive_what_another_has_dropped():
    page = Followed(addresses=2, new=True)
    page.look([claim()], None)
    assert states(page.look([], None)) == [WELL]


def test_without_memory_it_takes_every_address_to_say_that_something_vanished():
    page = Followed(addresses=2)
    page.look([claim()], [])
    page.readings = [None, None]
    assert page.look([], None) == []
    assert states(page.look(None, [])) == [WELL]


@pytest.mark.parametrize(
    ("entry", "keeps"),
    [
        (LeftOut("?"), True),
        (LeftOut("?", id="1"), True),
        (LeftOut("?", id="2"), False),
        (LeftOut("?", id="2", component="Acme"), True),
    ],
)
def test_an_entry_that_is_not_understood_may_be_what_seems_to_vanish(entry, keeps):
    page = Followed()
    page.look([claim()])
    assert states(page.look(Reading((), (entry,)))) == ([] if keeps else [WELL])


def test_an_entry_of_any_id_may_be_what_has_none():
    page = Followed()
    page.look([claim(id=None)])
    assert page.look(Reading((), (LeftOut("?", id="2"),))) == []


def test_notices_of_others_are_left_alone():
    page = Followed()
    page.notices = [
        OfficialNotice("live", "acme", TROUBLE, at(-9), event="apple:acme_pay:1"),
        OfficialNotice("live", "acme", TROUBLE, at(-9), event=""),
        OfficialNotice("demo", "acme", TROUBLE, at(-9), event="apple:acme:1"),
        OfficialNotice("live", "other", TROUBLE, at(-9), event="apple:acme:1"),
    ]
    assert states(page.look([claim()])) == [TROUBLE]


# --- whatever a page says ---

minutes = st.sampled_from([-90, -5, 0, 3])


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    state = draw(st.sampled_from([TROUBLE, MAINTENANCE, WELL]))
    start = draw(st.none() | minutes)
    return Claim(
        component=draw(st.sampled_from([None, "A", "B"])),
        state=state,
        id=draw(st.sampled_from([None, "1", "2", "3"])),
        started_at=None if start is None else at(start),
        ended_at=at((start or 0) + 2) if state is WELL and draw(st.booleans()) else None,
        text=draw(st.sampled_from(["", "x", "y"])),
        planned=draw(st.booleans()) or state is MAINTENANCE,
    )


answers = st.none() | st.lists(claims(), max_size=4)
looks = st.lists(st.tuples(answers, answers, st.sampled_from([1, 30])), max_size=6)


def after_all(story, *, new=False) -> Followed:
    page = Followed(start=at(10), addresses=2, new=new, ids_last=len(story) % 2 == 0)
    for first, second, minutes in story:
        page.look(first, second, after=minutes * MINUTE)
    return page


@given(looks, st.booleans())
def test_a_second_look_at_the_same_finds_nothing_new(story, new):
    page = after_all(story, new=new)
    same = story[-1][:2] if story else (None, None)
    assert page.look(*same) == []


@given(looks, st.data())
def test_the_order_of_claims_and_of_notices_changes_nothing(story, data):
    page, other = after_all(story[:-1]), after_all(story[:-1])
    last = story[-1][:2] if story else (None, None)
    shuffled = [one and data.draw(st.permutations(one)) for one in last]
    other.notices = data.draw(st.permutations(other.notices))
    assert page.look(*last) == other.look(*shuffled)


@given(looks)
def test_every_event_of_a_page_that_is_watched_begins_with_trouble_or_work(story):
    page = after_all([(first, second, 1) for first, second, _ in story])
    for event in {notice.event for notice in page.notices}:
        assert page.history(event)[0].state is not WELL


@given(looks, st.booleans())
def test_a_history_has_no_two_notices_alike_in_a_row_and_no_two_of_one_key(story, new):
    page = after_all(story, new=new)
    keys = [(one.state, one.seen_at, one.event) for one in page.notices]
    assert len(keys) == len(set(keys))
    for event in {notice.event for notice in page.notices}:
        told = [
            (one.state, one.claimed_at, one.claimed_end_at, one.text, one.after_the_fact)
            for one in page.history(event)
        ]
        assert all(one != other for one, other in itertools.pairwise(told))


@given(looks, st.booleans())
def test_what_is_open_for_us_is_what_is_open_on_a_page_that_was_read_whole(story, new):
    page = after_all(story, new=new)
    last = [one or () for one in story[-1][:2]] if story else ((), ())
    page.look(*last)
    is_open = any(one.state is not WELL for one in (*last[0], *last[1]))
    over = {(one.component, one.id) for side in last for one in side if one.state is WELL and one.id}
    for_us = {notice.event: notice.state for notice in page.notices}
    if not over:
        assert is_open == any(state is not WELL for state in for_us.values())


@given(looks)
def test_every_notice_of_trouble_was_on_the_page(story):
    page = after_all(story)
    told = [one for first, second, _ in story for side in (first, second) for one in side or ()]
    for notice in page.notices:
        if notice.text != GONE:
            assert set(filter(None, notice.text.split(" / "))) <= {one.text for one in told}
            assert notice.claimed_at in {one.started_at for one in told}
            assert notice.claimed_end_at in {one.ended_at for one in told} | {None}
        if notice.state is not WELL:
            assert any(one.state is notice.state or one.state is WELL for one in told)
