"""A retraining from the labels to its decision: what is promoted, and all that leaves the champion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
import pytest

from domain.label import Label
from domain.mention import Kind, Mention, Tag, TaggedMention
from domain.model_version import ModelCard, ModelVersion
from domain.retraining import Measure, Retraining, RetrainingState, Trial
from domain.service import Service
from models.classifier import Classifier
from models.corpus import CorpusError, LabelledPost
from models.model_file import load
from models.shipped import shipped_version
from storage.memory import MemoryStores
from tests.models.people import NOON
from tests.models.slang import (
    ALONE,
    HONEST,
    ONE_HOSTILE,
    SERVICES,
    champion,
    core,
    corpus,
    labels,
    learn,
)
from workers.asking import ask
from workers.retraining import Retrainer

TOMORROW = NOON + timedelta(days=1)


@dataclass
class Room:
    """Stores with a champion and labels, and a retrainer that notes its steps."""

    stores: MemoryStores = field(default_factory=MemoryStores)
    now: datetime = TOMORROW
    steps: list[Retraining] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stores.models.add(champion())
        self.stores.models.activate(champion().card.version, NOON)

    def retrainer(self) -> Retrainer:
        return Retrainer(self.stores, SERVICES, corpus, core, self.steps.append, lambda: self.now)

    def retrain(self, told: Sequence[Label] = (), by: str = "ada") -> Retraining:
        """One retraining from the asking to its end."""
        self.stores.labels.add_all(told)
        asked = ask(self.stores, by, self.now)
        assert asked is not None
        ended = self.retrainer().carry_out(asked.id, "here")
        assert ended is not None
        assert self.stores.retrainings.get(asked.id) == msgspec.structs.replace(ended, alive_at=self.now)
        assert self.stores.retrainings.under_way() is None
        return ended


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr("workers.retraining.retrain", learn)
    return Room()


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen while the challenger is trained."""

    def let(happen: Callable[[], object]) -> None:
        def learn_and_let(*arguments: object, **named: object) -> ModelVersion:
            learnt = learn(*arguments, **named)  # type: ignore[arg-type]  # handed through
            happen()
            return learnt

        monkeypatch.setattr("workers.retraining.retrain", learn_and_let)

    return let


def assert_the_champion_stays(room: Room) -> None:
    assert room.stores.models.active() == champion().card.version


def test_what_honest_people_taught_is_promoted(room: Room) -> None:
    ended = room.retrain(labels(HONEST))
    assert ended.state is RetrainingState.PROMOTED
    assert "better beyond chance on the 100 newest labels" in str(ended.reason)
    assert (ended.champion, ended.labels, ended.new_labels) == (champion().card.version, 500, 500)
    assert room.stores.models.active() == ended.challenger
    (activation,) = room.stores.models.activations()[1:]
    assert (activation.why, activation.by, activation.at) == ("promoted", "ada", ended.finished_at)
    kept = room.stores.models.get(str(ended.challenger))
    assert kept is not None
    assert kept.card.parent == champion().card.version
    assert kept.card.figures["core_macro_f1_all"] > 0.9


def test_every_figure_of_the_decision_is_kept(room: Room) -> None:
    figures = room.retrain(labels(HONEST)).figures
    assert {(one.trial, one.measure) for one in figures} == {
        (trial, measure) for trial in Trial for measure in Measure
    }
    assert {one.of for one in figures if one.measure is Measure.GROUP} == {"music", "video", "work"}


def test_progress_can_be_watched(room: Room) -> None:
    room.retrain(labels(HONEST))
    states = [one.state for one in room.steps]
    assert list(dict.fromkeys(states)) == ["training", "judging", "promoted"]
    progress = [one.progress for one in room.steps]
    assert progress == sorted(progress)
    assert progress[-1] == 1
    assert 10 < len(progress) < 30  # of the hundred steps of training not every one is told
    assert room.steps[0].step == "weighs 500 labels"
    assert room.steps[1].step.startswith("trains with ")


def test_a_second_retraining_is_judged_by_labels_that_taught_neither(room: Room) -> None:
    first = room.retrain(labels(HONEST))
    second = room.retrain()
    assert second.champion == first.challenger
    assert 60 <= second.new_labels <= 100  # of those that judged the first
    assert second.state is RetrainingState.REFUSED
    assert "not better beyond chance" in str(second.reason)


# --- what leaves the champion ---


@pytest.mark.parametrize(("people", "state"), [(ONE_HOSTILE, "held"), (ALONE, "refused")])
def test_a_hostile_labeller_who_turns_three_of_ten_labels_round_gets_nothing_promoted(
    room: Room, people: object, state: str
) -> None:
    ended = room.retrain(labels(people))  # type: ignore[arg-type]  # the ids would be long
    assert ended.state == state
    assert list(ended.set_aside) == ["mal"]
    assert_the_champion_stays(room)


def test_what_is_held_waits_for_a_person_who_may_activate_it(room: Room) -> None:
    ended = room.retrain(labels(ONE_HOSTILE))
    assert "(mal): a person must look" in str(ended.reason)
    assert room.stores.models.get(str(ended.challenger)) is not None


def test_too_few_labels_to_judge_by_are_told(room: Room) -> None:
    ended = room.retrain(labels(HONEST, 58))
    assert ended.state is RetrainingState.REFUSED
    assert "60 are needed" in str(ended.reason)
    assert room.retrain().challenger is None
    assert_the_champion_stays(room)


def test_a_challenger_that_falls_for_one_group_is_refused_by_its_name(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(body: bytes, card: ModelCard, services: Sequence[Service]) -> object:
        true = load(body, card, services)
        return true if card.version == champion().card.version else DeafToVideo(true)

    monkeypatch.setattr("workers.retraining.load", loaded)
    ended = room.retrain(labels(HONEST))
    assert ended.state is RetrainingState.REFUSED
    assert "the group video on the core set" in str(ended.reason)
    assert_the_champion_stays(room)


@dataclass(frozen=True)
class DeafToVideo:
    """A classifier for which all that is said of Netflix is a question."""

    true: Classifier

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        return [
            TaggedMention(one.mention, tuple(self._tag(tag) for tag in one.tags))
            for one in self.true.tag(mentions)
        ]

    def _tag(self, tag: Tag) -> Tag:
        return Tag(tag.service, Kind.QUESTION, (0, 0, 1, 0, 0)) if tag.service == "netflix" else tag


def test_a_challenger_that_comes_out_damaged_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*arguments: object, **named: object) -> ModelVersion:
        whole = learn(*arguments, **named)  # type: ignore[arg-type]  # handed through
        return ModelVersion(whole.card, whole.body[:-9])

    monkeypatch.setattr("workers.retraining.retrain", damaged)
    ended = room.retrain(labels(HONEST))
    assert ended.state is RetrainingState.FAILED
    assert "SHA-256 differs" in str(ended.reason)
    assert_the_champion_stays(room)


@pytest.mark.parametrize(
    ("fault", "said"),
    [(CorpusError("bad.jsonl, line 3: no kind"), "bad.jsonl, line 3"), (ZeroDivisionError(), "ZeroDivision")],
)
def test_a_fault_ends_the_retraining_with_its_reason(
    room: Room, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    def failing(*_: object, **__: object) -> ModelVersion:
        raise fault

    monkeypatch.setattr("workers.retraining.retrain", failing)
    ended = room.retrain(labels(HONEST))
    assert (ended.state, ended.labels) == (RetrainingState.FAILED, 500)
    assert said in str(ended.reason)
    assert_the_champion_stays(room)


def test_who_is_stopped_by_hand_leaves_nothing_under_way(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> ModelVersion:
        raise KeyboardInterrupt

    monkeypatch.setattr("workers.retraining.retrain", stopped)
    with pytest.raises(KeyboardInterrupt):
        room.retrain(labels(HONEST))
    assert room.stores.retrainings.under_way() is None
    assert [one.reason for one in room.stores.retrainings.find(most=9)] == ["it was stopped by hand"]


def test_an_active_version_that_is_damaged_leaves_the_shipped_one_as_champion(room: Room) -> None:
    card = msgspec.structs.replace(champion().card, version="2026-01-01-damaged0")
    room.stores.models.add(ModelVersion(card, b"PK"))
    room.stores.models.activate(card.version, NOON)
    assert room.retrain().champion == shipped_version().card.version


# --- others at the same time ---


def test_a_version_that_a_person_chose_meanwhile_is_not_pushed_aside(
    room: Room, after: Callable[[Callable[[], object]], None]
) -> None:
    card = msgspec.structs.replace(champion().card, version="another")
    room.stores.models.add(ModelVersion(card, champion().body))
    after(lambda: room.stores.models.activate("another", NOON))
    ended = room.retrain(labels(HONEST))
    assert ended.state is RetrainingState.HELD
    assert "another version was activated" in str(ended.reason)
    assert room.stores.models.active() == "another"


def test_who_fell_silent_for_too_long_leaves_it_to_the_process_that_has_it_now(
    room: Room, after: Callable[[Callable[[], object]], None]
) -> None:
    room.stores.labels.add_all(labels(HONEST))
    asked = ask(room.stores, "ada", room.now)
    assert asked is not None
    later = room.now + timedelta(hours=1)
    after(lambda: room.stores.retrainings.take_up(asked.id, "there", later, silent_since=later))
    assert room.retrainer().carry_out(asked.id, "here") is None
    one = room.stores.retrainings.under_way()
    assert one is not None
    assert (one.holder, one.tries) == ("there", 2)
    assert_the_champion_stays(room)


def test_what_is_over_or_in_other_hands_is_left_alone(room: Room) -> None:
    ended = room.retrain()
    assert room.retrainer().carry_out(ended.id, "here") is None
    assert room.retrainer().carry_out("nothing", "here") is None
    asked = ask(room.stores, "ada", room.now)
    assert asked is not None
    room.stores.retrainings.take_up(asked.id, "there", room.now, silent_since=room.now)
    assert room.retrainer().carry_out(asked.id, "here") is None


def test_without_a_core_set_nothing_is_decided(room: Room) -> None:
    def no_core() -> list[LabelledPost]:
        raise CorpusError("data/core holds no posts")

    room.stores.labels.add_all(labels(HONEST))
    asked = ask(room.stores, "ada", room.now)
    assert asked is not None
    ended = replace(room.retrainer(), core=no_core).carry_out(asked.id, "here")
    assert ended is not None
    assert (ended.state, ended.reason) == (RetrainingState.FAILED, "data/core holds no posts")
