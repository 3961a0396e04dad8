"""Which services a post names, and how."""

from __future__ import annotations

import gzip
import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Via
from models.catalogue import SHIPPED, load_catalogue
from models.folding import goes_on
from models.matcher import Matcher

STREAMS = Path(__file__).parents[3] / "shared" / "data" / "streams"
CATALOGUE = load_catalogue(SHIPPED)
MATCHER = Matcher(CATALOGUE)


def named(text: str) -> list[str]:
    return [naming.service for naming in MATCHER.match(text)]


def ways(text: str) -> dict[str, Via]:
    return {naming.service: naming.via for naming in MATCHER.match(text)}


NAMED = [
    ("iMessage won't send", ["imessage"]),
    ("IMESSAGE!!!", ["imessage"]),
    ("my imessages are stuck at sending", ["imessage"]),
    ("FaceTime and iMessage both out", ["facetime", "imessage"]),
    ("spotify's servers", ["spotify"]),
    ("spotify\u2019s servers", ["spotify"]),
    ("'netflix'", ["netflix"]),
    ("google\u00a0meet keeps dropping", ["google_meet"]),
    ("google\n  meet keeps dropping", ["google_meet"]),
    ("\uff33\uff30\uff2f\uff34\uff29\uff26\uff39 is dead", ["spotify"]),
    ("iMessage\U0001f621", ["imessage"]),
    ("iMessage\u2122 not delivered", ["imessage"]),
    ("iMessage\u304c\u9001\u308c\u306a\u3044", ["imessage"]),
    ("AT&T has no service, and AT&amp;T knows", ["att"]),
    ("netflix.com is down", ["netflix"]),
    ("disney+ is buffering", ["disney_plus"]),
]


@pytest.mark.parametrize(("text", "services"), NAMED)
def test_a_service_is_named_however_people_write_it(text, services):
    assert named(text) == services


UNNAMED = [
    "",
    "nothing works today",
    "spotifyish",
    "xspotify",
    "spotify_fan is my name",
    "spotify2",
    "\u00e9netflix",
    "https://twitter.com/someone/status/1",
    "see www.netflix.com/title/1",
    "twitter.com/someone",
    "write to me at someone@gmail.com",
    "netflix@example.com",
]


@pytest.mark.parametrize("text", UNNAMED)
def test_a_name_inside_a_longer_word_or_an_address_names_nobody(text):
    assert named(text) == []


def test_the_longest_name_wins_at_one_place():
    assert named("apple music skips") == ["apple_music"]
    assert named("google meet froze") == ["google_meet"]
    assert named("google meeting rooms") == ["google"]


WAYS = [
    ("@SpotifyCares @805318 same problem here", {"spotify": Via.HANDLE}),
    ("#imessagedown", {"imessage": Via.HASHTAG}),
    ("#githubdown again", {"github": Via.HASHTAG}),
    ("#GitHubIsDown", {"github": Via.HASHTAG}),
    ("#netflixoutage", {"netflix": Via.HASHTAG}),
    ("#netflix", {"netflix": Via.HASHTAG}),
    ("#netflixandchill", {}),
    ("@netflixfan42 hello", {}),
    ("@spotify #spotifydown spotify is down", {"spotify": Via.NAME}),
    ("@spotify@mastodon.social help", {"spotify": Via.HANDLE}),
    ("support@spotify", {}),
]


@pytest.mark.parametrize(("text", "expected"), WAYS)
def test_a_service_is_named_once_and_by_its_surest_way(text, expected):
    assert ways(text) == expected


COMPANY = [
    ("my messages won't send on this iphone", ["imessage"]),
    ("so many messages today", []),
    ("error messages on my iphone", []),
    ("both teams played well", []),
    ("teams keeps kicking me out of microsoft", ["teams"]),
    ("zoom lens for sale", []),
    ("zoom call dropped again", ["zoom"]),
    ("no signal in the tunnel", []),
    ("signal won't connect but whatsapp does", ["signal", "whatsapp"]),
    ("apple pie", []),
    ("@SlackHQ slack says nothing", ["slack"]),
    ("nice to meet you", []),
    ("three 5g-ready one-line phones", ["three"]),
    ("x-ray by elon", []),
    ("#slack login page spins", ["slack"]),
]


@pytest.mark.parametrize(("text", "services"), COMPANY)
def test_an_everyday_word_names_a_service_only_in_company(text, services):
    assert named(text) == services


FAILING = [
    ("steam down?", ["steam"]),
    ("full steam ahead", []),
    ("sit down, the steam is hot", []),
    ("uber down?", ["uber"]),
    ("uber cool new shoes", []),
    ("notion down?", ["notion"]),
    ("the notion that it is down", []),
    ("download the notion app", ["notion"]),
    ("Discord can\u2019t connect", ["discord"]),
    ("sowing discord again", []),
    ("telegram not sending", ["telegram"]),
    ("Teams dropped my call", ["teams"]),
    ("both teams down to ten men", []),
    ("chase wont load", ["chase"]),
    ("cut to the chase", []),
    ("is Signal down for anyone?", ["signal"]),
    ("my phone's signal is down", []),
    ("three down, two to go", []),
    ("the line is down", []),
    ("LINE\u304c\u9001\u308c\u306a\u3044", ["line"]),
    ("siri takes no requests", ["siri"]),
    ("pandora skips every song", ["pandora"]),
    ("that opened pandora's box", []),
    ("kik or text me", ["kik"]),
]


@pytest.mark.parametrize(("text", "services"), FAILING)
def test_words_of_failing_are_company_where_only_a_service_fails_so(text, services):
    assert named(text) == services


NEEDY = [
    (service.id, needy.word, phrase)
    for service in CATALOGUE
    for needy in service.needs_company
    for phrase in needy.company
    if "~" in phrase
]


@given(st.sampled_from(NEEDY), st.sampled_from(["", "!", " ...", "\n"]))
def test_a_name_counts_in_each_phrase_of_its_company(needy, beside):
    service, word, phrase = needy
    assert service in named(beside + phrase.replace("~", word).upper() + beside)


GIVES_WAY = [
    ("@AppleSupport iMessage won't send", ["imessage"]),
    ("@AppleSupport nothing loads", ["apple"]),
    ("@google gmail is not sending", ["gmail"]),
    ("@AppleSupport my spotify crashes", ["apple", "spotify"]),
]


@pytest.mark.parametrize(("text", "services"), GIVES_WAY)
def test_a_vendor_gives_way_to_its_product(text, services):
    assert named(text) == services


def test_a_repost_does_not_name_the_account_it_reposts():
    assert named("RT @netflix: new shows tonight") == []
    assert named("RT @someone: netflix is down") == ["netflix"]
    assert named("RT @a: RT @netflix: hello @spotify") == ["spotify"]


def test_phrases_that_mean_something_else_name_nobody():
    assert named("a concert at the AT&T Center") == []
    assert named("AT&T is dead near the AT&T Center") == ["att"]


def test_many_texts_get_the_same_answers_as_each_alone():
    texts = [text for text, _ in NAMED]
    assert MATCHER.match_many(texts) == [MATCHER.match(text) for text in texts]


ALIASES = [(service.id, alias) for service in CATALOGUE for alias in service.aliases]
HANDLES = [(service.id, handle) for service in CATALOGUE for handle in service.handles_official]


@given(st.sampled_from(ALIASES), st.sampled_from(["", " ", "!", ", ", "(", " - "]), st.booleans())
def test_every_alias_of_the_catalogue_names_its_service(owned, beside, loud):
    service, alias = owned
    text = alias.upper() if loud else alias
    assert service in named(f"{beside}{text}{beside}")


@given(st.sampled_from(HANDLES))
def test_every_official_handle_names_its_service_and_no_other(owned):
    service, handle = owned
    assert ways(f"hey @{handle.title()}, anyone there?") == {service: Via.HANDLE}


@given(st.sampled_from(ALIASES), st.sampled_from(string.ascii_letters + string.digits + "_@#"))
def test_no_alias_matches_when_a_letter_or_sign_is_before_it(owned, char):
    service, alias = owned
    way = ways(f"{char}{alias}").get(service)
    # After a sign the same word may be a handle or hashtag; a spaced alias may end in a shorter one; and a
    # script without spaces begins a word anywhere.
    assert way is not Via.NAME or " " in alias or not alias.isalnum() or not goes_on(alias[0])


@given(st.text())
def test_any_text_is_answered_with_each_service_once(text):
    services = named(text)
    assert len(services) == len(set(services))
    assert set(services) <= CATALOGUE.services.keys()


@given(st.text(alphabet="@#:/.-& aetx", max_size=60), st.sampled_from(NAMED[:1]))
def test_a_name_stays_named_whatever_stands_beside_it(noise, known):
    assert "imessage" in named(f"{noise} {known[0]} {noise}")


def test_real_posts_to_an_official_account_name_its_service():
    file = STREAMS / "spotify_2017.jsonl.gz"
    if not file.exists():
        pytest.skip("needs ../shared/data/streams/spotify_2017.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        posts = [json.loads(line) for _, line in zip(range(2000), lines, strict=False)]
    asked = [post["text"] for post in posts if post["text"].lower().startswith("@spotifycares ")]
    assert asked
    assert all("spotify" in named(text) for text in asked)
