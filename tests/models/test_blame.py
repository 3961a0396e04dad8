"""Which of several services a post blames. ``xsvc`` is the one asked about, ``xother`` another it names."""

from __future__ import annotations

import pytest

from models.blame import is_spared


@pytest.mark.parametrize(
    "text",
    [
        "xsvc works and xother does not",
        "the router is fine , xsvc is fine , xother is not",
        "xother is not working so we are on xsvc",
        "tried xother , will not connect , back to xsvc i guess",
        "using xsvc because xother is down",
        "xother is dead , thank god for xsvc",
        "my xsvc is fine but xother will not send",
    ],
)
def test_a_service_that_works_or_is_fled_to_is_spared(text: str) -> None:
    assert is_spared(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "xother works and xsvc does not",
        "neither xsvc nor xother will load",
        "xsvc and xother are both down",
        "can not get on xsvc or xother",
        "xsvc is not working so i am on xother",
        "xsvc works",  # alone it says nothing of blame: the words must tell
    ],
)
def test_a_service_that_fails_is_not_spared(text: str) -> None:
    assert not is_spared(text.split())
