"""The classifier tells first-hand complaints from the rest, whatever it is given."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from domain.mention import Kind, Mention, Naming, Symptom, Tag, Via
from domain.model_version import ModelCard
from domain.post import Post
from models.decision import kind_of
from models.model_file import load, load_file, load_shipped, version_of
from models.shipped import ModelRefused, shipped_version

SHARED = Path(__file__).parents[3] / "shared" / "data" / "streams"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


SHIPPED = load_shipped()


def mention(text: str, *services: str, official: bool = False, is_repost: bool = False) -> Mention:
    post = Post("test", "1", text, NOON, is_repost=is_repost)
    return Mention(
        post,
        tuple(Naming(one, Via.NAME) for one in services or ("spotify",)),
        "spotify" if official else None,
    )


def tag(text: str, service: str = "spotify", *, official: bool = False, is_repost: bool = False) -> Tag:
    return SHIPPED.tag([mention(text, service, official=official, is_repost=is_repost)])[0].tags[0]


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
    tagged = SHIPPED.tag(
        [mention("imessage and facetime both dead", "imessage", "facetime"), mention("hello")]
    )
    assert [[one.service for one in each.tags] for each in tagged] == [["imessage", "facetime"], ["spotify"]]


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


# --- the file ---


def card_for(body: bytes) -> ModelCard:
    """A card that speaks of these bytes, whatever they are."""
    card = shipped_version().card
    return msgspec.structs.replace(card, version=version_of(body, card.trained_at))


def refusal(body: bytes, card: ModelCard | None = None) -> str:
    with pytest.raises(ModelRefused) as refused:
        load(body, card or card_for(body))
    return str(refused.value)


def test_the_shipped_model_is_small_and_names_its_data() -> None:
    shipped = shipped_version()
    assert len(shipped.body) < 3 * 2**20
    assert shipped.card.version == SHIPPED.version
    assert all(name.endswith(".jsonl") and posts > 0 for name, posts in shipped.card.data.items())


def test_bytes_that_are_not_the_cards_are_refused() -> None:
    shipped = shipped_version()
    assert "SHA-256 differs" in refusal(shipped.body + b"x", shipped.card)


def test_damaged_bytes_are_refused() -> None:
    body = shipped_version().body
    for damaged in (b"", b"nonsense", body[: len(body) // 2], b"PK\x03\x04" + bytes(100)):
        assert "no skops file, or damaged" in refusal(damaged)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_flipped_byte_is_refused_or_harmless_but_never_another_error(data: st.DataObject) -> None:
    body = bytearray(shipped_version().body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        load(bytes(body), card_for(bytes(body)))
    except ModelRefused as refused:
        assert str(refused)  # noqa: PT017 - a flip may also fall into the archive's padding, and do no harm


def test_foreign_objects_are_refused_by_name() -> None:
    foreign = skops.io.dumps(LinearRegression().fit(np.eye(2), [0, 1]))
    assert "LinearRegression" in refusal(foreign)


def test_a_hostile_type_is_refused_before_anything_is_built() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        hostile = {"__class__": "system", "__module__": "os", "__loader__": "TypeNode", "__id__": 1}
        archive.writestr("schema.json", json.dumps({**hostile, "protocol": 2, "_skops_version": "0.16"}))
    assert "os.system" in refusal(packed.getvalue())


def test_a_swollen_archive_is_refused_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * (65 * 2**20))
    assert "larger than 64 MB" in refusal(packed.getvalue())


def test_a_model_of_other_parts_is_refused() -> None:
    assert "damaged" in refusal(skops.io.dumps({"words": np.array(["a"])}))


def test_a_library_of_another_age_is_refused_by_name_and_a_near_one_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shipped = shipped_version()
    old = msgspec.structs.replace(
        shipped.card, libraries={**shipped.card.libraries, "scikit-learn": "0.24.2"}
    )
    assert "scikit-learn 0.24.2" in refusal(shipped.body, old)
    near = msgspec.structs.replace(
        shipped.card, libraries={**shipped.card.libraries, "scikit-learn": "1.0.0"}
    )
    load(shipped.body, near)
    assert "scikit-learn 1.0.0" in caplog.text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"classifier\.skops"):
        load_file(tmp_path / "classifier.skops")


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
