"""What every kind of dashboard keeps to, as the registry lists them."""

from __future__ import annotations

import re

import pytest

from ingest.dashboard import Unreadable
from ingest.registry import DASHBOARDS
from models.catalogue import SHIPPED, load_catalogue

PAGE = "https://status.example/deep/"


@pytest.fixture(params=sorted(DASHBOARDS))
def kind(request):
    return DASHBOARDS[request.param]


def test_it_says_what_it_reads_and_where(kind):
    assert kind.about
    assert kind.addresses(PAGE)
    assert all(address.startswith(PAGE) for address in kind.addresses(PAGE))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is no JSON"),
        (b"<!DOCTYPE html><title>Just a moment...</title>", 'is no JSON, but "<!DOCTYPE html>'),
        (b"\xff\xfe{\x00", "is no JSON"),
        (b"[" * 100_000, "is no"),
        (b'"down"', "is not of the form it should have"),
        (b"{}", "is not of the form it should have"),
    ],
)
def test_what_is_no_answer_of_it_is_refused_with_a_sentence(kind, body, why):
    for address in kind.addresses(PAGE):
        with pytest.raises(Unreadable, match=re.escape(why)):
            kind.read(address, body)


def test_the_catalogue_names_no_kind_that_is_unknown():
    kinds = {service.dashboard.kind for service in load_catalogue(SHIPPED) if service.dashboard}
    assert kinds == {*DASHBOARDS, "page"}
