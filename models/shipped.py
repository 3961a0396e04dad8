"""Models as files, not yet loaded: a process that tags nothing need not know what they are made of."""

from __future__ import annotations

from pathlib import Path

import msgspec

from domain.model_version import ModelCard, ModelVersion

SHIPPED = Path(__file__).parent.parent / "data" / "model"


class ModelRefused(ValueError):
    """Bytes that are not used as a classifier; the sentence says why."""


def shipped_version() -> ModelVersion:
    """The bytes and the card that come with Groundswell, as they are kept in a store."""
    return read(SHIPPED / "classifier.skops")


def read(path: Path) -> ModelVersion:
    """A model's bytes and the card beside them (``card.json``), not yet loaded."""
    card_path = path.with_name("card.json")
    try:
        body, text = path.read_bytes(), card_path.read_bytes()
    except OSError as problem:
        raise ModelRefused(f"cannot read {problem.filename}: {problem.strerror}") from problem
    try:
        return ModelVersion(msgspec.json.decode(text, type=ModelCard), body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ModelRefused(f"{card_path.name} is not a model card: {problem}") from problem


def write(model: ModelVersion, folder: Path) -> None:
    """Keep a model in a folder, as ``read`` finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "classifier.skops").write_bytes(model.body)
    card = msgspec.json.format(msgspec.json.encode(model.card, order="deterministic"), indent=2)
    (folder / "card.json").write_bytes(card + b"\n")
