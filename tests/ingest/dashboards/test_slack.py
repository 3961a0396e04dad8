"""Slack's status: what is active now, and what was."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain.notice import OfficialState
from ingest.dashboard import Claim, Unreadable
from ingest.dashboards.slack import Slack
from tests.ingest.dashboards.payloads import NOON, at, body_of, slack_current, slack_incident

PAGE = "https://slack-status.com/"
CURRENT, HISTORY = PAGE + "api/v2.0.0/current", PAGE + "api/v2.0.0/history"
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


def claims_of(*incidents, address=HISTORY):
    payload = list(incidents) if address == HISTORY else slack_current(*incidents)
    reading = Slack().read(address, body_of(payload))
    assert not reading.left_out
    return list(reading.claims)


def test_what_is_active_and_the_history_are_read():
    assert Slack().addresses(PAGE) == [CURRENT, HISTORY]


def test_all_is_well_when_nothing_is_active():
    assert claims_of(address=CURRENT) == []


@pytest.mark.parametrize("address", [CURRENT, HISTORY])
def test_an_incident_is_a_claim_of_each_service_with_its_latest_note(address):
    assert claims_of(slack_incident(), address=address) == [
        Claim(
            name,
            TROUBLE,
            "546",
            NOON,
            None,
            "Some messages do not arrive: We've found the cause.",
            "https://slack-status.com/2025-06/7dea1cd14cd0f657",
        )
        for name in ("Messaging", "Notifications")
    ]


def test_ids_may_be_texts_or_numbers():
    assert claims_of(slack_incident(id="546")) == claims_of(slack_incident(id=546))


@dataclass(frozen=True)
class Case:
    type: str
    status: str
    state: OfficialState
    planned: bool = False


@pytest.mark.parametrize(
    "case",
    [
        Case("incident", "active", TROUBLE),
        Case("notice", "active", TROUBLE),
        Case("outage", "active", TROUBLE),
        Case("maintenance", "active", MAINTENANCE, planned=True),
        Case("outage", "resolved", WELL),
        Case("notice", "completed", WELL, planned=True),
        Case("maintenance", "resolved", WELL, planned=True),
    ],
)
def test_each_type_and_status(case):
    claim = claims_of(slack_incident(case.status, type=case.type))[0]
    assert (claim.state, claim.planned) == (case.state, case.planned)
    assert claim.ended_at == (at(30) if case.state is WELL else None)


@pytest.mark.parametrize("status", ["scheduled", "cancelled"])
def test_what_has_not_begun_is_no_claim(status):
    assert claims_of(slack_incident(status, type="maintenance")) == []


def test_an_incident_of_no_service_speaks_of_all_of_slack():
    for none in ([], None):
        [claim] = claims_of(slack_incident(services=none, notes=none))
        assert (claim.component, claim.text) == (None, "Some messages do not arrive")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "ok"}, 'status: "ok" is not known'),
        ({"type": "party"}, 'type: "party" is not known'),
        ({"date_created": "yesterday"}, 'date_created: "yesterday" is no time'),
        ({"services": [7]}, "$.services"),
        ({"title": None}, "$.title"),
    ],
)
def test_a_strange_incident_is_left_out_and_named(fields, why):
    reading = Slack().read(HISTORY, body_of([slack_incident(**fields), slack_incident(id=547)]))
    assert {claim.id for claim in reading.claims} == {"547"}
    [out] = reading.left_out
    assert out.why.startswith('incident "546" is left out: ')
    assert why in out.why


def test_the_older_form_of_the_answer_is_refused():
    with pytest.raises(Unreadable, match="active_incidents"):
        Slack().read(CURRENT, body_of({"status": "ok", "date_created": "2025-06-20T05:00:00-07:00"}))
