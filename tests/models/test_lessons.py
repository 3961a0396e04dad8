"""What people's labels teach together, and who is set aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.label import Label, Verdict
from domain.mention import KINDS, Kind
from models.examining import Question
from models.lessons import Teaching, lessons_from
from tests.models.people import NOON, World, label_of, turned_round


def unsure(questions: Sequence[Question]) -> NDArray[np.float64]:
    """A champion that knows nothing, save that all may be an echo a little more."""
    return np.tile([0.2, 0.3, 0.2, 0.15, 0.15], (len(questions), 1))


def said(*labels: Label) -> dict[str, tuple[Kind, float]]:
    return {one.id: (one.kind, one.weight) for one in lessons_from(labels, unsure).lessons}


def test_one_persons_verdict_is_almost_a_post_of_the_corpus() -> None:
    (lesson,) = lessons_from([label_of("p", Kind.QUESTION, lang="de")], unsure).lessons
    assert (lesson.kind, lesson.service, lesson.text) == (Kind.QUESTION, "spotify", "words of p")
    assert (lesson.by, lesson.at, lesson.lang) == (("ada",), NOON, "de")
    assert 0.8 < lesson.weight < 1


def test_people_who_agree_are_surer_than_one_and_people_who_differ_teach_nothing() -> None:
    alone = said(label_of("p", Kind.QUESTION))["test:p:spotify"]
    agreed = said(label_of("p", Kind.QUESTION), label_of("p", Kind.QUESTION, by="bob"))["test:p:spotify"]
    assert agreed[1] > alone[1]
    assert said(label_of("p", Kind.QUESTION), label_of("p", Kind.ECHO, by="bob")) == {}


def test_two_against_one_win_and_the_lesson_names_only_them() -> None:
    labels = [label_of("p", Kind.ECHO, by=by, minute=at) for at, by in enumerate(("ada", "bob"))]
    (lesson,) = lessons_from([*labels, label_of("p", Kind.OTHER, by="cyd", minute=9)], unsure).lessons
    assert (lesson.kind, lesson.by) == (Kind.ECHO, ("ada", "bob"))
    assert lesson.weight < said(*labels)["test:p:spotify"][1]
    assert lesson.at == NOON.replace(minute=9)  # what was said last was heard too


def test_a_kind_that_nobody_named_is_the_champions_guess_and_weighs_little() -> None:
    kind, weight = said(label_of("p", verdict=Verdict.NOT_AN_OUTAGE))["test:p:spotify"]
    assert kind is Kind.ECHO
    assert weight < 0.3


def test_a_verdict_on_an_incident_weighs_less_than_one_on_the_post() -> None:
    through, on_it = said(label_of("p", incident="inc_1")), said(label_of("p"))
    assert 0 < through["test:p:spotify"][1] < on_it["test:p:spotify"][1] / 2


def test_the_wrong_service_is_other_and_the_right_one_a_complaint() -> None:
    lessons = said(label_of("p", verdict=Verdict.WRONG_SERVICE, instead_of="github"))
    assert lessons["test:p:spotify"][0] is Kind.COMPLAINT
    assert lessons["test:p:github"][0] is Kind.OTHER


def test_what_cannot_be_read_teaches_nothing_and_sets_nobody_aside() -> None:
    def cannot_read(questions: Sequence[Question]) -> NDArray[np.float64]:
        return np.zeros((len(questions), len(KINDS)))

    teaching = lessons_from([label_of(post, Kind.COMPLAINT) for post in range(99)], cannot_read)
    assert teaching.lessons == ()
    assert teaching.set_aside == {}


def test_without_labels_there_is_nothing_to_learn() -> None:
    assert lessons_from([], unsure) == Teaching()
    assert Teaching().share_set_aside == 0


# --- who is set aside ---

HONEST = {"ann": 0.35, "ben": 0.35, "cat": 0.3}
ONE_HOSTILE = {"ann": 0.25, "ben": 0.25, "cat": 0.2, "mal": 0.3}
PUPPETS = {"ann": 0.7} | {f"sock{number}": 0.3 / 40 for number in range(40)}


@pytest.mark.parametrize("seed", range(5))
def test_honest_people_who_slip_are_all_heard(seed: int) -> None:
    world = World(600, seed)
    teaching = lessons_from(world.labels(HONEST, hostile={}, slips=0.08), world.ask)
    assert teaching.set_aside == {}
    assert len(teaching.lessons) == 600
    assert all(voice.reliability is not None and voice.reliability > 0.8 for voice in teaching.voices)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [250, 2_000])
def test_who_turns_every_verdict_round_is_set_aside_by_name(size: int, seed: int) -> None:
    world = World(size, seed)
    labels = world.labels(ONE_HOSTILE, hostile={"mal": 1})
    teaching = lessons_from(labels, world.ask)
    assert list(teaching.set_aside) == ["mal"]
    assert "contradict" in teaching.set_aside["mal"]
    assert 0.2 < teaching.share_set_aside < 0.4
    assert not any("mal" in lesson.by for lesson in teaching.lessons)
    assert len(teaching.lessons) == sum(label.by != "mal" for label in labels)


@pytest.mark.parametrize("seed", range(5))
def test_a_lone_labeller_who_turns_three_of_ten_round_is_set_aside(seed: int) -> None:
    world = World(600, seed)
    teaching = lessons_from(world.labels({"mal": 1}, hostile={"mal": 0.3}), world.ask)
    assert list(teaching.set_aside) == ["mal"]
    assert teaching.lessons == ()
    assert teaching.share_set_aside == 1


@pytest.mark.parametrize("seed", range(5))
def test_many_names_of_one_hand_are_set_aside_together(seed: int) -> None:
    world = World(800, seed)
    socks = dict.fromkeys(PUPPETS.keys() - {"ann"}, 1.0)
    teaching = lessons_from(world.labels(PUPPETS, hostile=socks), world.ask)
    assert "ann" not in teaching.set_aside
    assert teaching.share_set_aside > 0.15


def test_who_was_honest_once_and_is_not_now_is_set_aside() -> None:
    world = World(1_000)
    honest = world.labels({"mal": 1}, hostile={})[:900]
    taken_over = [
        label_of(post, turned_round(world.kinds[post]), by="mal", minute=post) for post in range(900, 1_000)
    ]
    heard = lessons_from(honest, world.ask, since=honest[0].at)
    assert heard.set_aside == {}
    teaching = lessons_from(honest + taken_over, world.ask, since=honest[-1].at)
    assert list(teaching.set_aside) == ["mal"]
    assert [voice.new for voice in teaching.voices] == [100]


def test_two_people_who_agree_are_believed_before_a_champion_that_is_sure_and_wrong() -> None:
    def sure_and_wrong(questions: Sequence[Question]) -> NDArray[np.float64]:
        return np.tile([0.0, 0.0, 0.0, 0.0, 1.0], (len(questions), 1))

    labels = [label_of(post, Kind.COMPLAINT, by=by) for post in range(60) for by in ("ann", "ben")]
    teaching = lessons_from(labels, sure_and_wrong)
    assert teaching.set_aside == {}
    assert {lesson.kind for lesson in teaching.lessons} == {Kind.COMPLAINT}


def test_verdicts_on_incidents_hide_nobodys_contradictions() -> None:
    world = World(300)
    turned = world.labels({"mal": 1}, hostile={"mal": 1})
    harmless = [label_of(f"more {post}", by="mal", incident="inc_1") for post in range(3_000)]
    sure = np.array([0.96, 0.01, 0.01, 0.01, 0.01])
    world.rows |= {f"words of more {post}": sure for post in range(3_000)}
    assert list(lessons_from(turned + harmless, world.ask).set_aside) == ["mal"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            label_of,
            st.integers(0, 5),
            st.sampled_from([*KINDS, None]),
            by=st.sampled_from("abc"),
            verdict=st.sampled_from(Verdict),
            minute=st.integers(0, 9),
        ),
        max_size=30,
    )
)
def test_whatever_people_say_a_lesson_is_one_of_what_they_said(labels: list[Label]) -> None:
    teaching = lessons_from(labels, unsure)
    assert [(one.at, one.id) for one in teaching.lessons] == sorted(
        (one.at, one.id) for one in teaching.lessons
    )
    assert len({one.id for one in teaching.lessons}) == len(teaching.lessons)
    for lesson in teaching.lessons:
        assert 0 < lesson.weight <= 1
        assert set(lesson.by) <= {label.by for label in labels}
        assert lesson.text in {label.text for label in labels}
