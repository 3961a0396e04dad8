"""A post in another language becomes the English by which it is judged, and nothing of it is made up."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.folding import runs_on
from models.gloss import LEXICONS, Lexicon, LexiconError, lexicon_of, read_lexicon, without_accents
from models.languages import ENGLISH, READ
from models.text import Names, mask

GLOSSED = sorted(READ - {ENGLISH})
MARKS = {"xsvc", "xother", "xuser", "xurl", "xnum", "xcode", "xto", "xreply"}


def glossed(masked: str, *phrases: tuple[str, str]) -> str:
    return " ".join(Lexicon(phrases).gloss(masked))


def test_the_longest_phrase_is_taken_first_whatever_their_order() -> None:
    phrases = [("no", "not"), ("no va bien", "is acting up"), ("va", "goes"), ("no va", "not working")]
    assert glossed("no va bien no va no", *phrases) == "is acting up not working not"
    assert glossed("no va bien no va no", *reversed(phrases)) == "is acting up not working not"


def test_a_phrase_that_begins_alike_and_ends_otherwise_gives_way_to_a_shorter_one() -> None:
    assert glossed("no va mal", ("no va bien", "is acting up"), ("no", "not"), ("mal", "bad")) == "not bad"


def test_words_that_stand_in_no_phrase_are_dropped() -> None:
    assert glossed("mi gato no va", ("no va", "not working")) == "not working"


def test_a_phrase_may_have_no_english_and_then_says_nothing() -> None:
    assert glossed("pues no va", ("pues", ""), ("no va", "not working")) == "not working"


@pytest.mark.parametrize("written", ["cai\u0301da", "ca\u00edda", "caida"])
def test_accents_make_no_difference_neither_in_the_post_nor_in_the_lexicon(written: str) -> None:
    assert glossed(written, ("ca\u00edda", "outage")) == "outage"
    assert glossed("ca\u00edda", (written, "outage")) == "outage"


@pytest.mark.parametrize("written", ["gro\u00dfe st\u00f6rung", "grosse storung"])
def test_letters_of_one_language_alone_are_folded_too(written: str) -> None:
    assert glossed(written, ("gro\u00dfe st\u00f6rung", "big outage")) == "big outage"


def test_apostrophes_part_words_on_both_sides_alike() -> None:
    assert glossed("j'ai pas d'acces", ("j'ai pas", "i have no"), ("acces", "access")) == "i have no access"


def test_marks_signs_and_smileys_stay_where_they_stand() -> None:
    assert (
        glossed("xto xsvc no va?! xurl \U0001f62d", ("no va", "down")) == "xto xsvc down ? ! xurl \U0001f62d"
    )


def test_words_that_the_world_has_borrowed_stay_and_those_that_look_like_a_mark_do_not() -> None:
    assert glossed("xsvcs login xtra app offline") == "login app offline"


JAPANESE = [("落ち", "down"), ("落ちてない", "not down"), ("てる", "is"), ("また", "again"), ("の", "")]


def test_in_a_script_without_spaces_the_longest_run_is_taken_first() -> None:
    assert glossed("また落ちてるのxsvcが落ちてない!", *JAPANESE) == "again down is xsvc not down !"


def test_latin_words_in_such_a_script_stay_only_if_they_are_marks_or_borrowed() -> None:
    assert glossed("xsvcまたlogin画面abc", *JAPANESE) == "xsvc again login"


def test_a_post_of_a_running_language_in_latin_letters_is_still_glossed() -> None:
    assert glossed("xsvc wwww lol", *JAPANESE, ("wwww", "lol")) == "xsvc lol lol"


# --- the files ---


@cache
def phrases_of(lang: str) -> list[tuple[str, str]]:
    return read_lexicon(LEXICONS / f"{lang}.tsv")


def test_every_language_that_is_read_has_a_lexicon_and_no_other_has() -> None:
    assert sorted(path.stem for path in LEXICONS.glob("*.tsv")) == GLOSSED
    assert all(lexicon_of(lang) is not None for lang in GLOSSED)
    assert lexicon_of(ENGLISH) is None
    assert lexicon_of("pl") is None


@pytest.mark.parametrize("lang", GLOSSED)
def test_no_two_phrases_of_a_lexicon_are_one_when_accents_are_gone(lang: str) -> None:
    first: dict[str, str] = {}
    twice = [
        (phrase, before)
        for phrase, _ in phrases_of(lang)
        if (before := first.setdefault(phrase if runs_on(phrase) else without_accents(phrase), phrase))
        != phrase
    ]
    assert twice == []


@pytest.mark.parametrize("lang", GLOSSED)
def test_a_lexicon_is_large_and_every_phrase_of_it_is_found(lang: str) -> None:
    phrases, lexicon = phrases_of(lang), lexicon_of(lang)
    assert len(phrases) > 3_000
    assert lexicon is not None
    assert [phrase for phrase, english in phrases if lexicon.gloss(phrase) != english.split()] == []


SAID = [
    ("de", "spotify ist seit heute morgen down und ich kann mich nicht einloggen", {"down", "not"}),
    ("es", "spotify no funciona desde ayer", {"not", "working"}),
    ("fr", "spotify ne marche plus depuis ce matin", {"not", "working"}),
    ("it", "spotify non funziona da stamattina", {"not", "working"}),
    ("nl", "spotify doet het niet meer sinds vanochtend", {"not", "working"}),
    ("pt", "o spotify não funciona desde ontem", {"not", "working"}),
    ("ja", "spotify また落ちた!", {"down", "!"}),
]


@pytest.mark.parametrize(("lang", "text", "words"), SAID)
def test_a_plain_complaint_says_in_english_what_it_said(lang: str, text: str, words: set[str]) -> None:
    lexicon = lexicon_of(lang)
    assert lexicon is not None
    found = lexicon.gloss(mask(text, Names().of("spotify")))
    assert words | {"xsvc"} <= set(found)


BAD = [
    ("down", "must be a phrase, a tab, and its English"),
    ("\tdown", "must be a phrase, a tab, and its English"),
    ("''\tdown", "must be a phrase, a tab, and its English"),
    ("\u0301\tdown", "must be a phrase, a tab, and its English"),
    ("ca\u00eddo\tca\u00eddo", "must be plain English in lower case"),
    ("caido\tDown", "must be plain English in lower case"),
    ("no va\tis down", "'no va' stands there twice; keep one of them"),
]


@pytest.mark.parametrize(("line", "mend"), BAD)
def test_a_bad_line_is_named_with_its_file_and_its_mend(tmp_path: Path, line: str, mend: str) -> None:
    path = tmp_path / "xx.tsv"
    path.write_text(f"# phrases\n\nno va\tnot working\n{line}\n", encoding="utf-8")
    with pytest.raises(LexiconError) as refused:
        read_lexicon(path)
    assert "xx.tsv, line 4: " in str(refused.value)
    assert mend in str(refused.value)


def test_a_file_that_is_not_utf_8_is_refused_with_its_first_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "xx.tsv"
    path.write_bytes(b"no va\tdown\nca\xeddo\tdown\n")
    with pytest.raises(LexiconError, match=r"xx\.tsv, line 2: is not UTF-8; save the file as UTF-8"):
        read_lexicon(path)


def test_comments_empty_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "xx.tsv"
    path.write_bytes(b"\xef\xbb\xbfno va\tnot working\n# va\tgoes\n\n pues \t\n")
    assert read_lexicon(path) == [("no va", "not working"), ("pues", "")]


# --- any text ---


@cache
def english_of(lang: str) -> frozenset[str]:
    return frozenset(word for _, english in phrases_of(lang) for word in english.split())


def is_foreign(word: str, lang: str) -> bool:
    """Whether a word has letters, and is neither a mark, nor of the lexicon's English, nor borrowed."""
    lettered = any(char.isalpha() for char in word)
    return lettered and word not in MARKS | english_of(lang) and glossed(word) != word


LIKE_POSTS = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["xsvc", "no funciona", "キャンセル", "ßß", "don't", "5g", "3viejos", "ǅ", "½", "e\u0301"]
        ),
    ),
    max_size=12,
).map(" ".join)


@settings(deadline=None)
@given(LIKE_POSTS, st.sampled_from(GLOSSED))
def test_any_text_is_glossed_into_plain_lower_case_english_and_signs(text: str, lang: str) -> None:
    lexicon = lexicon_of(lang)
    assert lexicon is not None
    for given_text in (text, mask(text, Names().of("spotify"))):
        words = lexicon.gloss(given_text)
        assert [word for word in words if is_foreign(word, lang)] == []
        assert all(word.isascii() and word == word.lower() for word in words if any(map(str.isalpha, word)))
        assert not any(char.isspace() for word in words for char in word)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["no va", "xsvc", "gato", "caida", "?"]), max_size=8))
def test_a_text_is_glossed_part_by_part_where_no_phrase_spans_the_parts(parts: list[str]) -> None:
    lexicon = Lexicon([("no va", "not working"), ("caida", "outage")])
    assert lexicon.gloss(" ".join(parts)) == [word for part in parts for word in lexicon.gloss(part)]


@given(st.text())
def test_letters_without_accents_stay_so(text: str) -> None:
    once = without_accents(text)
    assert without_accents(once) == once
