"""What a label leaves open for a post, and for which service."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.label import Label, Verdict
from domain.mention import Kind
from models.opinions import NOT_A_COMPLAINT, opinions_of
from tests.models.people import label_of

COMPLAINT, ECHO, OTHER = ({kind} for kind in (Kind.COMPLAINT, Kind.ECHO, Kind.OTHER))
WRONG = Verdict.WRONG_SERVICE
SAYINGS = [
    ({"verdict": Verdict.REAL}, {"spotify": COMPLAINT}),
    ({"verdict": Verdict.REAL, "kind": Kind.ECHO}, {"spotify": ECHO}),
    ({"verdict": Verdict.NOT_AN_OUTAGE}, {"spotify": NOT_A_COMPLAINT}),
    ({"verdict": Verdict.NOT_AN_OUTAGE, "kind": Kind.ECHO}, {"spotify": ECHO}),
    ({"verdict": WRONG, "instead_of": "github"}, {"spotify": COMPLAINT, "github": OTHER}),
    (
        {"verdict": WRONG, "instead_of": "github", "kind": Kind.ECHO},
        {"spotify": ECHO, "github": OTHER},
    ),
    ({"verdict": WRONG}, {"spotify": COMPLAINT}),
    ({"verdict": WRONG, "service": None, "instead_of": "github"}, {"github": OTHER}),
    ({"service": None}, {}),
    ({"text": None}, {}),
    ({"text": "  "}, {}),
    ({"post": None, "source": None, "incident": "inc_1"}, {}),
]


@pytest.mark.parametrize(("fields", "said"), SAYINGS)
def test_a_label_says_for_which_service_a_post_is_which_kinds(
    fields: dict[str, object], said: dict[str, set[Kind]]
) -> None:
    assert {one.service: one.kinds for one in opinions_of([label_of("p", **fields)])} == said


def test_a_later_verdict_of_one_person_replaces_the_earlier() -> None:
    earlier, later = label_of("p", Kind.ECHO), label_of("p", Kind.OTHER, minute=1)
    assert [one.kinds for one in opinions_of([later, earlier])] == [OTHER]
    assert len(opinions_of([earlier, label_of("p", Kind.OTHER, by="bob", minute=1)])) == 2


def test_a_look_at_the_post_outlasts_a_verdict_on_its_incident() -> None:
    looked = label_of("p", Kind.ECHO)
    through = label_of("p", minute=1, incident="inc_1")
    assert [one.kinds for one in opinions_of([looked, through])] == [ECHO]
    assert [one.weight < 1 for one in opinions_of([through])] == [True]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["ada", "bob"])), max_size=20), st.randoms())
def test_the_order_in_which_labels_come_changes_nothing(
    told: list[tuple[int, str]], chance: random.Random
) -> None:
    labels: list[Label] = [label_of(post, by=by, minute=at) for at, (post, by) in enumerate(told)]
    shuffled = chance.sample(labels, len(labels))
    assert opinions_of(shuffled) == opinions_of(labels)
