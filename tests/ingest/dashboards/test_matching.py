"""Which pages are watched, and which service a claim is about."""

from __future__ import annotations

import pytest

from domain.notice import OfficialState
from domain.service import Service
from ingest.dashboard import Claim, LeftOut, Reading
from ingest.dashboards.matching import is_about, pages_of, said_of
from ingest.registry import DASHBOARDS
from models.catalogue import SHIPPED, load_catalogue
from tests.ingest.dashboards.payloads import service

PAGE = "https://status.acme.example/"


def test_a_page_of_several_services_is_watched_once():
    one = service("one", "statuspage", PAGE, "One")
    two = service("two", "statuspage", "https://status.acme.example", "Two")
    other = service("other", "slack", PAGE)
    mere = service("mere", "page", "https://acme.example/status")
    none = Service("none", "None", "acme", "cloud")
    pages = pages_of([one, two, other, mere, none], DASHBOARDS)
    assert [(page.kind, page.url, page.services) for page in pages] == [
        ("statuspage", PAGE, (one, two)),
        ("slack", PAGE, (other,)),
    ]


def test_the_shipped_catalogue_has_pages_of_every_kind():
    pages = pages_of(load_catalogue(SHIPPED), DASHBOARDS)
    assert {page.kind for page in pages} == set(DASHBOARDS)
    apple = next(page for page in pages if page.kind == "apple")
    assert {"imessage", "facetime"} <= {service.id for service in apple.services}


@pytest.mark.parametrize(
    ("told", "own", "about"),
    [
        ("iMessage", "iMessage", True),
        (" icloud account &amp;  sign in", "iCloud Account & Sign In", True),
        ("STRASSE", "Straße", True),
        ("App Store - In-App Purchases", "App Store", False),
        (None, "iMessage", True),
        ("iMessage", None, True),
        (None, None, True),
    ],
)
def test_a_component_is_a_service_s_by_its_name(told, own, about):
    assert is_about(told, service("acme", "apple", PAGE, own)) is about


def test_what_is_said_of_others_is_left_aside():
    trouble = OfficialState.TROUBLE
    mine, all_of_it, other = (Claim(name, trouble) for name in ("Pay", None, "Mail"))
    lost, foreign = LeftOut("?", "1"), LeftOut("?", "1", "Mail")
    reading = Reading((mine, all_of_it, other), (lost, foreign))
    assert said_of(service("pay", "apple", PAGE, "pay"), reading) == Reading((mine, all_of_it), (lost,))
