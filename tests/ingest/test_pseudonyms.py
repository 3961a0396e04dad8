"""Pseudonyms: the same author is known again under the same key, and only there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.post import Post
from ingest.pseudonyms import Pseudonyms

KEY = bytes(range(32))
AT = datetime(2012, 11, 18, tzinfo=UTC)


def post(source: str, name: str, author: str | None) -> Post:
    return Post(source, name, "text", AT, author)


@given(st.text(), st.text(min_size=1), st.text(), st.text())
def test_an_author_has_one_pseudonym_whatever_they_write(
    source: str, author: str, one: str, two: str
) -> None:
    names = Pseudonyms(KEY)
    first, second = names.of(post(source, one, author)), names.of(post(source, two, author))
    assert first == second == bytes.fromhex(names.hide(source, author))
    assert len(first) == 8


@given(st.tuples(st.text(), st.text(min_size=1)), st.tuples(st.text(), st.text(min_size=1)))
def test_two_authors_have_two_pseudonyms(one: tuple[str, str], two: tuple[str, str]) -> None:
    names = Pseudonyms(KEY)
    assert (names.hide(*one) == names.hide(*two)) == (one == two)


def test_a_post_without_an_author_is_its_own_author() -> None:
    names = Pseudonyms(KEY)
    others = [post("a", "1", None), post("a", "2", None), post("b", "1", None), post("a", "x", "1")]
    assert len({names.of(one) for one in others}) == len(others)
    assert names.of(post("a", "1", None)) == names.of(post("a", "1", None))


def test_another_key_gives_other_pseudonyms() -> None:
    assert Pseudonyms(KEY).hide("a", "ann") != Pseudonyms(KEY[::-1]).hide("a", "ann")


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_key_of_the_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} bytes; 16 to 64"):
        Pseudonyms(bytes(size))
