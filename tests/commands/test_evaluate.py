"""``groundswell evaluate``: one table of how well complaints are told from the rest."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from models.evaluating.baselines import tfidf
from models.evaluating.report import Report
from settings import Settings
from tests.commands.test_cli import Groundswell, assert_refused, groundswell
from tests.commands.test_train import write
from tests.models.public_data import public_data, use_labels
from tests.models.slang import champion, core, corpus
from workers.house import House

__all__ = ["groundswell"]  # the fixture is the same


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house that the command works in: a small corpus, two folds, no ground, and a quick fastText."""
    monkeypatch.setattr("models.corpus.CORPUS", write(tmp_path / "corpus", corpus()))
    monkeypatch.setattr("models.corpus.CORE", write(tmp_path / "core", core()))
    monkeypatch.setattr("models.ground.load_ground", lambda: None)
    monkeypatch.setattr("models.evaluating.folds.FOLDS", 2)
    monkeypatch.setattr("models.evaluating.baselines.fasttext", tfidf)
    house = House(Settings(var=tmp_path / "var"))
    house.prepare()
    house.versions.models.add(champion())
    house.versions.activate(champion().card.version, "test", datetime.now(UTC))
    return house


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_labels(monkeypatch, tmp_path / "ours")
    return public_data(tmp_path / "public")


def test_without_real_posts_the_table_holds_ours_and_says_how_to_get_the_rest(
    groundswell: Groundswell,
) -> None:
    outcome = groundswell("evaluate")
    assert outcome.code == 0
    rows = [row.rstrip() for row in outcome.out.splitlines()]
    assert re.match(r"on +posts +complaints +AUC +AP +F1 +ECE +keyword +TF-IDF +fastText", rows[0])
    assert "core set" in rows
    assert any(re.match(r"  all +200 +\d+( +\d\.\d{3}){5} +- ", row) for row in rows)
    assert any(re.match(r"  English +100 ", row) for row in rows)
    assert any(re.match(r"complaint ranked above twin +0 ", row) for row in rows)
    assert "--data FOLDER" in outcome.out
    assert f"judged by the model {champion().card.version}" in outcome.out


def test_what_is_under_way_is_told_on_standard_error(groundswell: Groundswell) -> None:
    assert groundswell("evaluate").err == "reading the posts\nthe corpus, held out\n"


def test_real_posts_have_their_rows_and_the_table_fits_a_terminal(
    groundswell: Groundswell, data: Path
) -> None:
    outcome = groundswell("evaluate", "--data", data)
    assert outcome.code == 0
    rows = outcome.out.splitlines()
    for of in ("ten folds", "trade held out", "semeval2017", "semeval2017, sure", "spotify_2017"):
        assert any(re.match(rf"  {of} +\d+ ", row) for row in rows), of
    assert len([row for row in rows if re.match(r" +F1 \d\.\d{3}", row)]) == 2  # of complaints_acl19
    assert "the development half" in outcome.out
    assert "--data FOLDER" not in outcome.out
    assert max(map(len, rows)) <= 110


def test_the_test_half_is_shown_when_asked_for_with_a_word_of_warning(
    groundswell: Groundswell, data: Path
) -> None:
    outcome = groundswell("evaluate", "--data", data, "--test")
    assert "the test half" in outcome.out
    assert "to be looked at once" in outcome.out


def test_machines_get_one_object(groundswell: Groundswell, data: Path) -> None:
    report = msgspec.json.decode(groundswell("evaluate", "--data", data, "--json").out, type=Report)
    assert report.model == champion().card.version
    assert report.half == "development"
    assert {row.block for row in report.rows} >= {"corpus", "core set", "complaints_acl19", "streams"}


def test_without_floret_the_column_says_so_and_the_foot_how_to_mend_it(
    groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("written", "report"):
        monkeypatch.setattr(f"models.evaluating.{user}.fasttext_if_there", dict)
    told = groundswell("evaluate").out
    assert "not installed" in told.split("core set")[0]
    assert "pip install floret==" in told


def test_the_test_half_without_a_folder_is_refused(groundswell: Groundswell) -> None:
    assert_refused(groundswell("evaluate", "--test"), "--test", "--data")


def test_a_folder_without_the_data_is_refused(groundswell: Groundswell, tmp_path: Path) -> None:
    assert_refused(
        groundswell("evaluate", "--data", tmp_path / "nothing"),
        "complaints_acl19.jsonl.gz",
        "labels/ and streams/",
    )
