from datetime import timedelta
from html.parser import HTMLParser

import msgspec
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.incident import Change, Incident, Reason, Spillover, State
from domain.notice import OfficialNotice, OfficialState
from domain.run import Run
from tests.api.house import (
    NOW,
    RAISED,
    SmallHouse,
    a_post,
    admission,
    an_incident,
    save,
    small_house,
    with_live,
)

NOTE = "Reconstruction of 18 November 2012"
NASTY = "<script>alert(1)</script> \"quoted\" & 'so'"


def page_of(house: SmallHouse, path: str = "/") -> str:
    answer = TestClient(create_app(house, clock=lambda: NOW)).get(path)
    assert answer.status_code == 200
    return answer.text


def with_replay(house: SmallHouse, *, finished: bool = False) -> SmallHouse:
    ended = NOW if finished else None
    house.stores.runs.start(Run("demo", NOW, note=NOTE, finished_at=ended))
    save(house, "demo", NOW, incidents=[an_incident(run="demo")], evidence=[a_post(NASTY)])
    return house


def with_open(house: SmallHouse, **evidence) -> SmallHouse:
    save(house, "live", NOW, incidents=[an_incident()], evidence=[a_post(NASTY, **evidence)])
    return house


def with_this(incident: Incident) -> SmallHouse:
    house = with_live(small_house())
    save(house, "live", NOW, incidents=[incident])
    return house


def test_an_empty_house_says_what_to_do_next():
    page = page_of(small_house())
    assert "No posts yet" in page
    assert "/v1/posts" in page
    assert "groundswell replay FILE" in page


def test_an_open_incident_comes_before_everything_else():
    page = page_of(with_open(with_live(small_house())))
    assert "<h1>iMessage is failing</h1>" in page
    assert page.index("Open incidents") < page.index("Complaints in the last hour") < page.index("Quiet")
    assert "with no official notice yet" in page
    assert "142" in page
    assert "1.3 expected" in page


def test_the_lead_over_the_official_page_is_told():
    house = with_open(with_live(small_house()))
    house.stores.notices.add([admission(after=40)])
    page = page_of(house)
    assert "before the official page" in page
    assert "40 min" in page
    assert "official page 20:44" in page  # the marker of the chart


def test_strangers_words_are_never_markup():
    house = with_open(with_live(small_house()), url="javascript:alert(1)")
    notice = OfficialNotice("live", "imessage", OfficialState.TROUBLE, NOW, NASTY, url="javascript:alert(2)")
    house.stores.notices.add([notice])
    for path in ("/", f"/incidents/{an_incident().id}"):
        page = page_of(house, path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "javascript:" not in page


def test_a_replay_never_looks_live():
    page = page_of(with_replay(small_house()))
    assert "Replay, not live." in page
    assert NOTE in page
    assert 'class="dot"' not in page
    assert "Replay, not live." in page_of(
        with_replay(small_house()), f"/incidents/{an_incident(run='demo').id}"
    )
    assert "Replay, not live." not in page_of(with_live(small_house()))


def test_live_is_shown_if_anything_was_heard_there_else_the_latest_replay():
    assert "Replay, not live." not in page_of(with_replay(with_live(small_house())))
    assert "Replay, not live." in page_of(with_replay(with_live(small_house())), "/?run=demo")
    assert "Replay, not live." in page_of(with_replay(small_house()))
    assert "Replay, not live." not in page_of(with_replay(small_house()), "/?run=live")


def test_the_present_of_a_replay_is_its_last_closed_minute():
    house = with_replay(small_house())
    later = TestClient(create_app(house, clock=lambda: NOW + timedelta(days=5_000)))
    assert "47 min <small>ago" in later.get("/").text


def test_a_finished_replay_sums_up_what_failed():
    house = with_replay(small_house(), finished=True)
    ended = msgspec.structs.replace(
        an_incident("facetime", run="demo"), state=State.RESOLVED, resolved_at=NOW - timedelta(minutes=1)
    )
    open_one = house.stores.incidents.get(an_incident(run="demo").id)
    dismiss(house, open_one)
    save(house, "demo", NOW, incidents=[ended])
    page = page_of(house)
    assert "FaceTime failed, and came back" in page
    assert "Dismissed" in page


def dismiss(house, incident):
    after = msgspec.structs.replace(incident, state=State.DISMISSED, revision=1)
    assert house.stores.incidents.change(Change(after, incident.state, Reason.VERDICT, NOW), ())


def test_silence_that_means_nothing_is_named():
    house = with_live(small_house(), until=NOW - timedelta(minutes=12))
    house.failing = {"worker": "no worker has given a sign"}
    page = page_of(house)
    assert "worker: no worker has given a sign" in page
    assert "Counting is 12 min behind" in page


def test_an_incident_tells_its_whole_story():
    house = with_open(with_live(small_house()))
    house.stores.notices.add([admission(after=40)])
    page = page_of(house, f"/incidents/{an_incident().id}")
    story = [page.index(what) for what in ("Onset", "Confirmed (critical)", "Official page admits it")]
    assert story == sorted(story)
    assert "words-1" in page


def test_what_surges_with_an_incident_is_told_on_its_card_and_in_its_story():
    note = Spillover("facetime", RAISED, RAISED, 0.5, 9, 5)
    house = with_this(msgspec.structs.replace(an_incident(), spillovers=(note,)))
    assert "Possible spillover: FaceTime." in page_of(house)
    assert "possible spillover: FaceTime" in page_of(house, f"/incidents/{an_incident().id}")


def test_a_common_cause_says_how_many_it_stands_for():
    notes = tuple(Spillover(name, RAISED, RAISED, 0.5, 9, 5) for name in ("facetime", "spotify"))
    house = with_this(msgspec.structs.replace(an_incident(), spillovers=notes, is_common_cause=True))
    assert "Common cause: 3 services surge at once, with it FaceTime and Spotify." in page_of(house)


def test_an_incident_that_may_be_a_spillover_names_the_one_to_blame():
    house = with_open(with_live(small_house()))
    marked = msgspec.structs.replace(an_incident("facetime"), spillover_of=an_incident().id)
    save(house, "live", NOW + timedelta(minutes=1), incidents=[marked])
    assert "Possible spillover of iMessage." in page_of(house)


def test_an_admission_after_the_fact_is_told_as_one():
    house = with_open(with_live(small_house()))
    house.stores.notices.add([msgspec.structs.replace(admission(after=40), after_the_fact=True)])
    assert "before the official page, which admitted it after it was over" in page_of(house)
    story = page_of(house, f"/incidents/{an_incident().id}")
    assert "Official page admits it, after it was over" in story


def test_the_silence_of_the_official_page_is_told():
    house = with_open(with_live(small_house()))
    outage = house.stores.incidents.get(an_incident().id)
    at = outage.raised_at + timedelta(minutes=45)
    after = msgspec.structs.replace(outage, silent_at=at, revision=1)
    assert house.stores.incidents.change(Change(after, outage.state, Reason.SILENT, at), ())
    assert "and the official page is silent" in page_of(house)
    story = page_of(house, f"/incidents/{outage.id}")
    assert "Official page still silent" in story
    assert "45 min after it was raised" in story


def test_each_statement_of_the_official_page_is_told_for_what_it_is():
    house = with_open(with_live(small_house()))
    states = [OfficialState.MAINTENANCE, OfficialState.TROUBLE, OfficialState.TROUBLE, OfficialState.WELL]
    house.stores.notices.add(
        msgspec.structs.replace(admission(after=10 * number), state=state, event="a")
        for number, state in enumerate(states, start=1)
    )
    story = page_of(house, f"/incidents/{an_incident().id}")
    told = ["planned work", "admits it", "tells of trouble", "says all is well"]
    places = [
        story.index(f"Official page {what}") if what != "planned work" else story.index(what) for what in told
    ]
    assert places == sorted(places)
    assert story.count("admits it") == 1


@pytest.mark.parametrize("path", ["/?run=never", "/incidents/inc_nowhere"])
def test_what_is_not_there_is_a_page_too(path):
    answer = TestClient(create_app(small_house(), clock=lambda: NOW)).get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Go to the wall" in answer.text


def test_a_service_that_left_the_catalogue_keeps_its_incidents():
    house = with_open(with_live(small_house()))
    del house.catalogue.services["imessage"]
    assert "imessage is failing" in page_of(house)


def test_the_documentation_names_every_path_and_loads_nothing_from_elsewhere():
    house = small_house()
    app = create_app(house, clock=lambda: NOW)
    page = TestClient(app).get("/docs").text
    assert all(path in page for path in app.openapi()["paths"])
    assert loaded_by(page) == {"/static/page.css", "/static/wave.svg"}


class Loads(HTMLParser):
    """Collects what a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag in ("img", "script", "iframe") and "src" in told:
            self.found.add(told["src"])
        if tag == "link":
            self.found.add(told["href"])


def loaded_by(page: str) -> set[str]:
    parser = Loads()
    parser.feed(page)
    return parser.found


def test_a_post_whose_words_are_gone_is_still_told_of():
    house = with_open(with_live(small_house()))
    house.stores.incidents.withdraw([(a_post("").source, a_post("").post_id)])
    incident = house.stores.incidents.open_in("live")[0]
    page = page_of(house, f"/incidents/{incident.id}")
    assert "Its author deleted it, or it is too old to keep." in page
    assert "alert(1)" not in page
    assert "deleted it" not in page_of(house)
