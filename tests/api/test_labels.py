from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.busy import Busy
from domain.doubt import Doubt
from domain.incident import State
from domain.label import Label, Verdict
from domain.mention import Kind
from domain.notice import OfficialNotice, OfficialState
from tests.api.house import KEY, NOW, an_incident, save, small_house, with_live

HEADERS = {"Authorization": f"Bearer {KEY}"}
INCIDENT = an_incident().id
OFFICIAL = "statuspage:spotify:1"


@pytest.fixture
def house():
    house = with_live(small_house())
    save(house, "live", NOW, incidents=[an_incident()])
    house.stores.notices.add([OfficialNotice("live", "spotify", OfficialState.TROUBLE, NOW, event=OFFICIAL)])
    return house


def send(house, label):
    return TestClient(create_app(house, clock=lambda: NOW)).post("/v1/labels", json=label, headers=HEADERS)


def test_not_an_outage_dismisses_the_incident_under_the_keys_name(house):
    answer = send(house, {"incident": INCIDENT, "verdict": "not_an_outage"})
    assert answer.status_code == 201
    assert (answer.json()["by"], answer.json()["incident_state"]) == ("tests", "dismissed")
    assert house.stores.incidents.get(INCIDENT).state is State.DISMISSED
    assert [label.by for label in house.stores.labels.find(incident=INCIDENT)] == ["tests"]


def test_a_posts_label_keeps_its_words(house):
    label = {
        "source": "api",
        "post": "7",
        "verdict": "real",
        "kind": "echo",
        "text": "lol imessage",
        "service": "imessage",
    }
    assert send(house, label).status_code == 201
    assert house.stores.labels.find()[0].text == "lol imessage"


@pytest.mark.parametrize("verdict", ["real", "not_an_outage"])
def test_an_official_event_may_be_labelled_as_one_that_could_be_heard_or_not(house, verdict):
    answer = send(house, {"official": OFFICIAL, "verdict": verdict})
    assert answer.status_code == 201
    assert (answer.json()["official"], answer.json()["incident_state"]) == (OFFICIAL, None)
    assert [label.verdict for label in house.stores.labels.find(official=OFFICIAL)] == [verdict]


@pytest.mark.parametrize(
    "label",
    [
        {"verdict": "real"},
        {"verdict": "real", "official": "statuspage:spotify:2"},
        {"verdict": "real", "official": OFFICIAL, "incident": INCIDENT},
        {"verdict": "real", "official": OFFICIAL, "source": "api", "post": "7"},
        {"verdict": "real", "official": OFFICIAL, "kind": "echo"},
        {"verdict": "real", "official": OFFICIAL, "service": "spotify"},
        {"verdict": "wrong_service", "official": OFFICIAL},
        {"verdict": "real", "post": "7"},
        {"verdict": "real", "source": "api"},
        {"verdict": "real", "incident": INCIDENT, "source": "api", "post": "7"},
        {"verdict": "real", "incident": INCIDENT, "kind": "echo"},
        {"verdict": "real", "incident": INCIDENT, "lang": "en"},
        {"verdict": "wrong_service", "incident": INCIDENT, "instead_of": "spotify"},
        {"verdict": "real", "source": "api", "post": "7", "instead_of": "spotify"},
        {"verdict": "wrong_service", "source": "api", "post": "7", "instead_of": "nobody"},
        {"verdict": "perhaps", "incident": INCIDENT},
        {"verdict": "real", "incident": "inc_nowhere"},
        {"verdict": "wrong_service", "incident": INCIDENT, "service": "nobody"},
        {"verdict": "real", "incident": INCIDENT, "verdikt": "real"},
    ],
)
def test_a_label_that_cannot_be_meant_is_refused(house, label):
    answer = send(house, label)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert house.stores.labels.find() == []


def ask(house, path="/v1/labels", *, method="GET", **asked):
    api = TestClient(create_app(house, clock=lambda: NOW))
    return api.request(method, path, params=asked, headers=HEADERS)


def on_post(name, post="7", *, by="ann", minutes=0, **more):
    fields = {
        "source": "api",
        "post": post,
        "service": "imessage",
        "kind": Kind.ECHO,
        "text": "I heard",
        **more,
    }
    return Label(name, by, NOW - timedelta(minutes=minutes), Verdict.REAL, **fields)


@pytest.fixture
def labelled(house):
    """Five verdicts, two of them on one post."""
    house.stores.labels.add_all(
        [
            on_post("lab_1"),
            on_post("lab_2", by="tests", minutes=1, kind=Kind.OTHER),
            on_post("lab_3", "8", minutes=2),
            Label("lab_4", "ann", NOW - timedelta(minutes=3), Verdict.REAL, incident=INCIDENT),
            Label("lab_5", "tests", NOW - timedelta(minutes=4), Verdict.REAL, official=OFFICIAL),
        ]
    )
    return house


def names(answer):
    assert answer.status_code == 200, answer.text
    return [label["id"] for label in answer.json()["items"]]


def test_labels_are_listed_the_latest_first_page_by_page(labelled):
    first = ask(labelled, limit=2)
    second = ask(labelled, limit=2, cursor=first.json()["next_cursor"])
    last = ask(labelled, limit=2, cursor=second.json()["next_cursor"])
    assert [names(page) for page in (first, second, last)] == [
        ["lab_1", "lab_2"],
        ["lab_3", "lab_4"],
        ["lab_5"],
    ]
    assert last.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"incident": INCIDENT}, ["lab_4"]),
        ({"official": OFFICIAL}, ["lab_5"]),
        ({"source": "api", "post": "7"}, ["lab_1", "lab_2"]),
        ({"by": "tests"}, ["lab_2", "lab_5"]),
        ({"by": "nobody"}, []),
    ],
)
def test_labels_may_be_asked_for_by_what_they_are_about_and_by_whose_they_are(labelled, asked, found):
    assert names(ask(labelled, **asked)) == found


def test_a_cursor_of_other_filters_or_of_a_label_that_is_gone_is_refused(labelled):
    cursor = ask(labelled, limit=2).json()["next_cursor"]
    assert ask(labelled, limit=2, cursor=cursor, by="ann").status_code == 422
    assert ask(labelled, cursor="nonsense").json()["errors"][0]["field"] == "cursor"
    labelled.stores.labels.remove("lab_2", "tests")
    assert "is gone" in ask(labelled, limit=2, cursor=cursor).json()["detail"]


def test_one_may_take_back_ones_own_label_and_nobody_elses(labelled):
    assert ask(labelled, "/v1/labels/lab_2", method="DELETE").status_code == 204
    for name in ("lab_1", "lab_2"):
        answer = ask(labelled, f"/v1/labels/{name}", method="DELETE")
        assert (answer.status_code, "/v1/labels?by=tests" in answer.json()["detail"]) == (404, True)
    assert names(ask(labelled)) == ["lab_1", "lab_3", "lab_4", "lab_5"]


def test_the_words_of_a_post_are_looked_up_and_kept_with_its_label(house):
    house.posts.label_queue.offer([a_doubt("7")], NOW)
    answer = send(house, {"source": "api", "post": "7", "verdict": "real", "kind": "echo"}).json()
    assert (answer["text"], answer["service"], answer["lang"]) == ("7 is odd today", "spotify", "en")
    assert (answer["teaches"], answer["untaught"]) == (True, None)
    assert house.stores.labels.find()[0].text == "7 is odd today"


@pytest.mark.parametrize(
    ("label", "untaught"),
    [
        ({"source": "api", "post": "9", "service": "spotify", "verdict": "real"}, "no_words"),
        ({"source": "api", "post": "9", "text": "hm", "verdict": "real"}, "no_service"),
        ({"source": "api", "post": "9", "text": "hm", "verdict": "wrong_service"}, "no_service"),
        ({"incident": INCIDENT, "verdict": "not_an_outage"}, "no_post"),
        ({"incident": INCIDENT, "verdict": "wrong_service"}, "no_post"),
        ({"official": OFFICIAL, "verdict": "real"}, "no_post"),
    ],
)
def test_a_label_that_cannot_teach_is_kept_and_says_so(house, label, untaught):
    answer = send(house, label)
    assert answer.status_code == 201
    assert (answer.json()["teaches"], answer.json()["untaught"]) == (False, untaught)
    assert len(house.stores.labels.find()) == 1


@pytest.mark.parametrize(
    "label",
    [
        {"incident": INCIDENT, "verdict": "real"},
        {"incident": INCIDENT, "verdict": "wrong_service", "service": "facetime"},
        {"source": "api", "post": "9", "text": "hm", "verdict": "wrong_service", "instead_of": "spotify"},
    ],
)
def test_a_label_that_teaches_says_so(house, label):
    assert send(house, label).json()["teaches"] is True


def a_doubt(post, unsure=0.8, service="spotify"):
    return Doubt(
        source="api",
        post=post,
        service=service,
        text=f"{post} is odd today",
        written_at=NOW,
        probabilities=(0.45, 0.4, 0.1, 0.05, 0.0),
        unsure=unsure,
        lang="en",
    )


def test_the_queue_shows_posts_with_how_they_were_judged_and_without_their_authors(house):
    house.posts.label_queue.offer([a_doubt("seven")], NOW)
    [item] = ask(house, "/v1/labels/queue").json()["items"]
    assert item == {
        "source": "api",
        "post": "seven",
        "service": "spotify",
        "text": "seven is odd today",
        "written_at": "2012-11-18T20:51:00Z",
        "url": None,
        "lang": "en",
        "kind": "complaint",
        "probabilities": {"complaint": 0.45, "echo": 0.4, "question": 0.1, "recovery": 0.05, "other": 0.0},
        "unsure": 0.8,
    }


def test_the_queue_may_be_narrowed(house):
    house.posts.label_queue.offer(
        [a_doubt("one", 0.9), a_doubt("two"), a_doubt("three", 0.5, "netflix")], NOW
    )

    def posts(**asked):
        return [item["post"] for item in ask(house, "/v1/labels/queue", **asked).json()["items"]]

    assert posts() == ["one", "three", "two"]
    assert posts(most=1) == ["one"]
    assert posts(service="netflix") == ["three"]
    assert posts(service="imessage") == []


@pytest.mark.parametrize("asked", [{"service": "nobody"}, {"most": 0}, {"most": 501}, {"limit": 5}])
def test_a_question_to_the_queue_that_cannot_be_meant_is_refused(house, asked):
    assert ask(house, "/v1/labels/queue", **asked).status_code == 422


def test_the_queue_says_when_to_come_back_while_redis_is_away(house):
    house.busy = Busy("the store of running posts does not answer", 5)
    answer = ask(house, "/v1/labels/queue")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
