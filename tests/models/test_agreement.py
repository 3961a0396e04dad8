"""Who only agrees says what the thread says: "same here" under a complaint complains, under a joke not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import KINDS, Kind, Mention, Naming, Symptom, Tag, TaggedMention, Via
from domain.post import Post
from models.agreement import agreement, follow
from models.model_file import load_shipped

CLASSIFIER = load_shipped()
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SPOTIFY = (Naming("spotify", Via.NAME),)
IN_THREAD = (Naming("spotify", Via.THREAD),)


def said(
    number: int,
    text: str,
    *,
    to: int | None = None,
    lang: str | None = None,
    official: bool = False,
    source: str = "test",
) -> Mention:
    reply = None if to is None else str(to)
    post = Post(source, str(number), text, NOON, in_reply_to=reply, lang=lang)
    return Mention(post, SPOTIFY if to is None else IN_THREAD, "spotify" if official else None)


def kinds(*mentions: Mention) -> list[Kind]:
    return [one.tags[0].kind for one in CLASSIFIER.tag(mentions)]


AGREEMENTS = [
    *[("en", text) for text in ("same", "Same here!", "me too", "+1", "this", "mine too 😡", "@ann ditto")],
    *[
        ("es", text)
        for text in ("igual", "Yo también", "a mí también", "lo mismo", "a mí tampoco", "mismo problema")
    ],
    *[
        ("fr", text)
        for text in ("moi aussi", "pareil", "idem", "moi non plus", "même problème", "Ici aussi !")
    ],
    *[
        ("de", text)
        for text in ("auch", "ich auch", "bei mir auch", "dito", "hier auch", "bei mir auch nicht")
    ],
    *[
        ("nl", text)
        for text in ("ook hier", "ik ook", "zelfde", "idem", "bij mij ook niet", "hetzelfde probleem")
    ],
    *[("ja", text) for text in ("同じく", "私も", "こちらも", "うちも", "同じです", "俺も")],
    *[
        ("it", text)
        for text in ("anche io", "anche a me", "idem", "stesso problema", "pure a me", "neanche a me")
    ],
    *[("pt", text) for text in ("aqui também", "eu também", "idem", "mesma coisa", "igual aqui", "aqui tb")],
]
COMPLAINT = "spotify won't play anything and keeps crashing"
JOKE = "spotify thinks i only listen to sad songs lol"
PRAISE = "i love the new spotify playlists, what a great app"


@pytest.mark.parametrize(("lang", "text"), AGREEMENTS)
@pytest.mark.parametrize("hinted", [True, False])
def test_agreement_in_every_language_is_known_with_a_hint_and_without(
    lang: str, text: str, hinted: bool
) -> None:
    reply = said(2, text, to=1, lang=lang if hinted else None)
    assert kinds(said(1, COMPLAINT), reply) == [Kind.COMPLAINT, Kind.COMPLAINT]
    for content in (JOKE, PRAISE):
        parent, agreeing = kinds(said(1, content), reply)
        assert agreeing == parent != Kind.COMPLAINT


@pytest.mark.parametrize(("lang", "text"), [case for case in AGREEMENTS if case[1] != "this"], ids=str)
def test_where_the_parent_is_not_at_hand_the_words_alone_say_that_it_fails(lang: str, text: str) -> None:
    assert kinds(said(2, text, to=1, lang=lang)) == [Kind.COMPLAINT]


@pytest.mark.parametrize(
    "text",
    [
        "same old story",
        "me too, i love it",
        "+1 for dark mode",
        "igual mañana lo pruebo",
        "私も好き",
        "",
        "😡",
    ],
)
def test_who_says_more_does_not_only_agree(text: str) -> None:
    assert agreement(text) is None


def test_agreement_has_the_symptoms_of_what_it_agrees_with() -> None:
    parent, reply = CLASSIFIER.tag([said(1, COMPLAINT), said(2, "same here", to=1)])
    assert Symptom.CRASH in parent.tags[0].symptoms
    assert reply.tags[0].symptoms == parent.tags[0].symptoms


def test_to_agree_with_a_question_is_to_answer_that_it_fails() -> None:
    question, reply = kinds(said(1, "is spotify down for anyone else?"), said(2, "me too", to=1))
    assert (question, reply) == (Kind.QUESTION, Kind.COMPLAINT)


def test_to_agree_with_the_official_side_is_to_say_that_it_fails() -> None:
    official = said(1, "We know of trouble and are looking into it", official=True)
    assert kinds(official, said(2, "same here", to=1)) == [Kind.ECHO, Kind.COMPLAINT]


def test_agreement_is_followed_through_a_thread() -> None:
    thread = [said(1, PRAISE), said(2, "same", to=1), said(3, "me too", to=2)]
    assert Kind.COMPLAINT not in kinds(*thread)


def test_a_post_of_another_source_with_the_same_number_is_no_parent() -> None:
    assert kinds(said(1, PRAISE, source="elsewhere"), said(2, "same here", to=1))[1] is Kind.COMPLAINT


def test_an_agreement_that_answers_nobody_is_read_as_it_stands() -> None:
    alone = Mention(Post("test", "1", "same", NOON), SPOTIFY)
    assert kinds(alone) == [CLASSIFIER.tag([alone])[0].tags[0].kind]
    assert follow(CLASSIFIER.tag([alone])) == CLASSIFIER.tag([alone])


def test_a_parent_judged_for_another_service_says_nothing() -> None:
    (parent,) = CLASSIFIER.tag([Mention(Post("test", "1", PRAISE, NOON), (Naming("slack", Via.NAME),))])
    (reply,) = CLASSIFIER.tag([said(2, "same here", to=1)])
    assert follow([parent, reply])[1] == reply


def _tagged(mention: Mention, kind: Kind) -> TaggedMention:
    sure = tuple(1.0 if one is kind else 0.0 for one in KINDS)
    return TaggedMention(mention, (Tag("spotify", kind, (sure[0], sure[1], sure[2], sure[3], sure[4])),))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["same here", "auch", "it crashed", ""]),
            st.none() | st.integers(0, 9),
            st.sampled_from(Kind),
        ),
        max_size=10,
    )
)
def test_following_keeps_every_post_and_changes_only_agreements(
    posts: Sequence[tuple[str, int | None, Kind]],
) -> None:
    tagged = [_tagged(said(number, text, to=to), kind) for number, (text, to, kind) in enumerate(posts)]
    followed = follow(tagged)
    assert [one.mention for one in followed] == [one.mention for one in tagged]
    for before, after in zip(tagged, followed, strict=True):
        assert sum(after.tags[0].probabilities) == pytest.approx(1)
        assert before == after or agreement(before.mention.post.text)


@given(st.text(max_size=80))
def test_any_text_agrees_or_does_not(text: str) -> None:
    assert agreement(text) is None or len(text) <= 60
