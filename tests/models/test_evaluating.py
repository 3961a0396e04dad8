"""Every row is judged by a model that did not learn from what it judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import KINDS, Kind
from models.evaluating.baselines import tfidf
from models.evaluating.folds import Tell, by_domain, by_service, judged_in_folds, ten_folds
from models.evaluating.known_posts import LabelReader, of_corpus, of_ratings
from models.evaluating.real import labelled_rows
from models.evaluating.report import RealData, Report, evaluate, read_real
from models.model_file import load
from models.real_posts import DATA_SETS, RATED, STREAMS, RealLabel, RealPost, labelled_posts, rated_posts
from models.training import held_out, read_all
from tests.models.public_data import MANY, TRADES, public_data, use_labels
from tests.models.slang import SERVICES, champion, core, corpus


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Made-up data sets with labels, two folds, and a quick learner in fastText's place."""
    folder = tmp_path_factory.mktemp("public")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.evaluating.folds.FOLDS", 2)
        patch.setattr("models.evaluating.baselines.fasttext", tfidf)
        use_labels(patch, folder / "ours")
        yield public_data(folder / "data")


@pytest.fixture(scope="module")
def report(data: Path) -> Report:
    """On everything, with the test half of the streams."""
    return report_on(read_real(data, "test"))


@pytest.fixture(scope="module")
def report_without_data() -> Report:
    return report_on(None)


def report_on(real: RealData | None, tell: Tell = silent) -> Report:
    model = champion()
    classifier = load(model.body, model.card, SERVICES)
    return evaluate(classifier, corpus(), core(), real, services=SERVICES, ground=None, tell=tell)


# --- folds ---


def test_the_corpus_is_judged_in_the_folds_that_gave_the_models_card_its_figures() -> None:
    readings = read_all(corpus(), SERVICES)
    logits, _ = judged_in_folds(
        of_corpus(corpus(), SERVICES), by_service(corpus()), {}, ground=None, tell=lambda *_: None
    )
    assert np.array_equal(logits, held_out(corpus(), readings, 2))


def test_no_service_is_on_both_sides() -> None:
    for seen, unseen in by_service(corpus()):
        assert not {corpus()[at].service for at in seen} & {corpus()[at].service for at in unseen}


def test_twins_stay_together() -> None:
    twins = [msgspec.structs.replace(post, pair=f"pair{at // 2}") for at, post in enumerate(corpus())]
    for seen, unseen in by_service(twins):
        assert not {twins[at].pair for at in seen} & {twins[at].pair for at in unseen}


@given(st.lists(st.sampled_from([*TRADES, "random_reply"])))
def test_each_post_is_asked_about_once_when_its_trade_is_held_out(others: list[str]) -> None:
    domains = [*others, "food"]
    folds = by_domain(domains)
    trades = {trade for trade in domains if not trade.startswith("random")}
    asked = [int(at) for _, unseen in folds for at in unseen]
    assert len(folds) == len(trades)
    assert sorted(asked) == list(range(len(domains)))
    for seen, unseen in folds:
        assert not {domains[at] for at in seen} & {domains[at] for at in unseen} & trades


def test_ten_folds_have_complaints_in_each() -> None:
    complains = np.arange(60) % 3 == 0
    assert [int(complains[unseen].sum()) for _, unseen in ten_folds(complains)] == [10, 10]


# --- the report ---


def test_without_real_posts_only_ours_are_measured(report_without_data: Report) -> None:
    blocks = {row.block for row in report_without_data.rows}
    assert blocks == {"corpus", "corpus by language", "corpus by kind", "core set"}
    assert report_without_data.half is None
    assert report_without_data.model == champion().card.version
    assert "tfidf" not in report_without_data.rows[0].baselines


def test_every_kind_has_a_row_of_its_own(report_without_data: Report) -> None:
    rows = [row for row in report_without_data.rows if row.block == "corpus by kind"]
    assert [row.of for row in rows] == [kind.value for kind in KINDS]
    assert sum(row.hits for row in rows) == len(corpus())


def test_real_posts_bring_rows_for_each_set_and_for_the_sure_ones_of_it(report: Report) -> None:
    found = {(row.block, row.of): row for row in report.rows}
    for name in DATA_SETS:
        assert found["labelled, set held out", name].posts == MANY
        assert found["labelled, set held out", f"{name}, sure"].posts == MANY * 4 // 5
    for name in STREAMS:
        assert found["streams", name].posts == MANY // 2
    for of in ("ten folds", "trade held out"):
        assert found[RATED, of].posts == MANY
        assert found[RATED, of].baselines.keys() >= {"keyword", "tfidf"}
    assert report.half == "test"


def test_the_same_posts_give_the_same_figures_and_tell_what_is_under_way(data: Path, report: Report) -> None:
    told: list[str] = []
    again = report_on(read_real(data, "test"), tell=lambda what, done, of: told.append(f"{what} {done}/{of}"))
    assert again == report
    assert told[:3] == ["reading the posts 0/1", "the corpus, held out 0/2", "the corpus, held out 1/2"]
    assert told[-1] == "our labels, each data set held out 5/6"


# --- labels of real posts ---


def turned(labels: Sequence[RealLabel], name: str) -> list[RealLabel]:
    """The same labels, those of one set turned round."""
    other = {Kind.COMPLAINT: Kind.OTHER, Kind.OTHER: Kind.COMPLAINT}
    return [
        msgspec.structs.replace(one, kind=other[one.kind]) if one.post.set == name else one for one in labels
    ]


def aucs(data: Path, labels: Sequence[RealLabel]) -> dict[str, float]:
    kept, posts = LabelReader(SERVICES).read(labels)
    rated = of_ratings(rated_posts(data))
    written = of_corpus(corpus()[:40], SERVICES)
    rows = labelled_rows(kept, posts, written, rated, np.zeros(MANY), ground=None, tell=silent)
    return {row.of: row.ours.auc for row in rows if row.ours is not None}


@pytest.mark.parametrize("name", ["semeval2017", RATED])
def test_a_set_is_judged_without_its_own_labels(data: Path, name: str) -> None:
    labels = labelled_posts(data, DATA_SETS)
    before, after = aucs(data, labels), aucs(data, turned(labels, name))
    assert after[name] == pytest.approx(1 - before[name])  # else its labels had taught the model


def test_tfidf_has_no_score_on_its_own_set_but_those_out_of_folds(data: Path) -> None:
    kept, posts = LabelReader(SERVICES).read(labelled_posts(data, DATA_SETS))
    rated = of_ratings(rated_posts(data))
    blind = np.where(posts.complains[np.array([one.post.set == RATED for one in kept])], 0.0, 1.0)
    rows = labelled_rows(
        kept, posts, of_corpus(corpus()[:40], SERVICES), rated, blind, ground=None, tell=silent
    )
    found = {row.of: row.baselines["tfidf"] for row in rows}
    assert found[RATED] is not None
    assert found[RATED].auc == 0


def label(text: str, lang: str = "en", service: str | None = "spotify") -> RealLabel:
    return RealLabel(RealPost("semeval2017", "1", text), Kind.COMPLAINT, service, lang)


def test_a_post_in_a_language_without_lexicon_is_left_out() -> None:
    kept, posts = LabelReader(SERVICES).read([label("spotify nefunguje", "cs"), label("spotify won't load")])
    assert [one.post.text for one in kept] == posts.texts == ["spotify won't load"]


def test_a_labelled_post_is_read_for_its_service_and_the_others_are_masked() -> None:
    _, posts = LabelReader(SERVICES).read([label("Slack works but Spotify won't load")])
    assert {"xother", "xsvc"} <= set(posts.readings[0].words)


def test_a_post_about_no_service_is_read_as_it_stands() -> None:
    _, posts = LabelReader(SERVICES).read([label("my bike won't start", service=None)])
    assert "bike" in posts.readings[0].words
    assert posts.services == ["none"]


def test_an_unsure_label_counts_half() -> None:
    labels = [msgspec.structs.replace(label("spotify won't load"), unsure=unsure) for unsure in (True, False)]
    _, posts = LabelReader(SERVICES).read(labels)
    assert posts.counts.tolist() == [1, 2]
