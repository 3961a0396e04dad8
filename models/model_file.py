"""A classifier as bytes, and back: equal bytes for equal models, and nothing loaded that is not ours."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version as library_version
from pathlib import Path

import numpy as np
import skops.io

from domain.mention import KINDS
from domain.model_version import ModelCard
from domain.service import Service
from models.classifier import Classifier
from models.features import FEATURES, Features, Vocabulary
from models.learner import Floats, Weights
from models.shipped import SHIPPED, ModelRefused, read

LIBRARIES = ("scikit-learn", "skops", "spacy", "numpy")

_LARGEST = 64 * 2**20  # bytes, unpacked; the shipped model has about 20 MB
_LARGEST_NUMBER = 1e6  # a weight beyond it is an accident; those of the shipped model are below 20
# All that a model of ours is made of. skops would trust far more by itself.
_TRUSTED_TYPES = """
builtins.dict builtins.str builtins.int builtins.float builtins.bool builtins.list builtins.tuple
numpy.ndarray
"""
# What bytes that are no archive of ours make Python's own readers raise.
_NO_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
_log = logging.getLogger("groundswell.models")


def save(features: Features, weights: Weights) -> bytes:
    """A classifier's bytes; equal classifiers have equal bytes.

    Weights of 32 bits take half the room, and give the same answers.
    """
    body = skops.io.dumps(
        {
            "features": FEATURES,
            "words": np.array(features.of_words.grams, dtype=np.str_),  # also if there are none
            "word_weights": features.of_words.weights,
            "pieces": np.array(features.of_pieces.grams, dtype=np.str_),
            "piece_weights": features.of_pieces.weights,
            "kinds": [kind.value for kind in KINDS],
            "of_features": weights.of_features.astype(np.float32),
            "bias": weights.bias,
        }
    )
    return _same_for_equals(body)


def version_of(body: bytes, trained_at: datetime) -> str:
    """The name of a model: the day of its training and the start of its bytes' SHA-256."""
    return f"{trained_at:%Y-%m-%d}-{hashlib.sha256(body).hexdigest()[:8]}"


def installed() -> dict[str, str]:
    """The libraries that a model depends on, with the versions that are here."""
    return {name: library_version(name) for name in LIBRARIES}


def load(body: bytes, card: ModelCard, services: Iterable[Service] = ()) -> Classifier:
    """The classifier in ``body``. Raises ``ModelRefused`` for damaged or foreign bytes, or another card's."""
    if version_of(body, card.trained_at) != card.version:
        raise ModelRefused(
            f"the bytes are not those of {card.version}: their SHA-256 differs; train or fetch it again"
        )
    _check_libraries(card)
    _check_trusted(body)
    features, weights = _unpack(body)
    return Classifier(features, weights, card, services)


def load_file(path: Path, services: Iterable[Service] = ()) -> Classifier:
    """The classifier in a file, beside which stands its card."""
    model = read(path)
    return load(model.body, model.card, services)


def load_shipped(services: Iterable[Service] = ()) -> Classifier:
    """The classifier that comes with Groundswell."""
    return load_file(SHIPPED / "classifier.skops", services)


def _check_libraries(card: ModelCard) -> None:
    for name, here in installed().items():
        trained = card.libraries.get(name, "none")
        if trained.split(".")[0] != here.split(".")[0]:
            raise ModelRefused(
                f"{card.version} was trained with {name} {trained}, here is {here}: train it again"
            )
        if trained != here:
            _log.warning("model %s was trained with %s %s, here is %s", card.version, name, trained, here)


def _check_trusted(body: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
            schema = json.loads(packed.read("schema.json")) if unpacked <= _LARGEST else None
    except _NO_ARCHIVE as problem:
        raise ModelRefused(f"the bytes are no skops file, or damaged: {problem}") from problem
    if unpacked > _LARGEST:
        raise ModelRefused(f"the model is larger than {_LARGEST // 2**20} MB unpacked")
    parts = list(_parts_of(schema))
    named = {f"{part.get('__module__')}.{part['__class__']}" for part in parts if "__class__" in part}
    strange = named - set(_TRUSTED_TYPES.split())
    if strange:
        raise ModelRefused("the model holds types that are not trusted: " + ", ".join(sorted(strange)))
    _check_unshared(parts)


def _parts_of(schema: object) -> Iterator[dict[str, object]]:
    """The parts that a skops schema would build, however deep they stand."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _check_unshared(parts: Iterable[Mapping[str, object]]) -> None:
    """Refuse parts that stand in two places, if they hold others.

    Forty lists that each hold the next one twice are short to write, and would keep skops busy for years.
    """
    first: dict[object, Mapping[str, object]] = {}
    for part in parts:
        name = part.get("__id__")
        if name is None:
            continue
        if not isinstance(name, int):
            raise ModelRefused(f"the model is damaged: {name!r} is not the number of a part")
        before = first.setdefault(name, part)
        if before is not part and any(isinstance(one.get("content"), dict | list) for one in (part, before)):
            raise ModelRefused(f"the model's part {name} stands in two places")


def _unpack(body: bytes) -> tuple[Features, Weights]:
    try:
        parts = skops.io.loads(body, trusted=[])
        _check_features(parts["features"])
        features = Features(
            _vocabulary(parts["words"], parts["word_weights"]),
            _vocabulary(parts["pieces"], parts["piece_weights"]),
        )
        weights = _weights(parts, features)
    except ModelRefused:
        raise
    except Exception as problem:  # skops and numpy meet bad bytes with errors of every sort
        raise ModelRefused(f"the model is damaged: {type(problem).__name__}: {problem}") from problem
    return features, weights


def _check_features(made_with: object) -> None:
    if made_with != FEATURES:
        raise ModelRefused(f"the model reads features {made_with}, this version {FEATURES}: train it again")


def _vocabulary(grams: object, weights: object) -> Vocabulary:
    if not isinstance(grams, np.ndarray) or grams.dtype.kind != "U" or grams.ndim != 1:
        raise ModelRefused("the model's vocabulary is no array of texts")
    # The numbers first: they are as long as the file, where empty texts take no room in it.
    numbers = _numbers("n-grams' weights", weights, grams.shape)
    return Vocabulary(grams.tolist(), numbers)


def _weights(parts: Mapping[str, object], features: Features) -> Weights:
    if parts["kinds"] != [kind.value for kind in KINDS]:
        raise ModelRefused("the model does not know the five kinds")
    return Weights(
        _numbers("weights", parts["of_features"], (len(KINDS), features.count)),
        _numbers("biases", parts["bias"], (len(KINDS),)),
    )


def _numbers(what: str, found: object, shape: tuple[int, ...]) -> Floats:
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
        raise ModelRefused(f"the model's {what} are no array of numbers")
    if found.shape != shape:
        raise ModelRefused(f"the model's {what} do not fit its features")
    if not np.abs(found).max(initial=0) <= _LARGEST_NUMBER:  # which not-a-number isn't either
        raise ModelRefused(f"the model's {what} are not all numbers of a sound size")
    return found.astype(np.float64)


def _same_for_equals(body: bytes) -> bytes:
    """The same bytes wherever and whenever they were made: skops writes memory addresses and the time."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        schema = json.loads(packed.read("schema.json"))
        files: dict[str, str] = {}
        numbers: dict[int, int] = {}
        _renumber(schema, files, numbers)
        packed_again = io.BytesIO()
        with zipfile.ZipFile(packed_again, "w") as rewritten:
            for old, new in files.items():
                _add(rewritten, new, packed.read(old))
            _add(rewritten, "schema.json", json.dumps(schema, indent=1).encode())
    return packed_again.getvalue()


def _renumber(node: object, files: dict[str, str], numbers: dict[int, int]) -> None:
    if isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
        if isinstance(node.get("file"), str):
            node["file"] = files.setdefault(node["file"], f"{len(files) + 1}.npy")
        for part in node.values():
            _renumber(part, files, numbers)
    elif isinstance(node, list):
        for part in node:
            _renumber(part, files, numbers)


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, content, compresslevel=9)
