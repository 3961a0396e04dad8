"""The words and phrases beside which an everyday word names a service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.company import Company, Said
from models.folding import fold

HELD = [
    ("valve", "steam and valve", True),
    ("valve", "steam and valves", False),
    ("is ~ down", "is steam down", True),
    ("is ~ down", "is Steam, down?", True),
    ("is ~ down", "is it down, steam", False),
    ("is ~ down", "is steam downloading", False),
    ("~ won't load", "steam wont load", True),
    ("~ won't load", "steam won\u2019t load", True),
    ("~'s down", "steam's down", True),
    ("~ caf\u00e9", "steam CAF\u00c9", True),
    ("\u9001\u308c\u306a\u3044", "steam\u304c\u9001\u308c\u306a\u3044", True),
]


@pytest.mark.parametrize(("beside", "text", "held"), HELD)
def test_company_is_found_as_whole_words_in_their_order(beside, text, held):
    assert Company("steam", [fold(beside)]).is_in(Said(fold(text))) is held


@pytest.mark.parametrize("beside", ["steam", "~", "'~'"])
def test_a_name_is_no_company_to_itself(beside):
    assert not Company("steam", [beside])


@given(st.text())
def test_any_text_can_be_searched(text):
    assert Company("steam", ["~ down"]).is_in(Said(fold(f"{text} steam down {text}")))
