"""What an official account's post says of its service."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notice import OfficialState
from domain.post import Post
from models.encodings import mended
from models.official_word import official_word

TROUBLE = [
    "We're looking into it.",
    "We're looking into this and will share an update here",
    "Our team is investigating reports of messages that don't arrive.",
    "We are aware of an issue with sign-in, sorry about that.",
    "We're aware that some of you can't log in right now. Hang tight!",
    "Something's not quite right with search. Bear with us!",
    "Something isn't right just now 😬",
    "Some users are experiencing issues with playback.",
    "You may be experiencing delays when sending photos.",
    "We are seeing elevated errors on uploads",
    "There is currently an outage in the western region.",
    "The web player is currently unavailable",
    "We have identified the problem and are working on a fix.",
    "We're working hard to get things going for you again.",
    "Some customers are unable to make calls.",
    "Update: we know the app isn't loading for a lot of you. Stay tuned.",
    "Sorry, technical difficulties!",
    "Sign-in is fixed. We are still looking into playback.",
    "The fix isn't complete: we're still seeing errors.",
    "This isn't fixed yet, we're looking into what's going on.",
]
WELL = [
    "All clear! Thanks for bearing with us.",
    "ALL CLEAR",
    "Everything's back to normal now, enjoy your evening.",
    "We're back up and running!",
    "And we're back!",
    "The issue has been resolved.",
    "Resolved: messages are delivered again.",
    "The problem with sign-in is now fixed. If you're still having trouble, let us know.",
    "We've fixed it. Thanks for your patience!",
    "A fix has been rolled out.",
    "Playback should be working again for everyone.",
    "We were seeing some errors earlier, but everything's back online.",
    "This morning's outage is fully resolved",
    "We were looking into sign-in problems this morning. That's all sorted now.",
]
NOTHING = [
    "",
    "New season, new songs: have a look!",
    "Need help? Our guides have you covered.",
    "Having trouble signing in? Reset your password here.",
    "Having trouble with your account? We're here to help",
    "Experiencing issues with your headset, check the cable first.",
    "If you're experiencing issues, send us a DM.",
    "Is something not quite right?",
    "Sorry to hear you're having trouble with your speaker, ann.",
    "Are you seeing errors? Tell us which ones.",
    "There are no known issues at this time.",
    "We're not aware of any problems.",
    "We won't rest until everything is back to normal.",
    "It will be fixed soon!",
    "We hope to have it resolved shortly",
    "Looking into the future of music with our panel tonight",
    "Be aware of your surroundings when you wear headphones",
    "We had an outage last week; read what we learned from it.",
]


def post(text: str, **more: object) -> Post:
    fields: dict[str, object] = {"author": "spotifycares", **more}
    return Post(
        source="x",
        id="1",
        text=text,
        written_at=datetime(2026, 3, 1, tzinfo=UTC),
        **fields,  # type: ignore[arg-type]  # as given
    )


def encoded_twice(text: str) -> str:
    """A text as it comes out where UTF-8 is taken for Windows-1252."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("text", TROUBLE)
def test_a_broadcast_of_trouble_admits_it(text: str) -> None:
    assert official_word(post(text)) is OfficialState.TROUBLE


@pytest.mark.parametrize("text", WELL)
def test_a_broadcast_that_it_is_over_calls_it_over(text: str) -> None:
    assert official_word(post(text)) is OfficialState.WELL


@pytest.mark.parametrize("text", NOTHING)
def test_advice_promises_and_talk_say_nothing(text: str) -> None:
    assert official_word(post(text)) is None


@pytest.mark.parametrize("text", TROUBLE + WELL)
def test_an_answer_to_one_customer_is_no_broadcast(text: str) -> None:
    assert official_word(post(text, in_reply_to="77")) is None
    assert official_word(post(f"@ann {text}")) is None
    assert official_word(post(f" .@ann {text}")) is None


@pytest.mark.parametrize("text", TROUBLE + WELL)
def test_another_accounts_words_are_not_ones_own(text: str) -> None:
    assert official_word(post(text, is_repost=True)) is None
    assert official_word(post(f"RT @other: {text}")) is None


@pytest.mark.parametrize("text", TROUBLE + WELL + NOTHING)
def test_a_text_says_the_same_with_typographic_quotes_and_encoded_twice(text: str) -> None:
    said = official_word(post(text))
    typographic = text.replace("'", "\u2019")
    assert official_word(post(typographic)) is said
    assert official_word(post(encoded_twice(typographic))) is said


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_whatever_was_encoded_twice_is_read_as_it_was_meant(text: str) -> None:
    assert mended(encoded_twice(text)) == text


@pytest.mark.parametrize(
    "text", ["", "plain", "Ça va, é bom, ünïcode", "日本語 😬", "\u20ac5 \u2013 it\u2019s"]
)
def test_a_text_that_was_encoded_once_stays_as_it_is(text: str) -> None:
    assert mended(text) == text


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    said = official_word(post(text))
    assert said in (None, OfficialState.TROUBLE, OfficialState.WELL)


def test_the_longest_post_is_judged_by_its_beginning_alone() -> None:
    long = post("We're looking into it. " + "la " * 50_000)
    assert official_word(long) is OfficialState.TROUBLE
    late = msgspec.structs.replace(long, text="la " * 50_000 + "We're looking into it.")
    assert official_word(late) is None
