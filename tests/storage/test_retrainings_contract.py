"""Retrainings, activations and the versions they are about, on every kind of store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.activation import Activation, Why
from domain.model_version import ModelCard, ModelVersion
from domain.retraining import Figure, Measure, Retraining, RetrainingState, Trial

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
FIGURE = Figure(Trial.CORE, Measure.GROUP, "banks", 41, 0.8, 0.75, -0.1, 0.02)


@pytest.fixture
def asked(make):
    def retraining(name="ret_1", hours=0, **fields):
        return Retraining(name, "ada", make.noon + hours * HOUR, **fields)

    return retraining


@pytest.fixture
def held(stores, asked, make):
    """A retraining that "here" has taken up."""
    assert stores.retrainings.begin(asked())
    taken = stores.retrainings.take_up("ret_1", "here", make.noon, silent_since=make.noon - HOUR)
    assert taken == asked(holder="here", alive_at=make.noon, tries=1)
    return taken


@pytest.fixture
def versions(stores, make):
    def add(*names):
        for hours, name in enumerate(names):
            card = ModelCard(
                name, make.noon + hours * HOUR, {"a.jsonl": 7}, {"f1": 0.9}, {"numpy": "2"},
                kinds={"echo": 0.25, "other": 0.75}, scores=(0.5, 0.5), parent="v0", labels_until=make.noon,
            )  # fmt: skip
            stores.models.add(ModelVersion(card, b"skops"))

    return add


def ended(retraining, state, make, **fields):
    return replace(retraining, state=state, progress=1.0, finished_at=make.noon + HOUR, reason="so", **fields)


def test_one_at_a_time_is_under_way(stores, asked, held, make):
    assert not stores.retrainings.begin(asked("ret_2"))
    assert stores.retrainings.under_way() == stores.retrainings.get("ret_1") == held
    assert stores.retrainings.get("ret_2") is None
    assert stores.retrainings.conclude(ended(held, RetrainingState.REFUSED, make))
    assert stores.retrainings.under_way() is None
    assert not stores.retrainings.begin(asked())  # a name is used once
    assert stores.retrainings.begin(asked("ret_2"))


def test_a_retraining_comes_back_whole(stores, held, make):
    told = replace(
        held, state=RetrainingState.JUDGING, progress=0.5, step="asks both", champion="v1", challenger="v2",
        labels=900, new_labels=300, figures=(FIGURE,), set_aside={"mal": "9 of 10"},
    )  # fmt: skip
    assert stores.retrainings.save(told)
    assert stores.retrainings.get("ret_1") == told
    over = ended(told, RetrainingState.HELD, make)
    assert stores.retrainings.conclude(over)
    assert stores.retrainings.get("ret_1") == over


def test_retrainings_come_the_latest_asked_first_from_page_to_page(stores, asked, make):
    for name, hours in (("a", 0), ("c", 1), ("b", 1)):
        assert stores.retrainings.begin(asked(name, hours))
        taken = stores.retrainings.take_up(name, "here", make.noon, silent_since=make.noon)
        assert stores.retrainings.conclude(ended(taken, RetrainingState.REFUSED, make))
    assert [one.id for one in stores.retrainings.find(most=2)] == ["b", "c"]
    assert [one.id for one in stores.retrainings.find(after="c", most=2)] == ["a"]
    with pytest.raises(KeyError, match="nothing"):
        stores.retrainings.find(after="nothing", most=2)


def test_what_a_living_process_holds_no_other_can_take(stores, held, make):
    take_up = stores.retrainings.take_up
    assert take_up("ret_1", "there", make.noon + HOUR, silent_since=make.noon) is None
    assert stores.retrainings.give_sign("ret_1", "here", make.noon + HOUR)
    assert take_up("ret_1", "there", make.noon + HOUR, silent_since=make.noon + SECOND) is None
    assert take_up("nothing", "there", make.noon, silent_since=make.noon) is None


def test_what_a_dead_process_held_another_takes_and_the_first_can_change_it_no_more(stores, held, make):
    taken = stores.retrainings.take_up("ret_1", "there", make.noon + HOUR, silent_since=make.noon + SECOND)
    assert taken == replace(held, holder="there", alive_at=make.noon + HOUR, tries=2)
    assert not stores.retrainings.give_sign("ret_1", "here", make.noon + 2 * HOUR)
    assert not stores.retrainings.save(replace(held, progress=0.9))
    assert not stores.retrainings.conclude(ended(held, RetrainingState.REFUSED, make))
    assert stores.retrainings.get("ret_1") == taken


def test_what_is_over_stays_as_it_is(stores, held, make):
    over = ended(held, RetrainingState.FAILED, make)
    assert stores.retrainings.conclude(over)
    assert not stores.retrainings.save(held)
    assert not stores.retrainings.conclude(held)
    assert not stores.retrainings.give_sign("ret_1", "here", make.noon)
    assert stores.retrainings.take_up("ret_1", "x", make.noon, silent_since=make.noon + HOUR) is None
    assert stores.retrainings.get("ret_1") == over


def test_a_promotion_and_its_activation_are_one(stores, versions, held, make):
    versions("v1", "v2")
    stores.models.activate("v1", make.noon, why=Why.SHIPPED)
    promoted = ended(held, RetrainingState.PROMOTED, make, challenger="v2")
    assert stores.retrainings.conclude(promoted, over="v1")
    assert stores.models.activations() == [
        Activation("v1", make.noon, Why.SHIPPED),
        Activation("v2", make.noon + HOUR, Why.PROMOTED, "ada"),
    ]


def test_nothing_is_promoted_over_a_version_that_somebody_chose_meanwhile(stores, versions, held, make):
    versions("v1", "v2", "v3")
    stores.models.activate("v3", make.noon, by="bob")
    promoted = ended(held, RetrainingState.PROMOTED, make, challenger="v2")
    assert not stores.retrainings.conclude(promoted, over="v1")
    assert stores.models.active() == "v3"
    assert stores.retrainings.under_way() == held


def test_what_is_not_promoted_activates_nothing(stores, versions, held, make):
    versions("v2")
    assert stores.retrainings.conclude(ended(held, RetrainingState.HELD, make, challenger="v2"), over="v1")
    assert stores.models.activations() == []


def test_a_card_tells_of_its_parent_and_of_its_work(stores, versions, make):
    versions("v1")
    (card,) = stores.models.cards()
    assert (card.parent, card.labels_until, card.scores) == ("v0", make.noon, (0.5, 0.5))
    assert stores.models.get("v1").card == card


def test_versions_that_never_counted_are_dropped_save_the_latest(stores, versions, make):
    versions("a", "b", "c", "d")
    stores.models.activate("a", make.noon)
    assert stores.models.prune(1) == 2
    assert [card.version for card in stores.models.cards()] == ["d", "a"]
    assert stores.models.prune(1) == 0
