"""Drift in the API and as metrics."""

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.app import create_app
from domain.busy import Busy
from domain.drift import Verdicts
from domain.mention import Mention, Naming, Via
from domain.model_version import ModelCard, ModelVersion
from domain.moments import minute_of
from domain.post import Post
from storage.interfaces import HandOver
from tests.api.house import NOW, small_house, with_live

CARD = ModelCard(
    "words-1",
    NOW,
    {"a.jsonl": 1000},
    {},
    {},
    kinds={"complaint": 0.25, "echo": 0.25, "question": 0.1, "recovery": 0.1, "other": 0.3},
    scores=(0.5, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05),
)
LIKE_THEN = Verdicts((250, 250, 100, 100, 300), (500, 100, 50, 50, 50, 50, 50, 50, 50, 50))
UNLIKE = Verdicts((10, 10, 10, 10, 960), (960, 10, 10, 10, 10, 0, 0, 0, 0, 0))


@pytest.fixture
def house():
    house = with_live(small_house())
    house.stores.models.add(ModelVersion(CARD, b""))
    house.stores.models.activate("words-1", NOW)
    return house


def judged(house, verdicts, version="words-1", hours_ago=0):
    """A batch whose posts were judged so."""
    post = Post("x", "1", "imessage", NOW, author="00" * 8)
    mention = Mention(post, (Naming("imessage", Via.NAME),))
    house.posts.hand_over(HandOver("x", None, (mention,), volume={}, threads={}))
    [batch] = house.posts.take("worker", 1)
    house.posts.count(batch, [], [], version=version, verdicts={minute_of(NOW) // 60 - hours_ago: verdicts})


def ask(house, path="/v1/classifier/drift"):
    return TestClient(create_app(house, clock=lambda: NOW)).get(path)


@pytest.mark.parametrize(
    ("verdicts", "readings"),
    [(LIKE_THEN, ("steady", "steady")), (UNLIKE, ("drifted", "drifted")), (Verdicts(), (None, None))],
    ids=["like then", "unlike then", "none"],
)
def test_the_last_day_is_held_against_the_training(house, verdicts, readings):
    judged(house, verdicts)
    told = ask(house).json()
    assert (told["version"], told["verdicts"]) == ("words-1", verdicts.total)
    assert (told["kinds"]["reading"], told["scores"]["reading"]) == readings
    assert [share["name"] for share in told["kinds"]["shares"]][:2] == ["complaint", "echo"]
    assert told["scores"]["shares"][9]["name"] == "0.9-1.0"
    assert told["kinds"]["shares"][0]["trained"] == 0.25


def test_what_another_version_judged_and_what_is_older_is_left_out(house):
    judged(house, LIKE_THEN, version="words-0")
    judged(house, LIKE_THEN, hours_ago=24)
    judged(house, LIKE_THEN, hours_ago=23)
    assert ask(house).json()["verdicts"] == LIKE_THEN.total


def test_a_card_that_says_nothing_of_its_training_is_compared_with_nothing(house):
    house.stores.models.add(ModelVersion(replace(CARD, version="words-2", kinds={}, scores=()), b""))
    house.stores.models.activate("words-2", NOW)
    judged(house, LIKE_THEN, version="words-2")
    told = ask(house).json()
    assert (told["kinds"]["psi"], told["kinds"]["shares"][0]) == (
        None,
        {"name": "complaint", "now": 0.25, "trained": None},
    )


def test_without_a_version_or_without_redis_it_says_so():
    bare = small_house()
    assert ask(bare).status_code == 404
    bare.busy = Busy("the store of running posts does not answer", 5)
    answer = ask(bare)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"


def metrics(house):
    families = text_string_to_metric_families(ask(house, "/metrics").text)
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_drift_is_told_as_metrics(house):
    judged(house, UNLIKE)
    told = metrics(house)
    assert told["groundswell_verdicts",] == 1000
    assert told["groundswell_drift_psi", "kinds", "words-1"] > 0.25
    assert told["groundswell_verdict_share", "kinds", "now", "other"] == 0.96
    assert told["groundswell_verdict_share", "kinds", "other", "trained"] == 0.3
    assert told["groundswell_verdict_share", "0.0-0.1", "now", "scores"] == 0.96


def test_too_few_verdicts_have_shares_and_no_index(house):
    judged(house, Verdicts((1, 0, 0, 0, 1), (1, 0, 0, 0, 0, 0, 0, 0, 0, 1)))
    told = metrics(house)
    assert told["groundswell_verdict_share", "complaint", "kinds", "now"] == 0.5
    assert not [name for name in told if name[0] == "groundswell_drift_psi"]


def test_without_redis_the_other_metrics_are_told_all_the_same(house):
    house.busy = Busy("the store of running posts does not answer", 5)
    told = metrics(house)
    assert ("groundswell_verdicts",) not in told
    assert ("groundswell_database_up",) in told
