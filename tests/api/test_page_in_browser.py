"""The page in a real browser, against a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from domain.run import Run
from tests.api.house import NOW, SmallHouse, a_post, an_incident, save, small_house, with_live
from tests.browser import find_chromium

NASTY = "<script>document.title = 'taken over'</script>"
IN_ORDER = [".replay", "h1", "article.card"]
WIDTHS = [320, 390, 800, 1280]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def house() -> SmallHouse:
    house = with_live(small_house())
    house.stores.runs.start(Run("demo", NOW, note="Reconstruction of 18 November 2012"))
    save(house, "demo", NOW, incidents=[an_incident(run="demo")], evidence=[a_post(NASTY)])
    return house


@pytest.fixture
def address(house: SmallHouse) -> Iterator[str]:
    app = create_app(house, clock=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


class Watched:
    """A page, with what it said on its console and whom it asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    page = browser.new_page()
    watched = Watched(page)
    yield watched
    page.close()
    assert watched.complaints == []
    assert [url for url in watched.asked if not url.startswith(address)] == []


def test_the_open_incident_of_a_replay_stands_first_under_its_banner(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/?run=demo")
    assert page.get_by_role("heading", level=1).inner_text() == "iMessage is failing"
    assert "Reconstruction of 18 November 2012" in page.get_by_role("note").inner_text()
    tops = [page.locator(one).first.evaluate("it => it.getBoundingClientRect().top") for one in IN_ORDER]
    assert tops == sorted(tops)
    assert tops[-1] < page.evaluate("innerHeight")
    assert page.title() != "taken over"
    assert page.get_by_role("img", name="Complaints about iMessage by minute").is_visible()


def test_the_run_is_chosen_in_the_header(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(address)
    assert page.get_by_role("heading", level=1).inner_text() == "No open incidents"
    page.get_by_label("Run").select_option("demo")
    page.wait_for_url("**/?run=demo")
    page.get_by_role("link", name="iMessage", exact=True).first.click()
    page.wait_for_url("**/incidents/inc_*")
    assert NASTY in page.get_by_role("listitem").filter(has_text="script").first.inner_text()


def test_a_new_incident_shows_without_a_reload(watched: Watched, address: str, house: SmallHouse) -> None:
    page = watched.page
    page.clock.install()
    page.goto(address)
    page.evaluate("window.sameDocument = true")
    save(house, "live", NOW, incidents=[an_incident("facetime")])
    page.clock.run_for(15_000)
    page.get_by_role("heading", name="FaceTime is failing").wait_for()
    assert page.evaluate("window.sameDocument")
    assert page.title().startswith("(1)")


@pytest.mark.parametrize(
    "path", ["/?run=demo", f"/incidents/{an_incident(run='demo').id}", "/lead?run=demo", "/docs"]
)
def test_nothing_sticks_out_at_any_width(watched: Watched, address: str, path: str) -> None:
    page = watched.page
    page.goto(address + path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
