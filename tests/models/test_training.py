"""Training gives the same model for the same corpus, with figures measured on posts held out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest

from domain.mention import KINDS, Kind
from models.corpus import CorpusError, LabelledPost, read_corpus
from models.evaluation import calibration_error, evaluate
from models.model_file import load, load_file
from models.shipped import SHIPPED
from models.signs import SIGNS
from models.training import BINS, best_temperature, read_all, train, train_shipped

CORPUS = Path(__file__).parents[2] / "data" / "corpus"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SERVICES = ("spotify", "github", "netflix", "slack")
SAYINGS = {
    Kind.COMPLAINT: (
        "{} won't load for me",
        "my {} keeps crashing",
        "can't log in to {}",
        "{} is broken again, ugh",
    ),
    Kind.ECHO: (
        "BREAKING: {} outage reported",
        "users report {} is down https://t.co/x",
        "lol {} fell over, says news",
    ),
    Kind.QUESTION: ("is {} down?", "anyone else having trouble with {}?", "is it just me or is {} slow?"),
    Kind.RECOVERY: ("{} is back", "{} works again for me", "finally {} is up again"),
    Kind.OTHER: ("love {} so much", "new {} plan costs ten dollars", "using {} with my sister tonight"),
}


def small_corpus() -> list[LabelledPost]:
    return [
        LabelledPost(f"{service}-{kind}-{number}", saying.format(service), service, kind, file="small.jsonl")
        for service in SERVICES
        for kind, sayings in SAYINGS.items()
        for number, saying in enumerate(sayings)
    ]


def test_equal_corpora_give_equal_bytes_and_the_same_version() -> None:
    first, second = (train(small_corpus(), trained_at=NOON, folds=2) for _ in range(2))
    assert first == second
    assert first.card.version.startswith("2026-01-05-")


def test_another_corpus_gives_another_version() -> None:
    whole, less = (
        train(corpus, trained_at=NOON, folds=2) for corpus in (small_corpus(), small_corpus()[:-1])
    )
    assert whole.card.version != less.card.version


def test_a_trained_model_can_be_loaded_and_has_learnt() -> None:
    model = train(small_corpus(), trained_at=NOON, folds=2)
    assert load(model.body, model.card).version == model.card.version
    assert model.card.data == {"small.jsonl": 64}
    assert model.card.figures["macro_f1"] > 0.9


def test_what_one_service_alone_says_is_not_learnt() -> None:
    telling = [
        LabelledPost(f"t{number}", "zebras everywhere", "spotify", Kind.COMPLAINT, file="t.jsonl")
        for number in range(9)
    ]
    model = train(small_corpus() + telling, trained_at=NOON, folds=2)
    assert not any("zebras" in gram for gram in load(model.body, model.card).features.of_words.grams)


def test_a_card_keeps_how_its_verdicts_are_spread() -> None:
    card = train(small_corpus(), trained_at=NOON, folds=2).card
    assert set(card.kinds) == {kind.value for kind in KINDS}
    assert sum(card.kinds.values()) == pytest.approx(1, abs=0.01)
    assert len(card.scores) == BINS
    assert sum(card.scores) == pytest.approx(1, abs=0.01)


def test_posts_too_short_to_share_a_part_of_a_word_can_be_learnt_from() -> None:
    model = train([post for post in small_corpus() if post.service in SERVICES[:2]], trained_at=NOON, folds=2)
    assert load(model.body, model.card).features.count > len(SIGNS)


# --- languages ---


def abroad(text: str, lang: str, kind: Kind = Kind.COMPLAINT) -> LabelledPost:
    return LabelledPost(f"{lang}-1", text, "spotify", kind, lang=lang, file="abroad.jsonl")


def test_a_post_is_read_in_the_language_that_the_corpus_says() -> None:
    (read,) = read_all([abroad("spotify no funciona desde ayer", "es")])
    assert {"not", "working", "yesterday"} <= set(read.words)
    assert "funciona" in read.native


def test_a_few_words_that_look_like_a_language_not_read_are_read_as_the_corpus_says() -> None:
    (read,) = read_all([abroad("spotify no va", "es")])
    assert read.native
    assert "not" in read.words


def test_a_language_without_a_lexicon_cannot_be_trained_on_and_its_post_is_named() -> None:
    polish = abroad("spotify nie działa od rana, czy ktoś jeszcze ma ten problem?", "pl")
    with pytest.raises(CorpusError, match=r"abroad\.jsonl: pl-1 is in 'pl', of which there is no lexicon"):
        read_all([polish])


def test_a_kind_that_only_one_service_has_cannot_be_trained() -> None:
    corpus = [post for post in small_corpus() if post.kind is not Kind.ECHO or post.service == "slack"]
    with pytest.raises(CorpusError, match=r"kind .echo. about 1 services"):
        train(corpus, trained_at=NOON)


def test_a_trained_model_is_written_with_its_card(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    lines = [msgspec.json.encode(msgspec.structs.replace(post, file="")) for post in small_corpus()]
    (corpus / "small.jsonl").write_bytes(b"\n".join(lines))
    model = train_shipped(corpus, tmp_path / "model", trained_at=NOON)
    assert load_file(tmp_path / "model" / "classifier.skops").card == model.card


BAD_LINES = [
    (b'{"id": "a"', "line 1"),
    (b'{"id": "a", "text": "b", "service": "c", "kind": "gripe"}', "gripe"),
    (b'{"id": "a", "text": "b", "service": "c"}', "kind"),
    (b'{"id": "a", "text": "b", "service": "c", "kind": "other", "symtoms": []}', "symtoms"),
    (b'{"id": "a", "text": "b", "service": "c", "kind": "other", "lang": 7}', "lang"),
    (b'{"id": "a", "text": "\xff", "service": "c", "kind": "other"}', "save the file as UTF-8"),
]


@pytest.mark.parametrize(("line", "named"), BAD_LINES)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, named: str) -> None:
    (tmp_path / "bad.jsonl").write_bytes(line)
    with pytest.raises(CorpusError, match=named) as error:
        read_corpus(tmp_path)
    assert "bad.jsonl, line 1" in str(error.value)


def test_an_id_used_twice_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no posts"):
        read_corpus(tmp_path)
    line = b'{"id": "a", "text": "b", "service": "c", "kind": "other"}\n'
    (tmp_path / "twice.jsonl").write_bytes(line * 2)
    with pytest.raises(CorpusError, match=r"stands in twice\.jsonl too"):
        read_corpus(tmp_path)


def test_the_shipped_card_names_the_files_of_the_corpus() -> None:
    card = load_file(SHIPPED / "classifier.skops").card
    assert set(card.data) == {path.name for path in CORPUS.glob("*.jsonl")}
    assert sum(card.data.values()) >= 6_000
    assert card.figures["macro_f1"] > 0.75


# --- the figures ---


def test_a_perfect_guess_has_perfect_figures_and_no_calibration_error() -> None:
    figures = evaluate(KINDS, np.eye(len(KINDS)))
    assert figures["macro_f1"] == figures["complaint_auc"] == figures["recall_echo"] == 1
    assert figures["complaint_calibration_error"] == 0


def test_figures_of_one_kind_alone_are_still_numbers() -> None:
    assert evaluate([Kind.OTHER], np.full((1, 5), 0.2))["complaint_auc"] == 0.5


def test_calibration_error_is_the_gap_between_promise_and_share() -> None:
    assert calibration_error(np.array([True, False]), np.array([0.9, 0.9])) == pytest.approx(0.4)


def test_logits_that_promise_too_much_are_cooled() -> None:
    numbers = np.array([0, 0, 0, 1] * 50)
    sure = np.tile([8.0, 0.0, -9.0, -9.0, -9.0], (200, 1))
    assert best_temperature(numbers, sure) > 2
