"""The record of the lead: every incident stands in one place, and what nobody heard is a miss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident import Incident, State
from domain.lead_record import EDGES, Figures, First, LeadRecord, Listening, heard_by, is_missed, lead_record
from domain.notice import OfficialNotice
from domain.official import events_of
from tests.domain.records import MAINTENANCE, WELL, any_notices, at, incident, notice, spoken

DAY = 24 * 60
LATER = Listening(since=at(-30 * DAY), until=at(30 * DAY))
VENDORS = {"github": "microsoft", "slack": "salesforce"}


def record(
    incidents: list[Incident],
    notices: list[OfficialNotice],
    listening: Listening = LATER,
    watched: tuple[str, ...] = ("github",),
    called_none: tuple[str, ...] = (),
) -> LeadRecord:
    return lead_record(
        incidents, notices, listening, watched=watched, vendors=VENDORS, called_none=called_none
    )


@pytest.mark.parametrize(
    ("said", "watched", "until", "first"),
    [
        ([notice(30)], True, DAY, First.US),
        ([notice(10)], True, DAY, First.THEM),  # the very moment in which we raised it
        ([notice(0)], True, DAY, First.THEM),
        ([notice(90, late=True, began=0, over=60)], True, DAY, First.US),
        ([notice(-600)], True, 10 * DAY, First.THEM),  # it was told in the night, and goes on
        ([], True, 120 + DAY - 1, First.PENDING),
        ([], True, 120 + DAY, First.NEVER),
        ([notice(30, MAINTENANCE)], True, 10 * DAY, First.NEVER),
        ([], False, 10 * DAY, First.UNWATCHED),
        ([notice(-5000), notice(-4000, WELL)], False, 10 * DAY, First.NEVER),  # so somebody looks at it
    ],
)
def test_it_says_who_was_first(said: list[OfficialNotice], watched: bool, until: int, first: First) -> None:
    listening = Listening(since=None, until=at(until))
    [held] = record([incident(ended=120)], said, listening, ("github",) if watched else ()).held
    assert held.first is first


def test_an_open_incident_is_pending_for_as_long_as_it_is_open() -> None:
    [held] = record([incident()], []).held
    assert held.first is First.PENDING


def test_what_a_person_called_none_is_left_out_and_yet_was_heard() -> None:
    dismissed, labelled = incident(ended=60, state=State.DISMISSED), incident(raised=500, ended=600)
    told = record([dismissed, labelled], [notice(5), notice(510, event="b")], called_none=(labelled.id,))
    assert (told.held, told.misses) == ((), ())


def test_figures_are_by_service_and_by_vendor_the_most_cases_first() -> None:
    incidents = [incident("slack", ended=60), incident(ended=60), incident(raised=900, ended=960)]
    notices = [notice(34.5), notice(940, event="b"), notice(20, service="slack", event="c")]
    told = record(incidents, notices)
    assert list(told.by_service) == ["github", "slack"]
    assert list(told.by_vendor) == ["microsoft", "salesforce"]
    assert told.by_service["github"] == told.by_vendor["microsoft"] == Figures(us=2, leads=(24.5, 40.0))
    assert (told.total.median, told.total.quantile(0.0), told.total.quantile(1.0)) == (24.5, 10.0, 40.0)
    assert told.total.quantiles == {"p10": 12.9, "p25": 17.2, "p50": 24.5, "p75": 32.2, "p90": 36.9}


def test_without_any_lead_there_is_no_median() -> None:
    assert (Figures().median, Figures().quantiles) == (None, None)
    assert sum(one.count for one in Figures().histogram) == 0


# --- misses ---


def missed(*said: OfficialNotice, incidents: tuple[Incident, ...] = (), listening: Listening = LATER) -> bool:
    [event] = events_of(said)
    return is_missed(event, incidents, listening)


@pytest.mark.parametrize(
    ("ours", "heard"),
    [
        (incident(ended=60), True),
        (incident(raised=200, ended=260), False),
        (incident(raised=69, ended=100), True),  # its onset, at 59, may be an hour late
        (incident(raised=-300, ended=-200), False),
        (incident("slack", ended=60), False),
        (incident(ended=60, state=State.DISMISSED), True),
    ],
)
def test_an_official_trouble_is_heard_by_an_incident_that_meets_it(ours: Incident, heard: bool) -> None:
    event = events_of([notice(5, began=0), notice(65, WELL, began=0, over=60)])[0]
    assert (heard_by(event, [ours], LATER.until) == ours) is heard
    assert is_missed(event, [ours], LATER) is not heard


def test_the_earliest_of_several_incidents_has_heard_it() -> None:
    early, late = incident(ended=40), incident(raised=60, ended=90)
    [event] = events_of([notice(5), notice(80, WELL)])
    assert heard_by(event, [late, early], LATER.until) == early


def test_a_trouble_that_nobody_complains_of_on_its_first_day_was_not_heard() -> None:
    assert missed(notice(0), incidents=(incident(raised=3 * DAY, ended=3 * DAY + 60),))


def test_an_outage_that_is_admitted_when_it_was_over_was_heard() -> None:
    late = (notice(200, late=True, began=0, over=60), notice(200, WELL, began=0, over=60))
    assert not missed(*late, incidents=(incident(ended=70),))
    assert missed(*late)


def test_planned_work_is_no_miss() -> None:
    assert not missed(notice(0, MAINTENANCE), notice(60, WELL))


@pytest.mark.parametrize(("until", "judged"), [(119, False), (120, True)])
def test_what_goes_on_may_yet_be_heard_for_two_hours(until: int, judged: bool) -> None:
    assert missed(notice(0), listening=Listening(None, at(until))) is judged


def test_what_is_over_is_judged_at_once() -> None:
    assert missed(notice(0), notice(30, WELL), listening=Listening(None, at(31)))


@pytest.mark.parametrize(("since", "judged"), [(-10, True), (-9, False)])
def test_what_began_before_we_listened_is_no_miss(since: int, judged: bool) -> None:
    over = (notice(0, began=-10), notice(30, WELL, began=-10, over=25))
    assert missed(*over, listening=Listening(at(since), LATER.until)) is judged


def test_what_an_account_says_can_be_missed_too() -> None:
    assert missed(spoken(0), spoken(30, WELL))


def test_a_miss_that_a_person_excuses_is_shown_and_not_counted() -> None:
    said = [notice(0, event="a"), notice(30, WELL, event="a"), notice(600, event="b")]
    told = record([], said, called_none=("a",))
    assert [(miss.event.name, miss.excused) for miss in told.misses] == [("a", True), ("b", False)]
    assert told.total == Figures(missed=1)
    assert told.by_service == {"github": Figures(missed=1)}


# --- whatever happens ---

INCIDENTS = st.lists(
    st.builds(
        lambda service, raised, lasted: incident(
            service, raised=raised, ended=None if lasted is None else raised + lasted
        ),
        st.sampled_from(["github", "slack"]),
        st.integers(-600, 600),
        st.none() | st.integers(1, 600),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)
LISTENING = st.builds(
    lambda since, until: Listening(None if since is None else at(since), at(until)),
    st.none() | st.integers(-600, 300),
    st.integers(300, 5000),
)
WATCHED = st.sets(st.sampled_from(["github", "slack"]))


@given(INCIDENTS, any_notices(), LISTENING, WATCHED)
def test_every_incident_stands_in_one_place_and_every_lead_has_its_bin(
    incidents, notices, listening, watched
) -> None:
    told = record(incidents, notices, listening, watched)
    assert told.total.incidents == len(told.held) == len(incidents)
    assert told.total.us <= len(told.total.leads) <= told.total.us + told.total.them
    assert sum(1 for lead in told.total.leads if lead > 0) <= told.total.us
    assert sum(one.count for one in told.total.histogram) == len(told.total.leads)
    assert [one.end for one in told.total.histogram] == [*EDGES, None]


@given(INCIDENTS, any_notices(), LISTENING, WATCHED)
def test_services_and_vendors_add_up_to_the_total(incidents, notices, listening, watched) -> None:
    told = record(incidents, notices, listening, watched)
    for groups in (told.by_service, told.by_vendor):
        for field in ("incidents", *map(str, First), "missed"):
            assert sum(getattr(one, field) for one in groups.values()) == getattr(told.total, field)
        assert sorted(lead for one in groups.values() for lead in one.leads) == list(told.total.leads)


@given(INCIDENTS, any_notices(), LISTENING)
def test_no_trouble_is_both_heard_and_missed_and_none_that_admits_an_incident_is_missed(
    incidents, notices, listening
) -> None:
    told = record(incidents, notices, listening)
    admitted = {one.incident.service for one in told.held if one.lead is not None}
    for miss in told.misses:
        assert heard_by(miss.event, incidents, listening.until) is None
        assert miss.event.admissions
    for event in events_of(notices):
        if heard_by(event, incidents, listening.until):
            assert event not in [miss.event for miss in told.misses]
    assert admitted <= {one.service for one in notices}


@given(INCIDENTS, any_notices(), LISTENING, WATCHED, st.randoms())
def test_the_order_of_incidents_and_notices_changes_nothing(
    incidents, notices, listening, watched, chance
) -> None:
    shuffled, said = list(incidents), list(notices)
    chance.shuffle(shuffled)
    chance.shuffle(said)
    assert record(shuffled, said, listening, watched) == record(incidents, notices, listening, watched)


@given(st.lists(st.integers(-10_000, 10_000).map(lambda tenths: tenths / 10), min_size=1).map(sorted))
def test_quantiles_lie_among_the_leads_and_in_order(leads: list[float]) -> None:
    quantiles = list((Figures(leads=tuple(leads)).quantiles or {}).values())
    assert quantiles == sorted(quantiles)
    assert leads[0] <= quantiles[0]
    assert quantiles[-1] <= leads[-1]
