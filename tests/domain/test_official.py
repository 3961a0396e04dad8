"""Official statements are put together to events, in whatever order they come."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from domain.notice import OfficialNotice
from domain.official import events_of
from tests.domain.records import MAINTENANCE, TROUBLE, WELL, any_notices, at, notice, spoken


def names(notices: list[OfficialNotice]) -> list[tuple[str, int]]:
    return [(event.name, len(event.statements)) for event in events_of(notices)]


def test_all_that_a_dashboard_says_of_one_trouble_is_one_event() -> None:
    told = [
        notice(0, event="a"),
        notice(5, event="b"),
        notice(30, event="a", began=-10),
        notice(60, WELL, event="a", began=-20, over=55),
    ]
    first, second = events_of(told)
    assert (first.name, second.name) == ("a", "b")
    assert (first.state, second.state) == (WELL, TROUBLE)
    assert (first.first_seen_at, first.claimed_at, first.claimed_end_at) == (at(0), at(-20), at(55))
    assert (first.began_at, first.ended_at, second.ended_at) == (at(-20), at(55), None)


def test_what_an_account_says_is_one_event_until_it_says_that_all_is_well() -> None:
    told = [spoken(0), spoken(30), spoken(60, WELL), spoken(65, WELL), spoken(200), spoken(220, WELL)]
    assert names(told) == [("account:github:x:0", 3), ("account:github:x:200", 2)]


def test_what_an_account_said_long_ago_is_another_event() -> None:
    assert names([spoken(0), spoken(359), spoken(800)]) == [
        ("account:github:x:0", 2),
        ("account:github:x:800", 1),
    ]


def test_statements_without_any_name_get_one() -> None:
    assert names([notice(0, event=""), notice(9, WELL, event="")]) == [("notice:github:20260301T120000", 2)]


def test_two_nameless_troubles_that_were_seen_at_once_get_two_names() -> None:
    told = [notice(0, event="", late=True), notice(0, MAINTENANCE, event="", late=True)]
    assert names(told) == [("notice:github:20260301T120000", 1), ("notice:github:20260301T120000:2", 1)]


def test_nothing_but_all_is_well_is_no_event_and_planned_work_is() -> None:
    assert events_of([notice(0, WELL), spoken(0, WELL)]) == []
    [planned] = events_of([notice(0, MAINTENANCE), notice(60, WELL)])
    assert planned.admissions == []


def test_a_trouble_is_admitted_once_and_again_after_it_was_called_over() -> None:
    told = [notice(0, MAINTENANCE), notice(5), notice(9), notice(20, WELL), notice(30), notice(40)]
    [event] = events_of(told)
    assert [one.seen_at for one in event.admissions] == [at(5), at(30)]


def test_what_was_told_when_it_was_over_is_admitted_and_over() -> None:
    [event] = events_of([notice(90, late=True, began=0, over=60), notice(90, WELL, began=0, over=60)])
    assert (event.after_the_fact, event.state, event.ended_at) == (True, WELL, at(60))
    assert [one.state for one in event.admissions] == [TROUBLE]
    [planned] = events_of([notice(90, MAINTENANCE, late=True, began=0, over=60)])
    assert planned.admissions == []


def test_a_trouble_goes_on_until_it_is_called_over_and_an_accounts_word_fades() -> None:
    [listed] = events_of([notice(0), notice(600, WELL)])
    [said] = events_of([spoken(0)])
    assert [listed.goes_on(at(minute)) for minute in (0, 1, 600, 601)] == [False, True, True, False]
    assert [said.goes_on(at(minute)) for minute in (1, 360, 361)] == [True, True, False]


@given(any_notices(), st.randoms())
def test_the_order_in_which_notices_come_changes_nothing(
    notices: list[OfficialNotice], chance: random.Random
) -> None:
    shuffled = list(notices)
    chance.shuffle(shuffled)
    assert events_of(shuffled) == events_of(notices)


@given(any_notices())
def test_every_word_of_trouble_belongs_to_one_event_of_its_service(notices: list[OfficialNotice]) -> None:
    events = events_of(notices)
    told = [statement for event in events for statement in event.statements]
    assert all(told.count(one) == 1 for one in notices if one.state is not WELL or one.after_the_fact)
    assert len(told) == len(set(map(id, told)))
    assert len({(event.service, event.name) for event in events}) == len(events)
    for event in events:
        assert {one.service for one in event.statements} == {event.service}
        assert event.began_at <= event.first_seen_at
        assert event.ended_at is None or event.began_at <= event.ended_at
