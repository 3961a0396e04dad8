"""``groundswell train``: ask for a retraining, watch it, and see the decision with its figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from domain.label import Label
from domain.model_version import ModelVersion
from domain.retraining import Retraining
from models.corpus import LabelledPost
from settings import Settings
from tests.commands.test_cli import Groundswell, groundswell
from tests.models.slang import HONEST, ONE_HOSTILE, champion, core, corpus, labels, learn
from workers.house import House

__all__ = ["groundswell"]  # the fixture is the same


def write(folder: Path, posts: Sequence[LabelledPost]) -> Path:
    folder.mkdir()
    lines = [msgspec.json.encode(msgspec.structs.replace(post, file="")) for post in posts]
    (folder / "posts.jsonl").write_bytes(b"\n".join(lines))
    return folder


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house that the command works in, on a small corpus."""
    monkeypatch.setattr("workers.retraining.retrain", learn)
    monkeypatch.setattr("models.corpus.CORPUS", write(tmp_path / "corpus", corpus()))
    monkeypatch.setattr("models.corpus.CORE", write(tmp_path / "core", core()))
    house = House(Settings(var=tmp_path / "var"))
    house.prepare()
    house.versions.models.add(champion())
    house.versions.activate(champion().card.version, "test", datetime.now(UTC))
    return house


def told(house: House, given: Sequence[Label]) -> None:
    house.stores.labels.add_all(given)


def test_without_workers_the_command_retrains_by_itself(groundswell: Groundswell, house: House) -> None:
    told(house, labels(HONEST))
    outcome = groundswell("train")
    assert (outcome.code, outcome.err) == (0, "")
    (kept,) = house.stores.retrainings.find(most=9)
    assert (kept.asked_by, kept.state) == ("groundswell train", "promoted")
    assert house.stores.models.active() == kept.challenger
    assert "promoted: better beyond chance" in outcome.out
    assert f"{kept.challenger} was held against {kept.champion}" in outcome.out


def test_every_figure_is_a_row(groundswell: Groundswell, house: House) -> None:
    told(house, labels(HONEST))
    rows = groundswell("train").out.splitlines()
    assert re.match(r"on +measure +of +posts +champion +challenger +gain", rows[0])
    assert any(re.match(r"newest labels +surprise \(less is better\) +all +100 ", row) for row in rows)
    assert any(re.match(r"core set +judged right +\w+ +\d+ ", row) for row in rows)
    assert max(map(len, rows)) <= 120


def test_people_who_are_set_aside_are_named(groundswell: Groundswell, house: House) -> None:
    told(house, labels(ONE_HOSTILE))
    outcome = groundswell("train")
    assert outcome.code == 0
    assert re.search(r"^held: \d+% of the new verdicts", outcome.out, re.MULTILINE)
    assert re.search(r"^set aside: mal \(\d+ of \d+ verdicts contradict", outcome.out, re.MULTILINE)
    assert house.stores.models.active() == champion().card.version


def test_without_labels_the_refusal_is_told(groundswell: Groundswell, house: House) -> None:
    outcome = groundswell("train")
    assert outcome.code == 0
    assert outcome.out.startswith("refused: too few posts")


def test_a_retraining_that_failed_is_told_by_the_status_too(
    groundswell: Groundswell, house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told(house, labels(HONEST))
    (tmp_path / "core" / "posts.jsonl").write_text("nonsense\n")
    outcome = groundswell("train")
    assert outcome.code == 1
    assert "failed: posts.jsonl, line 1" in outcome.out


def test_one_that_is_under_way_is_watched_instead(groundswell: Groundswell, house: House) -> None:
    assert house.stores.retrainings.begin(Retraining("ret_1", "ann", datetime.now(UTC)))
    outcome = groundswell("train")
    assert "a retraining that ann asked for is under way" in outcome.err
    assert [one.id for one in house.stores.retrainings.find(most=9)] == ["ret_1"]
    assert house.stores.retrainings.under_way() is None


def test_the_shipped_classifier_is_trained_from_the_corpus_alone(
    groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def train_shipped(folder: Path, **_: object) -> ModelVersion:
        asked.append(folder)
        return champion()

    monkeypatch.setattr("models.training.train_shipped", train_shipped)
    outcome = groundswell("train", "--shipped")
    assert outcome.out.startswith(f"classifier {champion().card.version}\n")
    assert re.search(r"^  macro_f1 +\d\.\d{3}$", outcome.out, re.MULTILINE)
    assert [folder.name for folder in asked] == ["corpus"]
