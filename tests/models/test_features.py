"""Readings become rows of numbers, in which what posts of several services share counts, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.features import Features, Reading, Vocabulary, grams_of, learn_vocabularies, pieces_of
from models.signs import SIGNS

SILENT = [0.0] * len(SIGNS)


def reading(words: str, native: str = "") -> Reading:
    return Reading(words.split(), SILENT, native.split())


def learnt(*texts: tuple[str, str], known: Features | None = None, least: int = 2) -> Features:
    """The features of texts, each with its service."""
    return learn_vocabularies(
        [reading(text) for text, _ in texts],
        [service for _, service in texts],
        known=known,
        least_services=least,
    )


def features_of(*grams: str, pieces: tuple[str, ...] = ()) -> Features:
    return Features(
        Vocabulary(list(grams), np.ones(len(grams))), Vocabulary(list(pieces), np.ones(len(pieces)))
    )


def shown(features: Features, one: Reading) -> set[str]:
    """The n-grams and pieces that a reading's row holds."""
    names = [*features.of_words.grams, *features.of_pieces.grams, *SIGNS]
    return {names[column] for column in features.rows([one]).indices}


# --- rows ---


def test_a_row_holds_the_words_of_a_text_and_their_neighbours_up_to_three() -> None:
    features = features_of("will", "not", "load", "will not", "not load", "will not load", "load will")
    assert shown(features, reading("will not load")) == {
        "will",
        "not",
        "load",
        "will not",
        "not load",
        "will not load",
    }


def test_an_n_gram_counts_only_where_the_shorter_ones_in_it_do() -> None:
    features = features_of("will", "load", "will not", "not load", "will not load")
    assert shown(features, reading("will not load")) == {"will", "load"}


def test_native_words_count_beside_their_gloss() -> None:
    features = features_of("not", "working", "not working", "funciona", "no", "no funciona")
    assert shown(features, reading("not working", "no funciona")) == {
        "not",
        "working",
        "not working",
        "no",
        "funciona",
        "no funciona",
    }
    assert shown(features, reading("not working")) == {"not", "working", "not working"}


def test_no_n_gram_spans_a_gloss_and_its_native_words() -> None:
    assert "working no" not in grams_of(reading("not working", "no funciona"))
    features = features_of("working", "no", "working no")
    assert shown(features, reading("not working", "no funciona")) == {"working", "no"}


def test_pieces_of_native_words_count_too_also_in_a_script_without_spaces() -> None:
    found = set(pieces_of(reading("load", "laden 落ちた")))
    assert {"<loa", "<lad", "落", "落ち", "落ちた"} <= found
    features = features_of(pieces=("<loa", "<lad", "落ち"))
    assert shown(features, reading("load", "laden 落ちた")) == {"<loa", "<lad", "落ち"}


def test_a_rare_n_gram_weighs_more_than_a_common_one() -> None:
    features = learnt(("it died", "a"), ("it died", "b"), ("it works", "a"), ("it works", "b"), ("it", "c"))
    row = features.rows([reading("it died")]).toarray()[0]
    place = features.of_words.grams.index
    assert row[place("died")] > row[place("it")] > 0


def test_an_empty_reading_gives_a_row_of_signs_alone() -> None:
    features = features_of("down", pieces=("<dow",))
    signs = [0.5, *SILENT[1:]]
    rows = features.rows([Reading([], signs), reading("down")])
    assert rows.shape == (2, features.count)
    assert rows[0].nnz == 1
    assert rows[0, 2] > 0


def test_words_that_nobody_knows_give_no_more_than_an_empty_reading() -> None:
    features = features_of("down", pieces=("<dow",))
    unknown, empty = features.rows([reading("zzyzx qwrtp"), reading("")]).toarray()
    assert (unknown == empty).all()


def test_features_without_any_n_gram_still_show_the_signs() -> None:
    assert features_of().rows([reading("down")]).shape == (1, len(SIGNS))


def test_no_readings_give_no_rows() -> None:
    assert features_of("down").rows([]).shape == (0, 1 + len(SIGNS))


def test_there_is_a_column_for_each_gram_each_piece_and_each_sign() -> None:
    assert features_of("a", "b", pieces=("<ab",)).count == 3 + len(SIGNS)


# --- vocabularies ---


def test_an_n_gram_of_one_service_alone_is_dropped() -> None:
    features = learnt(("bluetooth is down", "a"), ("bluetooth fails", "a"), ("is down", "b"))
    assert features.of_words.grams == ["down", "is", "is down"]


def test_a_part_of_a_word_needs_one_service_more() -> None:
    two = learnt(("loading", "a"), ("loading", "b"), ("fine", "c"))
    assert "loading" in two.of_words.grams
    assert two.of_pieces.grams == []
    three = learnt(("loading", "a"), ("loads", "b"), ("reload", "c"))
    assert "load" in three.of_pieces.grams


def test_of_a_single_service_all_is_kept_as_nothing_can_be_shared() -> None:
    assert learnt(("down", "a"), ("up", "a")).of_words.grams == ["down", "up"]


def test_native_words_are_learnt_by_the_same_rule() -> None:
    readings = [reading("not working", "no funciona"), reading("not working", "no funciona hoy")]
    features = learn_vocabularies(readings, ["a", "b"])
    assert {"no", "funciona", "no funciona", "not working"} <= set(features.of_words.grams)
    assert "hoy" not in features.of_words.grams


def test_a_known_vocabulary_is_kept_in_its_place_and_weight_and_new_grams_come_behind() -> None:
    known = Features(
        Vocabulary(["zebra", "down"], np.array([9.0, 8.0])), Vocabulary(["<zeb"], np.array([7.0]))
    )
    features = learnt(("all down", "a"), ("all down", "b"), ("all fine", "c"), known=known)
    assert features.of_words.grams[:2] == ["zebra", "down"]
    assert features.of_words.weights[:2].tolist() == [9.0, 8.0]
    assert features.of_words.grams[2:] == ["all", "all down"]
    assert features.of_pieces.grams[0] == "<zeb"


WORDS = st.sampled_from(["is", "it", "down", "loading", "störung", "落ちた", "?", "xsvc", "no"])
READINGS = st.builds(
    Reading,
    st.lists(WORDS, max_size=8),
    st.lists(st.floats(0, 1), min_size=len(SIGNS), max_size=len(SIGNS)),
    st.lists(WORDS, max_size=4),
)
POSTS = st.lists(st.tuples(READINGS, st.sampled_from("abcd")), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(POSTS)
def test_every_n_gram_that_is_learnt_stands_in_posts_of_two_services(
    posts: list[tuple[Reading, str]],
) -> None:
    features = learn_vocabularies([one for one, _ in posts], [service for _, service in posts])
    least = min(2, len({service for _, service in posts}))
    for gram in features.of_words.grams:
        assert len({service for one, service in posts if gram in grams_of(one)}) >= least
    assert len(set(features.of_words.grams)) == len(features.of_words.grams)


@settings(max_examples=40, deadline=None)
@given(POSTS, POSTS)
def test_what_is_known_stays_a_beginning_of_what_is_learnt(
    earlier: list[tuple[Reading, str]], later: list[tuple[Reading, str]]
) -> None:
    known = learn_vocabularies([one for one, _ in earlier], [service for _, service in earlier])
    both = learn_vocabularies([one for one, _ in later], [service for _, service in later], known=known)
    for before, after in ((known.of_words, both.of_words), (known.of_pieces, both.of_pieces)):
        many = len(before.grams)
        assert after.grams[:many] == before.grams
        assert (after.weights[:many] == before.weights).all()
        assert after.grams[many:] == sorted(after.grams[many:])


@settings(max_examples=40, deadline=None)
@given(POSTS, st.integers(0, 12))
def test_a_row_depends_on_its_reading_alone(posts: list[tuple[Reading, str]], cut: int) -> None:
    readings = [one for one, _ in posts]
    features = learn_vocabularies(readings, [service for _, service in posts])
    whole = features.rows(readings).toarray()
    for part, its_rows in ((readings[:cut], whole[:cut]), (readings[cut:], whole[cut:])):
        if part:
            assert features.rows(part).toarray() == pytest.approx(its_rows)


@settings(max_examples=40, deadline=None)
@given(POSTS)
def test_every_number_of_a_row_is_finite_and_none_outweighs_the_rest(
    posts: list[tuple[Reading, str]],
) -> None:
    readings = [one for one, _ in posts]
    rows = learn_vocabularies(readings, [service for _, service in posts]).rows(readings).toarray()
    assert np.isfinite(rows).all()
    assert ((rows >= 0) & (rows <= 1 + 1e-9)).all()
