"""Google's dashboards of Cloud and of Workspace."""

from __future__ import annotations

import pytest

from domain.notice import OfficialState
from ingest.dashboard import Claim, Unreadable
from ingest.dashboards.google import Google
from tests.ingest.dashboards.payloads import NOON, at, body_of, google_incident

PAGE = "https://www.google.com/appsstatus/dashboard/"
ADDRESS = PAGE + "incidents.json"


def read(*incidents):
    return Google().read(ADDRESS, body_of(list(incidents)))


@pytest.mark.parametrize("page", [PAGE, "https://status.cloud.google.com/"])
def test_there_is_one_list_of_incidents(page):
    assert Google().addresses(page) == [page + "incidents.json"]


def test_an_incident_is_a_claim_of_each_product():
    reading = read(google_incident())
    assert not reading.left_out
    assert list(reading.claims) == [
        Claim(
            name,
            OfficialState.TROUBLE,
            "goog1",
            NOON,
            None,
            "Title: Mail is late Description We see delays & work on them.",
            PAGE + "incidents/goog1",
        )
        for name in ("Gmail", "Google Chat")
    ]


@pytest.mark.parametrize("status", ["SERVICE_INFORMATION", "SERVICE_DISRUPTION", "SERVICE_OUTAGE"])
def test_it_goes_on_until_it_has_an_end(status):
    update = {"status": status, "text": "It goes on."}
    for fields in ({"end": None}, {"end": ""}):
        claim = read(google_incident() | {"most_recent_update": update} | fields).claims[0]
        assert claim.state is OfficialState.TROUBLE
    over = read(google_incident(at(90), most_recent_update=update)).claims[0]
    assert (over.state, over.ended_at) == (OfficialState.WELL, at(90))


def test_what_is_available_again_is_over_though_no_end_is_told():
    claim = read(google_incident(most_recent_update={"status": "AVAILABLE", "text": "Back."})).claims[0]
    assert (claim.state, claim.ended_at) == (OfficialState.WELL, None)


@pytest.mark.parametrize(
    ("name", "component"), [("Gmail", "Gmail"), ("Multiple Products", None), (None, None)]
)
def test_without_products_the_name_of_the_service_tells_what_is_hit(name, component):
    [claim] = read(google_incident(affected_products=[], service_name=name)).claims
    assert claim.component == component


def test_without_an_update_the_description_is_told():
    claim = read(google_incident(most_recent_update=None)).claims[0]
    assert claim.text == "Mail is late"


def test_an_address_that_leads_elsewhere_than_the_web_is_not_kept():
    assert read(google_incident(uri="javascript:alert(1)")).claims[0].url is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"begin": None}, "$.begin"),
        ({"begin": "noon"}, 'begin: "noon" is no time'),
        ({"end": at(-5)}, "before it starts"),
        ({"affected_products": {}}, "$.affected_products"),
        ({"affected_products": [{"title": ""}]}, "affected_products"),
        ({"most_recent_update": {"status": "SHRUG"}}, 'status: "SHRUG" is not known'),
    ],
)
def test_a_strange_incident_is_left_out_and_named(fields, why):
    reading = read(google_incident(**fields), google_incident(id="goog2"))
    assert {claim.id for claim in reading.claims} == {"goog2"}
    [out] = reading.left_out
    assert out.why.startswith('incident "goog1" is left out: ')
    assert why in out.why


def test_an_object_is_no_list_of_incidents():
    with pytest.raises(Unreadable):
        Google().read(ADDRESS, body_of({"incidents": []}))
