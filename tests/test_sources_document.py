"""The document of the sources says what is there, and its example of a new one works."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from redis import Redis

from domain.source import SourceState
from ingest.registry import SOURCES
from ingest.source import Surroundings
from storage.memory_sources import MemorySources
from tests.storage.servers import running_valkey
from tests.workers.listening import Clock, Room
from tests.workers.records import SERVICES
from workers.sources import configured_sources

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "sources.md").read_text()
MOST_LINES = 60


@pytest.mark.parametrize("kind", SOURCES)
def test_every_option_of_a_source_is_described(kind: str) -> None:
    options = SOURCES[kind].Options
    for name, field in options.model_fields.items():
        assert field.description, f"{kind}.{name} says nothing of itself"
        assert f"`{options.variable(name)}`" in DOCUMENT
        assert field.description in DOCUMENT


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_says_what_it_hears_and_needs(kind: str) -> None:
    assert SOURCES[kind].about.endswith(".")
    assert f"| [`{kind}`](" in DOCUMENT
    assert SOURCES[kind].needs is None or f"`{SOURCES[kind].needs}`" in DOCUMENT


# --- the example ---


@contextmanager
def hacker_news(comments: list[dict[str, object]]) -> Iterator[str]:
    """A server that gives the comments since the time it is asked for, as the search does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (since,) = parse_qs(urlsplit(self.path).query)["numericFilters"]
            first = int(since.removeprefix("created_at_i>="))
            hits = [one for one in comments if int(str(one["created_at_i"])) >= first]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"hits": hits}).encode() if comments else b"<html>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def comment(number: int, at: datetime, text: str) -> dict[str, object]:
    return {
        "objectID": str(number),
        "created_at_i": int(at.timestamp()),
        "author": f"author-{number}",
        "comment_text": text,
        "parent_id": 1,
        "story_id": 1,
    }


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture
def example(tmp_path: Path) -> Iterator[type]:
    """The example's class, out of the document itself."""
    found = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    file = tmp_path / "hacker_news_example.py"
    file.write_text(found[1])
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module  # msgspec looks the types up there
    spec.loader.exec_module(module)
    yield module.HackerNews
    del sys.modules[file.stem]


def test_the_example_is_short() -> None:
    found = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    assert len(found[1].splitlines()) < MOST_LINES


def test_the_example_is_one_line_in_the_table_and_works(
    example: type, server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(datetime(2026, 5, 4, 12, tzinfo=UTC))
    comments = [comment(7, clock.now - timedelta(hours=1), "spotify was broken before we listened")]
    with hacker_news(comments) as url:
        monkeypatch.setitem(SOURCES, "hacker_news", example)
        monkeypatch.setenv("GROUNDSWELL_HACKER_NEWS_URL", url)
        around = Surroundings(services=SERVICES, purse=MemorySources(), clock=clock)
        (source,) = configured_sources(["hacker_news"], around)
        room = Room(server, source, clock)
        room.turn()
        for number in (8, 9):
            clock.rest(30)
            comments.append(comment(number, clock.now, f"<p>spotify is broken &amp; slow {number}"))
        clock.rest(30)
        room.turn()
        status = room.turn()
        assert {post for _, post in room.counted()} == {"8", "9"}
        assert (status.state, status.again_at) == (SourceState.LISTENING, clock.now + timedelta(seconds=60))
        comments.clear()
        assert room.turn().last_error == "Hacker News gave no answer (JSONDecodeError)"
