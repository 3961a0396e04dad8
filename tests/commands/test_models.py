"""``groundswell models``: list the versions, choose one, go back, bring one in."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.model_version import ModelVersion
from models.shipped import shipped_version, write
from settings import Settings
from tests.commands.test_cli import Groundswell, assert_refused, groundswell
from tests.models.slang import champion
from tests.workers.test_versions import HOSTILE
from workers.house import House

__all__ = ["groundswell"]  # the fixture is the same

FIRST, OTHER = shipped_version().card.version, champion().card.version


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A version that was trained elsewhere, as a file with its card."""
    write(champion(), tmp_path / "elsewhere")
    return tmp_path / "elsewhere" / "classifier.skops"


def active(tmp_path: Path) -> str | None:
    return House(Settings(var=tmp_path / "var")).stores.models.active()


def test_a_version_of_elsewhere_is_kept_then_chosen_then_left(
    groundswell: Groundswell, file: Path, tmp_path: Path
) -> None:
    kept = groundswell("models", "import", file)
    assert (kept.code, kept.err) == (0, "")
    assert kept.out.startswith(f"{OTHER} is kept")
    assert active(tmp_path) == FIRST
    assert groundswell("models", "activate", OTHER).out == f"{OTHER} counts now\n"
    assert active(tmp_path) == OTHER
    rows = groundswell("models").out.splitlines()[1:]
    assert {row.split()[0] for row in rows} == {"*", FIRST}
    assert any(row.startswith("*") and OTHER in row and "by hand" in row for row in rows)
    assert groundswell("models", "rollback").out == f"{FIRST} counts now\n"
    assert active(tmp_path) == FIRST


def test_there_is_nothing_before_the_first(groundswell: Groundswell) -> None:
    assert_refused(groundswell("models", "rollback"), "nothing to go back to", FIRST)


def test_an_unknown_version_is_refused(groundswell: Groundswell) -> None:
    assert_refused(groundswell("models", "activate", "nothing"), "no version nothing", "groundswell models")


def test_a_missing_file_and_one_without_a_card_are_named(groundswell: Groundswell, file: Path) -> None:
    assert_refused(groundswell("models", "import", file.with_name("nothing.skops")), "nothing.skops")
    file.with_name("card.json").unlink()
    assert_refused(groundswell("models", "import", file), str(file), "card.json")


def test_a_hostile_file_is_refused_by_name_and_the_champion_stays(
    groundswell: Groundswell, file: Path, tmp_path: Path
) -> None:
    write(HOSTILE, file.parent)
    assert_refused(
        groundswell("models", "import", file), str(file), HOSTILE.card.version, "not trusted: os.system"
    )
    assert active(tmp_path) == FIRST


def test_a_version_that_is_damaged_in_the_database_is_refused(
    groundswell: Groundswell, tmp_path: Path
) -> None:
    house = House(Settings(var=tmp_path / "var"))
    house.prepare()
    house.stores.models.add(ModelVersion(champion().card, champion().body[:-9]))
    assert_refused(groundswell("models", "activate", OTHER), f"{OTHER} is refused", "SHA-256 differs")
    assert active(tmp_path) == FIRST
