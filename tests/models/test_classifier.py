"""The classifier tells first-hand complaints from the rest, whatever it is given."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mention import Kind, Mention, Naming, Symptom, Tag, TaggedMention, Via
from domain.post import Post
from models.classifier import Reader
from models.decision import kind_of
from models.languages import READ
from models.model_file import load_shipped

SHARED = Path(__file__).parents[3] / "shared" / "data" / "streams"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


SHIPPED = load_shipped()


def mention(
    text: str, *services: str, official: bool = False, is_repost: bool = False, lang: str | None = None
) -> Mention:
    post = Post("test", "1", text, NOON, is_repost=is_repost, lang=lang)
    return Mention(
        post,
        tuple(Naming(one, Via.NAME) for one in services or ("spotify",)),
        "spotify" if official else None,
    )


def tag(text: str, service: str = "spotify", *, official: bool = False, is_repost: bool = False) -> Tag:
    return SHIPPED.tag([mention(text, service, official=official, is_repost=is_repost)])[0].tags[0]


def tagged(text: str, *services: str, lang: str | None = None, official: bool = False) -> TaggedMention:
    return SHIPPED.tag([mention(text, *services, lang=lang, official=official)])[0]


SAYINGS = [
    ("@SpotifyCares @805318 same problem here", "spotify", Kind.COMPLAINT),
    ("iMessage won't send anything, stuck at sending for an hour", "imessage", Kind.COMPLAINT),
    ("can't log in to Netflix, keeps giving me an error", "netflix", Kind.COMPLAINT),
    ("is github down for anyone else?", "github", Kind.QUESTION),
    ("Slack is back up, finally", "slack", Kind.RECOVERY),
    ("RT @news: WhatsApp down worldwide", "whatsapp", Kind.ECHO),
    (
        "BREAKING: Verizon outage affects thousands of users, company confirms https://t.co/x",
        "verizon",
        Kind.ECHO,
    ),
    ("@SpotifyCares thanks, DM sent", "spotify", Kind.OTHER),
    ("@SpotifyCares how do I change my username?", "spotify", Kind.OTHER),
    ("watching netflix with my sister tonight", "netflix", Kind.OTHER),
]


@pytest.mark.parametrize(("text", "service", "kind"), SAYINGS)
def test_a_mention_is_what_it_says(text: str, service: str, kind: Kind) -> None:
    assert tag(text, service).kind is kind


@pytest.mark.parametrize("service", ["spotify", "github", "a_service_that_nobody_knows"])
def test_a_complaint_is_one_whatever_service_it_is_about(service: str) -> None:
    assert tag(f"{service} keeps crashing on my phone, nothing loads", service).kind is Kind.COMPLAINT


def test_an_official_account_never_complains() -> None:
    assert tag("Something's not working, we're having trouble too", official=True).kind is Kind.ECHO
    assert tag("Everything is back to normal now", official=True).kind is Kind.RECOVERY


def test_a_repost_is_an_echo() -> None:
    assert tag("nothing loads for me", is_repost=True).kind is Kind.ECHO
    assert tag("RT @somebody: nothing loads for me").kind is Kind.ECHO


def test_a_complaint_has_symptoms_and_chatter_has_none() -> None:
    assert tag("my messages won't send and it keeps crashing").symptoms == (Symptom.SENDING, Symptom.CRASH)
    assert tag("@SpotifyCares thanks, no problem, DM sent").symptoms == ()


def test_each_service_gets_a_tag_of_its_own_in_the_order_of_the_namings() -> None:
    both, one = mention("imessage and facetime both dead", "imessage", "facetime"), mention("hello")
    assert [[tag.service for tag in each.tags] for each in SHIPPED.tag([both, one])] == [
        ["imessage", "facetime"],
        ["spotify"],
    ]


def test_nothing_in_gives_nothing_out() -> None:
    assert SHIPPED.tag([]) == []
    bare = Mention(Post("test", "1", "hello", NOON), ())
    assert SHIPPED.tag([bare])[0].tags == ()


ODD = [
    "",
    " ",
    "\x00\x01\x1b[31m",
    "😭😭😭",
    "down " * 25_000,
    "a" * 100_000,
    "@" * 5_000,
    "\ud800",
    "مشكلة",
    "#",
    "RT @",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_tagged_too(text: str) -> None:
    assert sum(tag(text).probabilities) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.booleans(), st.booleans())
def test_any_text_gets_probabilities_that_add_up_to_one(text: str, official: bool, is_repost: bool) -> None:
    found = tag(text, official=official, is_repost=is_repost)
    assert sum(found.probabilities) == pytest.approx(1)
    assert all(0 <= probability <= 1 for probability in found.probabilities)
    assert found.kind is kind_of(found.probabilities)
    assert not (found.kind is Kind.COMPLAINT and (official or is_repost))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([text for text, _, _ in SAYINGS]), max_size=12), st.integers(0, 12))
def test_a_tag_does_not_depend_on_the_rest_of_its_batch(texts: list[str], cut: int) -> None:
    mentions = [mention(text) for text in texts]
    whole, parts = SHIPPED.tag(mentions), SHIPPED.tag(mentions[:cut]) + SHIPPED.tag(mentions[cut:])
    assert [one.tags[0].kind for one in whole] == [one.tags[0].kind for one in parts]
    for one, other in zip(whole, parts, strict=True):
        assert one.tags[0].probabilities == pytest.approx(other.tags[0].probabilities)


# --- languages ---

ABROAD = [
    ("de", "spotify geht seit heute morgen nicht mehr, ich komme nicht rein", Kind.COMPLAINT),
    ("de", "ist spotify gerade down oder liegt es an mir?", Kind.QUESTION),
    ("de", "spotify läuft endlich wieder", Kind.RECOVERY),
    ("es", "no puedo entrar en spotify, me da error", Kind.COMPLAINT),
    ("es", "¿se ha caído spotify o soy solo yo?", Kind.QUESTION),
    ("es", "por fin ya funciona spotify otra vez", Kind.RECOVERY),
    ("fr", "spotify ne marche plus, impossible de me connecter", Kind.COMPLAINT),
    ("fr", "est-ce que spotify est en panne chez vous aussi ?", Kind.QUESTION),
    ("fr", "spotify remarche enfin", Kind.RECOVERY),
    ("it", "spotify non funziona, non riesco ad accedere", Kind.COMPLAINT),
    ("it", "spotify è down o è solo un mio problema?", Kind.QUESTION),
    ("it", "finalmente spotify è tornato a funzionare", Kind.RECOVERY),
    ("nl", "spotify doet het niet, ik kan niet inloggen", Kind.COMPLAINT),
    ("nl", "ligt spotify eruit of ligt het aan mij?", Kind.QUESTION),
    ("nl", "spotify doet het eindelijk weer", Kind.RECOVERY),
    ("pt", "não consigo entrar no spotify, só dá erro", Kind.COMPLAINT),
    ("pt", "o spotify caiu ou é só comigo?", Kind.QUESTION),
    ("pt", "finalmente o spotify voltou a funcionar", Kind.RECOVERY),
    ("ja", "spotifyにログインできない、ずっとエラーになる", Kind.COMPLAINT),
    ("ja", "spotify落ちてる? 私だけ?", Kind.QUESTION),
    ("ja", "spotifyやっと復旧した", Kind.RECOVERY),
]


@pytest.mark.parametrize(("lang", "text", "kind"), ABROAD)
def test_a_mention_in_another_language_is_what_it_says_too(lang: str, text: str, kind: Kind) -> None:
    found = tagged(text)
    assert (found.lang, found.is_read, found.tags[0].kind) == (lang, True, kind)


def test_a_complaint_in_another_language_has_its_symptoms() -> None:
    assert Symptom.LOGIN in tagged("no puedo iniciar sesión en spotify").tags[0].symptoms
    assert (
        Symptom.SENDING
        in tagged("meine nachrichten werden nicht gesendet auf whatsapp", "whatsapp").tags[0].symptoms
    )


NOT_READ = [
    ("pl", "spotify nie działa od rana, czy ktoś jeszcze ma ten problem?"),
    ("id", "spotify saya tidak bisa dibuka dari tadi pagi, ada yang sama?"),
    ("sv", "spotify fungerar inte sedan i morse, är det fler som har problem?"),
    ("ko", "spotify 노래가 재생이 안 돼요"),
]


@pytest.mark.parametrize(("lang", "text"), NOT_READ)
def test_a_language_that_is_not_read_is_no_complaint_and_says_that_it_was_not_read(
    lang: str, text: str
) -> None:
    found = tagged(text)
    assert (found.lang, found.is_read) == (lang, False)
    assert found.tags == (Tag("spotify", Kind.OTHER, (0, 0, 0, 0, 1), ()),)


def test_an_official_account_and_a_repost_are_known_in_any_language() -> None:
    polish = "spotify nie działa od rana, pracujemy nad tym"
    assert tagged(polish, official=True).tags[0].kind is Kind.ECHO
    assert tagged(f"RT @ann: {polish}").tags[0].kind is Kind.ECHO
    assert tagged("spotify funktioniert wieder für alle", official=True).tags[0].kind is Kind.RECOVERY


def test_read_and_unread_mentions_keep_their_own_answers_in_one_batch() -> None:
    texts = [
        "spotify keeps crashing",
        NOT_READ[0][1],
        "is spotify down?",
        NOT_READ[1][1],
        "spotify geht nicht mehr",
    ]
    together = SHIPPED.tag([mention(text) for text in texts])
    assert [one.is_read for one in together] == [True, False, True, False, True]
    assert [one.tags[0].kind for one in together] == [tag(text).kind for text in texts]


def test_a_few_words_are_read_as_their_source_says_and_otherwise_as_they_look() -> None:
    assert tagged("spotify down").lang == "en"
    assert tagged("spotify no funciona", lang="es").lang == "es"
    assert tagged("can't log in to spotify and it keeps giving me an error", lang="de").lang == "en"


def test_a_reading_in_another_language_has_its_english_and_its_own_words() -> None:
    read = Reader().read("spotify no funciona desde ayer", "spotify")
    assert read.lang == "es"
    assert read.reading is not None
    assert {"xsvc", "not", "working", "yesterday"} <= set(read.reading.words)
    assert read.reading.native == ["xsvc", "no", "funciona", "desde", "ayer"]


def test_english_has_no_words_but_its_own() -> None:
    read = Reader().read("spotify is down again", "spotify")
    assert read.reading is not None
    assert (read.lang, read.reading.native) == ("en", [])


def test_a_language_known_for_sure_is_not_guessed() -> None:
    reader = Reader()
    sure = reader.read_as("nl", "spotify down", "spotify")
    assert sure.lang == "nl"
    assert sure.reading is not None
    assert sure.reading.native
    assert reader.read_as("pl", "spotify down", "spotify").reading is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.none() | st.sampled_from([*sorted(READ), "pl", "??"]))
def test_only_what_was_read_can_be_anything_but_other(text: str, lang: str | None) -> None:
    found = tagged(text, lang=lang)
    assert found.is_read == (found.lang in READ)
    assert found.is_read or found.tags[0].kind in (Kind.OTHER, Kind.ECHO)


# --- real posts ---


def share_of_complaints(name: str, service: str, start: str = "", end: str = "9") -> float:
    path = SHARED / name
    if not path.exists():
        pytest.skip("needs the shared data beside the repository (../shared)")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if start <= row["written_at"] < end]
    users = [mention(row["text"], service) for row in rows if row.get("author") != "SpotifyCares"]
    kinds = Counter(one.tags[0].kind for one in SHIPPED.tag(users))
    return kinds[Kind.COMPLAINT] / kinds.total()


def test_in_a_real_outage_most_replies_are_complaints_and_on_an_ordinary_day_few() -> None:
    outage = share_of_complaints("spotify_2017.jsonl.gz", "spotify", "2017-11-28T20:26", "2017-11-28T21:17")
    ordinary = share_of_complaints("spotify_2017.jsonl.gz", "spotify", "2017-11-21", "2017-11-28")
    assert outage > 0.65
    assert ordinary < 0.35


def test_in_a_quiet_week_few_posts_are_complaints() -> None:
    assert share_of_complaints("apple_quiet_2018.jsonl.gz", "apple") < 0.15
