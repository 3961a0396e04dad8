"""A model's bytes are loaded if they are a model of ours, whole and sound; all others are refused by name."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, LogisticRegression

from domain.mention import KINDS
from domain.model_version import ModelCard
from models.features import FEATURES, Features, Reading, Vocabulary
from models.learner import Weights
from models.model_file import installed, load, load_file, load_shipped, save, version_of
from models.shipped import ModelRefused, shipped_version
from models.signs import SIGNS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HERE = installed()
WORDS, PIECES = ["down", "is", "is down"], ["<dow", "own>"]
COLUMNS = len(WORDS) + len(PIECES) + len(SIGNS)


def small() -> tuple[Features, Weights]:
    chance = np.random.default_rng(1)
    features = Features(
        Vocabulary(WORDS, chance.uniform(1, 5, len(WORDS))),
        Vocabulary(PIECES, chance.uniform(1, 5, len(PIECES))),
    )
    return features, Weights(chance.normal(size=(len(KINDS), COLUMNS)), chance.normal(size=len(KINDS)))


def card_for(body: bytes) -> ModelCard:
    """A card that speaks of these bytes, whatever they are."""
    return ModelCard(version_of(body, NOON), NOON, data={"a.jsonl": 1}, figures={}, libraries=HERE)


def refusal(body: bytes, card: ModelCard | None = None) -> str:
    with pytest.raises(ModelRefused) as refused:
        load(body, card or card_for(body))
    return str(refused.value)


# --- there and back ---


def test_a_model_comes_back_as_it_was() -> None:
    features, weights = small()
    body = save(features, weights)
    loaded = load(body, card_for(body))
    assert loaded.features.of_words.grams == WORDS
    assert loaded.features.of_pieces.grams == PIECES
    readings = [Reading(["is", "down"], [0.5] * len(SIGNS)), Reading([], [0.0] * len(SIGNS), ["down"])]
    rows = features.rows(readings)
    assert loaded.weights.logits(loaded.features.rows(readings)) == pytest.approx(
        weights.logits(rows), abs=1e-5
    )


def test_equal_models_have_equal_bytes_and_others_have_others() -> None:
    features, weights = small()
    assert save(features, weights) == save(*small())
    assert save(features, Weights(weights.of_features, weights.bias + 1)) != save(features, weights)


def test_a_model_without_any_n_gram_has_its_signs_still() -> None:
    empty = Features(Vocabulary([], np.zeros(0)), Vocabulary([], np.zeros(0)))
    body = save(empty, Weights(np.zeros((5, len(SIGNS))), np.zeros(5)))
    assert load(body, card_for(body)).features.count == len(SIGNS)


def test_a_version_is_named_for_its_day_and_its_bytes() -> None:
    assert version_of(b"", NOON) == "2026-01-05-e3b0c442"


def test_the_shipped_model_is_small_and_names_its_data() -> None:
    shipped = shipped_version()
    assert len(shipped.body) < 3 * 2**20
    assert shipped.card.version == load_shipped().version
    assert all(name.endswith(".jsonl") and posts > 0 for name, posts in shipped.card.data.items())


# --- what is refused before anything is built ---


def test_bytes_that_are_not_the_cards_are_refused() -> None:
    shipped = shipped_version()
    assert "SHA-256 differs" in refusal(shipped.body + b"x", shipped.card)


def test_damaged_bytes_are_refused() -> None:
    body = save(*small())
    for damaged in (
        b"",
        b"nonsense",
        body[: len(body) // 2],
        body[:-1],
        b"PK\x03\x04" + bytes(100),
    ):
        assert "no skops file, or damaged" in refusal(damaged)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_flipped_bit_is_refused_or_harmless_but_never_another_error(data: st.DataObject) -> None:
    body = bytearray(save(*small()))
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    loads_or_is_refused(bytes(body))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_file_cut_off_or_patched_anywhere_is_refused_or_harmless(data: st.DataObject) -> None:
    body = save(*small())
    start = data.draw(st.integers(0, len(body)))
    loads_or_is_refused(
        body[:start] + data.draw(st.binary(max_size=40)) + body[start + data.draw(st.integers(0, 40)) :]
    )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_refused(body: bytes) -> None:
    assert refusal(body)


def loads_or_is_refused(body: bytes) -> None:
    try:
        load(body, card_for(body))
    except ModelRefused as refused:
        assert str(refused)  # noqa: PT017 - a change may also fall into the archive's padding, and do no harm


FOREIGN = [LinearRegression().fit(np.eye(2), [0, 1]), LogisticRegression().fit(np.eye(2), [0, 1])]


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda one: type(one).__name__)
def test_objects_of_other_libraries_are_refused_by_name(foreign: object) -> None:
    assert type(foreign).__name__ in refusal(skops.io.dumps(foreign))
    assert type(foreign).__name__ in refusal(skops.io.dumps({"words": foreign}))


def packed(schema: object, **files: bytes) -> bytes:
    """An archive as skops would write it, of whatever one likes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as entries:
        for name, content in files.items():
            entries.writestr(f"{name}.npy", content)
        entries.writestr("schema.json", json.dumps(schema))
    return archive.getvalue()


def node(loader: str, module: str, name: str, **more: object) -> dict[str, object]:
    return {
        "__class__": name,
        "__module__": module,
        "__loader__": loader,
        "protocol": 2,
        "_skops_version": "0.16.0",
    } | more


HOSTILE = [
    (node("TypeNode", "os", "system"), "os.system"),
    (node("FunctionNode", "builtins", "eval", content={}), "builtins.eval"),
    (node("ObjectNode", "subprocess", "Popen", content=None), "subprocess.Popen"),
    (
        node("DictNode", "builtins", "dict", content={"a": node("TypeNode", "posix", "system")}),
        "posix.system",
    ),
    (
        node("ListNode", "builtins", "list", content=[[{"x": node("TypeNode", "shutil", "rmtree")}]]),
        "shutil.rmtree",
    ),
    (node("JsonNode", "numpy.random", "default_rng", content="1"), "numpy.random.default_rng"),
    (node("TypeNode", "builtins.dict", "update"), "builtins.dict.update"),
]


@pytest.mark.parametrize(("schema", "name"), HOSTILE, ids=[name for _, name in HOSTILE])
def test_a_hostile_type_is_refused_by_name_however_deep_it_stands(schema: object, name: str) -> None:
    assert f"not trusted: {name}" in refusal(packed(schema))


def test_a_trusted_name_with_another_loader_builds_nothing_of_its_own() -> None:
    method = node(
        "MethodNode", "builtins", "dict", content={"obj": node("DictNode", "builtins", "dict"), "func": "x"}
    )
    function = node("FunctionNode", "builtins", "dict", content={"module_path": "os", "function": "system"})
    for schema in (method, function, node("NoSuchNode", "builtins", "dict")):
        assert "damaged" in refusal(packed(schema))


def test_a_swollen_archive_is_refused_unread() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as entries:
        entries.writestr("schema.json", b" " * (65 * 2**20))
    assert len(archive.getvalue()) < 2**20
    assert "larger than 64 MB" in refusal(archive.getvalue())


def test_an_archive_swollen_by_many_files_is_refused_too() -> None:
    zeros = bytes(22 * 2**20)
    assert "larger than 64 MB" in refusal(packed({}, a=zeros, b=zeros, c=zeros))


def test_an_array_that_promises_more_than_it_holds_is_refused() -> None:
    def promising(parts: dict[str, object]) -> None:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f8", "fortran_order": False, "shape": (10**15,)}
        )
        parts["bias"] = header.getvalue()

    assert "damaged" in refusal(forged(promising))


def test_lists_that_hold_one_another_twice_are_refused_before_they_multiply() -> None:
    nested: dict[str, object] = node("JsonNode", "builtins", "str", content='"x"', __id__=1)
    for number in range(2, 42):
        again = node("CachedNode", "builtins", "list", __id__=nested["__id__"])
        nested = node("ListNode", "builtins", "list", content=[nested, again], __id__=number)
    assert "stands in two places" in refusal(packed(nested))


def test_lists_nested_without_end_are_refused() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as entries:
        entries.writestr("schema.json", deep)
    assert "damaged" in refusal(archive.getvalue())


@pytest.mark.parametrize("schema", [[], None, "x", 7, {}, [[{}]], {"__id__": "a"}, {"__id__": [1]}])
def test_a_schema_of_another_form_is_refused(schema: object) -> None:
    assert "damaged" in refusal(packed(schema))


# --- what is built, and then found wanting ---


def forged(change: Callable[[dict[str, object]], None]) -> bytes:
    """A sound model's bytes after a change to its parts; bytes among them stand for an array's file."""
    features, weights = small()
    parts: dict[str, object] = {
        "features": FEATURES,
        "words": np.array(WORDS),
        "word_weights": features.of_words.weights,
        "pieces": np.array(PIECES),
        "piece_weights": features.of_pieces.weights,
        "kinds": [kind.value for kind in KINDS],
        "of_features": weights.of_features.astype(np.float32),
        "bias": weights.bias,
    }
    change(parts)
    raw = {name: part for name, part in parts.items() if isinstance(part, bytes)}
    body = skops.io.dumps(parts | dict.fromkeys(raw, np.zeros(5)))
    if not raw:
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    content = json.loads(files["schema.json"])["content"]
    files |= {content[name]["file"]: part for name, part in raw.items()}
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as archive:
        for entry, part in files.items():
            archive.writestr(entry, part)
    return again.getvalue()


def test_the_model_that_is_forged_here_is_sound_if_nothing_is_changed() -> None:
    body = forged(lambda parts: None)
    assert load(body, card_for(body)).version == version_of(body, NOON)


NAN, HUGE = np.full(5, np.nan), np.full(5, 1e300)
WRONG = [
    ("features", FEATURES + 1, f"reads features {FEATURES + 1}, this version {FEATURES}: train it again"),
    ("features", "2", "reads features 2"),
    ("features", np.array([2, 2]), "damaged"),
    ("words", np.array([1.0, 2.0, 3.0]), "vocabulary is no array of texts"),
    ("words", WORDS, "vocabulary is no array of texts"),
    ("words", np.array([WORDS]), "vocabulary is no array of texts"),
    ("words", np.array(WORDS, dtype=object), "vocabulary is no array of texts"),
    ("words", np.array(WORDS[:2]), "n-grams' weights do not fit"),
    ("pieces", np.array(["a", "b", "c"]), "n-grams' weights do not fit"),
    ("pieces", "<dow", "vocabulary is no array of texts"),
    ("word_weights", np.array([1.0, np.nan, 1.0]), "n-grams' weights are not all numbers of a sound size"),
    ("word_weights", np.array([1.0, np.inf, 1.0]), "n-grams' weights are not all numbers of a sound size"),
    ("word_weights", np.array(["1", "2", "3"]), "n-grams' weights are no array of numbers"),
    ("piece_weights", np.ones((2, 1)), "n-grams' weights do not fit"),
    ("piece_weights", [1.0, 1.0], "n-grams' weights are no array of numbers"),
    ("kinds", ["complaint", "echo"], "does not know the five kinds"),
    ("kinds", [kind.value for kind in reversed(KINDS)], "does not know the five kinds"),
    ("of_features", np.zeros((len(KINDS), COLUMNS - 1)), "weights do not fit its features"),
    ("of_features", np.zeros((len(KINDS) + 1, COLUMNS)), "weights do not fit its features"),
    ("of_features", np.zeros((COLUMNS, len(KINDS))), "weights do not fit its features"),
    ("of_features", np.full((len(KINDS), COLUMNS), np.nan), "weights are not all numbers of a sound size"),
    ("of_features", np.full((len(KINDS), COLUMNS), -np.inf), "weights are not all numbers of a sound size"),
    ("of_features", np.zeros((len(KINDS), COLUMNS), dtype=complex), "weights are no array of numbers"),
    ("of_features", np.zeros((len(KINDS), COLUMNS), dtype=bool), "weights are no array of numbers"),
    ("of_features", {"rows": 5}, "weights are no array of numbers"),
    ("bias", NAN, "biases are not all numbers of a sound size"),
    ("bias", HUGE, "biases are not all numbers of a sound size"),
    ("bias", np.zeros(4), "biases do not fit its features"),
    ("bias", 0.0, "biases are no array of numbers"),
    ("bias", b"no array", "damaged"),
    ("bias", b"", "damaged"),
    ("words", b"\x93NUMPY\x01\x00\xff\xff", "damaged"),
]


@pytest.mark.parametrize(("part", "instead", "reason"), WRONG, ids=range(len(WRONG)))
def test_a_part_of_another_sort_shape_or_size_is_refused_by_name(
    part: str, instead: object, reason: str
) -> None:
    def changed(parts: dict[str, object]) -> None:
        parts[part] = instead

    assert reason in refusal(forged(changed))


@pytest.mark.parametrize(
    "part", ["features", "words", "word_weights", "pieces", "kinds", "of_features", "bias"]
)
def test_a_missing_part_is_named(part: str) -> None:
    def without(parts: dict[str, object]) -> None:
        del parts[part]

    assert f"damaged: KeyError: '{part}'" in refusal(forged(without))


def test_an_array_of_python_objects_is_never_unpickled() -> None:
    def pickled(parts: dict[str, object]) -> None:
        array = io.BytesIO()
        np.save(array, np.array([print] * 5, dtype=object), allow_pickle=True)
        parts["bias"] = array.getvalue()

    assert "allow_pickle=False" in refusal(forged(pickled))


# --- the card and the libraries ---


def test_a_library_of_another_age_is_refused_by_name_and_a_near_one_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = save(*small())
    card = card_for(body)
    old = msgspec.structs.replace(card, libraries={**card.libraries, "scikit-learn": "0.24.2"})
    assert "scikit-learn 0.24.2" in refusal(body, old)
    near = msgspec.structs.replace(card, libraries={**card.libraries, "scikit-learn": "1.0.0"})
    load(body, near)
    assert "scikit-learn 1.0.0" in caplog.text


def test_a_card_that_names_no_library_is_refused() -> None:
    body = save(*small())
    assert "scikit-learn none" in refusal(body, msgspec.structs.replace(card_for(body), libraries={}))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"classifier\.skops"):
        load_file(tmp_path / "classifier.skops")


@pytest.mark.parametrize(
    "card", [b'{"version": 7}', b"", b'{"version": "\xff"}', b"[" * 100_000], ids=range(4)
)
def test_a_card_that_is_none_is_refused(tmp_path: Path, card: bytes) -> None:
    (tmp_path / "classifier.skops").write_bytes(save(*small()))
    (tmp_path / "card.json").write_bytes(card)
    with pytest.raises(ModelRefused, match=r"card\.json is not a model card"):
        load_file(tmp_path / "classifier.skops")
