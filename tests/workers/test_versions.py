"""Which version counts may be chosen by hand, and nothing bad can be chosen or brought in."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.activation import Activation, NothingBefore, Why
from domain.model_version import ModelVersion
from models.model_file import version_of
from models.shipped import ModelRefused
from storage.memory_models import MemoryModels
from tests.models.people import NOON
from tests.models.slang import SERVICES, champion
from workers.versions import Versions

LATER = NOON + timedelta(minutes=5)
FIRST = champion().card.version


def rebuilt(body: bytes, **card: object) -> ModelVersion:
    """A version whose name fits its bytes, whatever these are."""
    return ModelVersion(
        replace(champion().card, version=version_of(body, champion().card.trained_at), **card), body
    )


def hostile_body() -> bytes:
    """The champion's file, in which one array would be built by calling the system."""
    packed_again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(champion().body)) as packed, zipfile.ZipFile(packed_again, "w") as evil:
        for name in packed.namelist():
            content = packed.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                schema["content"]["features"] = {
                    "__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": "x",
                }  # fmt: skip
                content = json.dumps(schema).encode()
            evil.writestr(name, content)
    return packed_again.getvalue()


DAMAGED = replace(champion(), body=champion().body[:-100])
FOREIGN = rebuilt(b"GGUF" + bytes(100))
HOSTILE = rebuilt(hostile_body())
OTHER_LIBRARY = rebuilt(
    champion().body + b"\0", libraries=champion().card.libraries | {"scikit-learn": "0.1"}
)
BAD = [
    (DAMAGED, "SHA-256 differs"),
    (FOREIGN, "no skops file"),
    (HOSTILE, r"not trusted: os\.system"),
    (OTHER_LIBRARY, "trained with scikit-learn 0.1"),
]
IDS = ["damaged", "foreign", "hostile", "another library"]


@pytest.fixture
def models() -> MemoryModels:
    models = MemoryModels()
    models.add(champion())
    models.activate(FIRST, NOON, why=Why.SHIPPED)
    return models


@pytest.fixture
def versions(models: MemoryModels) -> Versions:
    return Versions(models, SERVICES)


@pytest.fixture
def second(models: MemoryModels) -> str:
    """A second version that is well."""
    day = champion().card.trained_at + timedelta(days=1)
    card = replace(champion().card, trained_at=day, version=version_of(champion().body, day))
    models.add(ModelVersion(card, champion().body))
    return card.version


def test_a_version_is_activated_under_the_name_of_who_chose_it(
    models: MemoryModels, versions: Versions, second: str
) -> None:
    chosen = versions.activate(second, "ada", LATER)
    assert chosen == Activation(second, LATER, Why.BY_HAND, "ada")
    assert models.activations()[-1] == chosen
    assert models.active() == second


def test_going_back_leads_to_the_version_before_and_no_further_than_the_first(
    models: MemoryModels, versions: Versions, second: str
) -> None:
    versions.activate(second, "ada", LATER)
    assert versions.roll_back("ben", LATER) == Activation(FIRST, LATER, Why.ROLLBACK, "ben")
    with pytest.raises(NothingBefore, match=FIRST):
        versions.roll_back("ben", LATER)
    assert models.active() == FIRST


def test_an_unknown_version_is_none(versions: Versions) -> None:
    with pytest.raises(KeyError, match="nothing"):
        versions.activate("nothing", "ada", LATER)


@pytest.mark.parametrize(("bad", "why"), BAD, ids=IDS)
def test_a_bad_version_is_refused_by_name_and_the_champion_stays(
    models: MemoryModels, versions: Versions, bad: ModelVersion, why: str
) -> None:
    kept = replace(bad, card=replace(bad.card, version="kept")) if bad is DAMAGED else bad
    models.add(kept)
    with pytest.raises(ModelRefused, match=f"{kept.card.version} is refused: .*{why}"):
        versions.activate(kept.card.version, "ada", LATER)
    assert models.active() == FIRST
    assert len(models.activations()) == 1


@pytest.mark.parametrize(("bad", "why"), BAD, ids=IDS)
def test_a_bad_file_is_not_taken_in(
    models: MemoryModels, versions: Versions, bad: ModelVersion, why: str
) -> None:
    with pytest.raises(ModelRefused, match=why):
        versions.take_in(bad)
    assert [card.version for card in models.cards()] == [FIRST]


def test_a_version_that_became_bad_is_not_gone_back_to(
    models: MemoryModels, versions: Versions, second: str
) -> None:
    models.add(FOREIGN)
    models.activate(FOREIGN.card.version, NOON)
    versions.activate(second, "ada", LATER)
    with pytest.raises(ModelRefused, match=FOREIGN.card.version):
        versions.roll_back("ada", LATER)
    assert models.active() == second


def test_a_version_of_elsewhere_is_kept_and_does_not_count_yet(versions: Versions) -> None:
    other = MemoryModels()
    assert Versions(other, SERVICES).take_in(champion()) == champion().card
    assert other.get(FIRST) == champion()
    assert other.active() is None
