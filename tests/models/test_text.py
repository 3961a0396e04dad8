"""Names, links and numbers are masked, so that the classifier learns how people complain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.service import NeedsCompany, Service
from models.folding import runs_on
from models.text import LONGEST, Names, is_repost, mask
from models.tokens import Tokenizer, pieces

CATALOGUE = [
    Service(
        "imessage", "iMessage", "Apple", "messaging", ("i message",), (NeedsCompany("messages", ("iphone",)),)
    ),
    Service(
        "spotify", "Spotify", "Spotify", "music", handles=("spotify",), handles_official=("spotifycares",)
    ),
    Service("att", "AT&T", "AT&T", "carrier", aliases=("at&t",), handles=("att",), hashtags=("att",)),
]
NAMES = Names(CATALOGUE)


def masked(text: str, service: str, *others: str) -> str:
    return mask(text, NAMES.of(service), map(NAMES.of, others))


CASES = [
    ("iMessage is DOWN", "imessage", "xsvc is down"),
    ("my messages won't send", "imessage", "my xsvc won't send"),
    ("at&t: no bars", "att", "xsvc: no bars"),
    ("AT&amp;T again", "att", "xsvc again"),
    ("@SpotifyCares @805318 same problem here", "spotify", "xto xreply same problem here"),
    ("ok @SpotifyCares fix it", "spotify", "ok xsvc fix it"),
    ("#spotifydown", "spotify", "xsvc down"),
    ("#SpotifyIsDown", "spotify", "xsvc is down"),
    ("#NotAgain", "spotify", "not again"),
    ("error 503 after 20 min", "spotify", "error xcode after xnum min"),
    ("see https://t.co/abc?x=1 or www.a.b", "spotify", "see xurl or xurl"),
    ("mail me at a.b@example.org", "spotify", "mail me at xuser"),
    ("can\u2019t\u200b log\x00in sooooo bad!!!!!!", "spotify", "can't log in soo bad!!!"),
    ("spotifyable", "spotify", "spotifyable"),
    ("", "spotify", ""),
]


@pytest.mark.parametrize(("text", "service", "expected"), CASES)
def test_a_text_is_masked(text: str, service: str, expected: str) -> None:
    assert masked(text, service) == expected


def test_another_service_is_told_from_the_one_that_is_asked_about() -> None:
    assert masked("iMessage dead so Spotify it is", "imessage", "spotify") == "xsvc dead so xother it is"
    assert masked("iMessage dead so Spotify it is", "spotify", "imessage") == "xother dead so xsvc it is"


def test_other_services_are_found_by_their_plain_names_only() -> None:
    assert NAMES.others_in("Spotify plays, AT&T and messages don't", "imessage") == ("spotify", "att")
    assert NAMES.others_in("my messages", "spotify") == ()


def test_a_service_without_a_catalogue_is_known_by_its_id() -> None:
    assert mask("Apple Music skips, #applemusic", Names().of("apple_music")) == "xsvc skips, xsvc"


@pytest.mark.parametrize(
    ("text", "expected"), [("RT @a: down", True), (" rt @a", True), ("start @a", False), ("", False)]
)
def test_a_repost_says_so_by_itself(text: str, expected: bool) -> None:
    assert is_repost(text) is expected


@given(st.text(max_size=400))
def test_any_text_is_masked_without_handles_links_and_control_characters(text: str) -> None:
    found = masked(text, "spotify")
    assert not re.search(r"[\x00-\x1f\x7f]|https?://\S|[@]\w", found)
    assert found == " ".join(found.split())


def test_only_the_start_of_a_huge_text_is_read() -> None:
    assert len(masked("word " * 20_000, "spotify")) <= LONGEST


def test_ways_of_writing_one_thing_become_one() -> None:
    tokenizer = Tokenizer()
    ways = ["i can't log in", "I cant log in", "i can not log in", "i cannot log in"]
    assert {tuple(tokenizer.words(tokenizer.read(way.lower()))) for way in ways} == {
        ("i", "can", "not", "log", "in")
    }


def test_the_tokenizer_forgets_its_words_before_they_fill_the_memory() -> None:
    tokenizer = Tokenizer(most_words=1_000)
    before = tokenizer.generation
    for number in range(1_500):
        assert tokenizer.words(tokenizer.read(f"word{number} here"))[-1] == "here"
    assert tokenizer.generation > before


@given(st.text(min_size=1, max_size=60))
def test_the_pieces_of_a_word_are_short(word: str) -> None:
    assert all(1 <= len(piece) <= 5 for piece in pieces(word))
    assert runs_on(word) or all(len(piece) >= 3 for piece in pieces(word))
