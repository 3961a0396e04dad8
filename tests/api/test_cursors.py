import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import BadCursor, cursor_after, place_in


@given(st.text(), st.text())
def test_a_cursor_leads_back_to_its_place(last, filters):
    assert place_in(cursor_after(last, filters), filters) == last


@given(st.text())
def test_any_other_text_is_refused_and_never_breaks(text):
    with pytest.raises(BadCursor):
        place_in(text, "filters that no cursor here was made for")
