"""A classifier is asked about posts as it would count them."""

from __future__ import annotations

import numpy as np

from domain.mention import KINDS, Kind
from models.examining import Examiner, Question
from models.model_file import load
from tests.models.slang import SERVICES, champion


def asked(*questions: Question) -> list[Kind]:
    classifier = load(champion().body, champion().card, SERVICES)
    rows = Examiner(SERVICES).examine(classifier, questions)
    assert rows.shape == (len(questions), len(KINDS))
    assert np.allclose(rows.sum(axis=1), 1)
    return [KINDS[place] for place in rows.argmax(axis=1)]


def test_the_answers_come_in_the_order_of_the_questions() -> None:
    assert asked(
        Question("is spotify down?", "spotify"),
        Question("finally github is up again", "github"),
        Question("my slack keeps crashing", "slack"),
    ) == [Kind.QUESTION, Kind.RECOVERY, Kind.COMPLAINT]


def test_the_rules_that_stand_before_the_model_hold_here_too() -> None:
    assert asked(Question("RT @ann spotify is not working for me", "spotify")) == [Kind.ECHO]
    assert asked(Question("github still works but slack is not working for me", "github")) == [Kind.OTHER]


def test_a_service_that_the_catalogue_does_not_know_can_be_asked_for() -> None:
    assert asked(Question("is frobnia down?", "frobnia")) == [Kind.QUESTION]


def test_what_is_in_a_language_that_cannot_be_read_has_no_answer() -> None:
    classifier = load(champion().body, champion().card, SERVICES)
    polish = Question("spotify nie działa od rana, czy ktoś jeszcze ma ten problem?", "spotify", "pl")
    assert Examiner(SERVICES).examine(classifier, [polish]).tolist() == [[0.0] * len(KINDS)]


def test_no_questions_have_no_answers() -> None:
    assert asked() == []
