"""Symptoms are what a text says fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Symptom
from models.symptoms import SymptomRules
from models.tokens import Tokenizer

TOKENIZER = Tokenizer()
RULES = SymptomRules(TOKENIZER.read("").vocab)

CASES = [
    ("my messages won't send", {Symptom.SENDING}),
    ("stuck on sending for an hour", {Symptom.SENDING}),
    ("i'm not getting any texts", {Symptom.RECEIVING}),
    ("calls keep dropping", {Symptom.CALLING}),
    ("can't log in", {Symptom.LOGIN}),
    ("it logged me out", {Symptom.LOGIN}),
    ("page won't load", {Symptom.LOADING}),
    ("just a blank screen", {Symptom.LOADING}),
    ("can't connect since noon", {Symptom.CONNECTION}),
    ("buffering every ten seconds", {Symptom.PLAYBACK}),
    ("card declined at the till", {Symptom.PAYMENT}),
    ("no notifications since lunch", {Symptom.NOTIFICATIONS}),
    ("files not syncing", {Symptom.SYNC}),
    ("search is broken", {Symptom.SEARCH}),
    ("upload fails at the end", {Symptom.UPLOAD}),
    ("downloads are failing", {Symptom.DOWNLOAD}),
    ("the app keeps crashing", {Symptom.CRASH}),
    ("so laggy today", {Symptom.SLOW}),
    ("won't load and keeps crashing", {Symptom.LOADING, Symptom.CRASH}),
    ("what a lovely day", set()),
    ("same problem here", set()),
    ("", set()),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_text_tells_what_fails(text: str, expected: set[Symptom]) -> None:
    assert set(RULES.find(TOKENIZER.read(text))) == expected


@given(st.text(max_size=300))
def test_any_text_has_each_symptom_at_most_once_and_in_order(text: str) -> None:
    found = RULES.find(TOKENIZER.read(text))
    assert list(found) == [symptom for symptom in Symptom if symptom in found]
