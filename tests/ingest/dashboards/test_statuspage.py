"""Statuspage: incidents, work under way, and the marks beside the components."""

from __future__ import annotations

import pytest

from domain.notice import OfficialState
from ingest.dashboard import Claim, Unreadable
from ingest.dashboards.statuspage import Statuspage
from tests.ingest.dashboards.payloads import (
    NOON,
    at,
    body_of,
    component,
    incident,
    statuspage_incidents,
    statuspage_summary,
    work,
)

PAGE = "https://status.acme.example/"
SUMMARY, INCIDENTS = PAGE + "api/v2/summary.json", PAGE + "api/v2/incidents.json"
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


def read(payload, address=SUMMARY):
    return Statuspage().read(address, body_of(payload))


def claims_of(payload, address=SUMMARY):
    reading = read(payload, address)
    assert not reading.left_out
    return list(reading.claims)


def test_the_summary_and_the_latest_incidents_are_read():
    assert Statuspage().addresses(PAGE) == [SUMMARY, INCIDENTS]


@pytest.mark.parametrize("address", [SUMMARY, INCIDENTS])
def test_an_incident_is_a_claim_of_each_component(address):
    one = incident(components=["Builds", "Pages"], updates=["A <b>fix</b> is under way.", "We are looking."])
    payload = statuspage_summary([one]) if address == SUMMARY else statuspage_incidents(one)
    assert claims_of(payload, address) == [
        Claim(
            name,
            TROUBLE,
            "inc1",
            NOON,
            None,
            "Builds are slow: A fix is under way.",
            "https://stspg.io/abc",
        )
        for name in ("Builds", "Pages")
    ]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("investigating", TROUBLE),
        ("identified", TROUBLE),
        ("monitoring", TROUBLE),
        ("resolved", WELL),
        ("postmortem", WELL),
    ],
)
def test_an_incident_is_over_when_it_is_resolved_and_not_while_it_is_monitored(status, state):
    [claim] = claims_of(statuspage_incidents(incident(status=status, end=at(30))), INCIDENTS)
    assert claim.state is state
    assert claim.ended_at == (at(30) if state is WELL else None)


def test_an_incident_of_no_component_speaks_of_the_whole_page():
    """So do all incidents of pages that imitate the API and give no components, nor a link."""
    bare = incident(shortlink=None)
    del bare["components"]
    for one in (incident(components=[]), bare):
        [claim] = claims_of(statuspage_incidents(one), INCIDENTS)
        assert claim.component is None


def test_an_incident_hits_the_group_of_its_component_too():
    one = incident(components=["Login", "Voice"], group="Fortnite")
    assert [claim.component for claim in claims_of(statuspage_incidents(one), INCIDENTS)] == [
        "Login",
        "Voice",
        "Fortnite",
    ]


def test_the_latest_update_is_told_whatever_the_order():
    one = incident(updates=["newest", "older"])
    one["incident_updates"].reverse()
    [claim] = claims_of(statuspage_incidents(one), INCIDENTS)
    assert claim.text == "Builds are slow: newest"


def test_work_is_planned_and_no_claim_before_it_begins():
    assert claims_of(statuspage_summary(works=[work("scheduled")])) == []
    for status in ("in_progress", "verifying"):
        [claim] = claims_of(statuspage_summary(works=[work(status)]))
        assert (claim.state, claim.planned, claim.started_at, claim.ended_at) == (
            MAINTENANCE,
            True,
            NOON,
            None,
        )
    [over] = claims_of(statuspage_summary(works=[work("completed", end=at(30))]))
    assert (over.state, over.planned, over.ended_at) == (WELL, True, at(30))


@pytest.mark.parametrize(
    ("health", "state"),
    [
        ("degraded_performance", TROUBLE),
        ("partial_outage", TROUBLE),
        ("major_outage", TROUBLE),
        ("under_maintenance", MAINTENANCE),
    ],
)
def test_a_mark_that_nothing_explains_is_a_claim_without_an_id(health, state):
    [claim] = claims_of(statuspage_summary(components=[component("Pages", health), component("Builds")]))
    assert claim == Claim(
        "Pages",
        state,
        text=f"Pages: {health.replace('_', ' ')}",
        planned=state is MAINTENANCE,
    )


@pytest.mark.parametrize(
    "told",
    [{"incidents": [incident()]}, {"incidents": [incident(components=[])]}, {"works": [work()]}],
)
def test_a_mark_that_an_incident_or_work_explains_is_none(told):
    claims = claims_of(statuspage_summary(components=[component("Builds", "major_outage")], **told))
    assert {claim.id for claim in claims} <= {"inc1", "work1"}


def test_an_incident_explains_only_the_marks_of_its_own_components():
    marks = [component("Builds", "major_outage"), component("Pages", "partial_outage")]
    claims = claims_of(statuspage_summary([incident()], components=marks))
    assert [(claim.component, claim.id) for claim in claims] == [("Builds", "inc1"), ("Pages", None)]


def test_the_mark_of_a_component_is_one_of_its_group_too_and_groups_have_none_of_their_own():
    marks = [
        component("Fortnite", "partial_outage", group=True, id="g1"),
        component("Login", "partial_outage", group_id="g1"),
    ]
    claims = claims_of(statuspage_summary(components=marks))
    assert [(claim.component, claim.text) for claim in claims] == [
        ("Login", "Login: partial outage"),
        ("Fortnite", "Login: partial outage"),
    ]


def test_null_is_as_good_as_an_empty_list():
    assert claims_of(statuspage_summary(None, None)) == []
    assert claims_of({"incidents": None}, INCIDENTS) == []


@pytest.mark.parametrize("field", ["incidents", "components"])
def test_a_list_that_is_missing_is_no_empty_list(field):
    summary = statuspage_summary()
    del summary[field]
    with pytest.raises(Unreadable, match=field):
        read(summary)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "shrugging"}, 'status: "shrugging" is not known'),
        ({"started_at": "noon"}, 'started_at: "noon" is no time'),
        ({"end": at(-60), "status": "resolved"}, "before it starts"),
        ({"name": 7}, "Expected `str`, got `int` - at `$.name`"),
        ({"incident_updates": [{"body": {}}]}, "$.incident_updates[0].body"),
        ({"id": ""}, "id"),
    ],
)
def test_a_strange_incident_is_left_out_and_named(fields, why):
    reading = read(statuspage_incidents(incident(**fields), incident(id="inc2")), INCIDENTS)
    assert {claim.id for claim in reading.claims} == {"inc2"}
    [out] = reading.left_out
    assert out.why.startswith("incident ")
    assert why in out.why


def test_a_strange_component_is_left_out_and_named():
    reading = read(statuspage_summary(components=[component("Builds", "shrugging"), component("Pages")]))
    assert not reading.claims
    [out] = reading.left_out
    assert out.why == 'component "id-Builds" is left out: status: "shrugging" is not known'
