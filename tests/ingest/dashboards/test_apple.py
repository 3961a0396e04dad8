"""Apple's System Status: real payloads, and what may stand in one."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from domain.notice import OfficialState
from ingest.dashboard import Claim, Unreadable
from ingest.dashboards.apple import Apple
from settings import ROOT
from tests.ingest.dashboards.payloads import NOON, apple_event, apple_feed, at, body_of

REAL = ROOT.parent / "shared" / "data" / "dashboards"
PAGE = "https://www.apple.com/support/systemstatus/"
FEED = PAGE + "data/system_status_en_US.js"
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


def read(feed, address=FEED):
    return Apple().read(address, feed if isinstance(feed, bytes) else body_of(feed))


def claim_of(**fields):
    [claim] = read(apple_feed({"iMessage": [apple_event(NOON, **fields)]})).claims
    return claim


def why_left_out(**fields):
    reading = read(apple_feed({"iMessage": [apple_event(NOON, **fields)], "Siri": [apple_event(NOON)]}))
    assert [claim.component for claim in reading.claims] == ["Siri"]
    [out] = reading.left_out
    assert out.component == "iMessage"
    return out.why


def test_both_feeds_are_read():
    assert Apple().addresses(PAGE) == [FEED, PAGE + "data/developer/system_status_en_US.js"]


def real(name, claims, going_on):
    path = REAL / name
    needed = pytest.mark.skipif(not path.exists(), reason=f"needs ../shared/data/dashboards/{name}")
    return pytest.param(path, claims, going_on, marks=needed, id=name)


@pytest.mark.parametrize("call", [b"%s", b"jsonCallback(%s);", b"\n jsonCallback( %s )\n"])
@pytest.mark.parametrize(
    ("path", "claims", "going_on"),
    [
        real("apple-customer-one-ongoing-issue.json", 2, {"iCloud Mail"}),
        real("apple-developer-no-issues.json", 0, set()),
        real("apple-developer-one-ongoing-issue.json", 16, {"Videos"}),
    ],
)
def test_real_payloads_are_read_whole_plain_or_in_a_call(path, claims, going_on, call):
    reading = read(call % path.read_bytes())
    assert not reading.left_out
    assert len(reading.claims) == claims
    assert {claim.component for claim in reading.claims if claim.state is not WELL} == going_on


@pytest.mark.skipif(not REAL.exists(), reason="needs ../shared/data/dashboards")
def test_a_real_event_is_read_field_by_field():
    ongoing = read((REAL / "apple-customer-one-ongoing-issue.json").read_bytes()).claims[1]
    assert (ongoing.component, ongoing.state, ongoing.id) == ("iCloud Mail", TROUBLE, "1000000310")
    assert ongoing.started_at == datetime(2021, 4, 26, 11, 13, tzinfo=UTC)
    assert ongoing.ended_at is None
    assert ongoing.text.startswith("iCloud Mail: Users may be experiencing")


def test_an_event_that_goes_on():
    assert claim_of() == Claim(
        "iMessage",
        TROUBLE,
        "1000000001",
        NOON,
        None,
        "iMessage: Messages may be delayed.",
        None,
        planned=False,
    )


@pytest.mark.parametrize("kind", ["Outage", "Issue", "Performance"])
@pytest.mark.parametrize("over", [True, False])
def test_outages_issues_and_performance_are_trouble_until_they_are_over(kind, over):
    claim = claim_of(statusType=kind, over=over)
    assert claim.state is (WELL if over else TROUBLE)
    assert not claim.planned


def test_what_is_over_may_have_no_end():
    claim = claim_of(over=True)
    assert (claim.state, claim.ended_at) == (WELL, None)


def test_maintenance_is_no_claim_before_it_begins_and_planned_when_it_is_over():
    feed = apple_feed({"Siri": [apple_event(NOON, at(60), statusType="Maintenance", eventStatus="upcoming")]})
    assert read(feed).claims == ()
    going_on = claim_of(statusType="Maintenance", epochEndDate=int(at(60).timestamp() * 1000))
    assert (going_on.state, going_on.ended_at, going_on.planned) == (MAINTENANCE, None, True)
    over = claim_of(end=at(60), statusType="Maintenance", eventStatus="completed")
    assert (over.state, over.ended_at, over.planned) == (WELL, at(60), True)


def test_names_are_read_as_people_write_them():
    [claim] = read(apple_feed({"iCloud Account &amp; Sign In ": [apple_event(NOON)]})).claims
    assert claim.component == "iCloud Account & Sign In"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"eventStatus": "paused"}, 'eventStatus: "paused" is not known'),
        ({"statusType": "Party"}, 'statusType: "Party" is not known'),
        ({"eventStatus": None}, "Expected `str`, got `null` - at `$.eventStatus`"),
        ({"epochStartDate": "noon"}, "Expected `int`, got `str` - at `$.epochStartDate`"),
        ({"epochStartDate": 7}, "the year 1970 is a mistake"),
        ({"epochStartDate": 10**30}, "epochStartDate"),
        ({"end": at(-5)}, "before it starts"),
        ({"message": ["several"]}, "Expected `str | null`, got `array` - at `$.message`"),
        ({"messageId": "x" * 500}, "is no id"),
        ({"messageId": "1\x1b"}, "is no id"),
    ],
)
def test_a_strange_event_is_left_out_and_named(fields, why):
    told = why_left_out(**fields)
    assert told.startswith("event ")
    assert '"iMessage" is left out' in told
    assert why in told
    assert len(told) < 300


def test_a_service_without_a_list_of_events_is_left_out():
    feed = apple_feed()
    del feed["services"][0]["events"]
    reading = read(feed)
    assert not reading.claims
    [out] = reading.left_out
    assert out.why == "service no. 1 is left out: Object missing required field `events`"
    assert out.component is None


@pytest.mark.parametrize("feed", [{"services": []}, {"services": None}, {}, {"dashboard": {}}])
def test_a_feed_without_services_is_none(feed):
    with pytest.raises(Unreadable):
        read(feed)


@pytest.mark.parametrize(
    "hostile", [b"(" + b") " * 500_000, b"( " * 500_000, b"a" * 1_000_000, b" " * 1_000_000]
)
def test_what_looks_like_a_call_does_not_take_long(hostile):
    begun = time.monotonic()
    with pytest.raises(Unreadable):
        read(b"jsonCallback" + hostile + b"x")
    assert time.monotonic() - begun < 2


def test_a_call_that_was_cut_off_is_none():
    whole = b"jsonCallback(%s);" % json.dumps(apple_feed()).encode()
    for length in (5, 13, 40, len(whole) - 3):
        with pytest.raises(Unreadable, match="is no JSON"):
            read(whole[:length])
