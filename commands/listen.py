"""``groundswell listen``: the process that reads one streaming source."""

from __future__ import annotations

import logging
import signal
import threading

from workers.house import House
from workers.standing_by import read_until_stopped

FAREWELL = 2.0  # seconds that a source may take to end


def read_source(house: House, name: str) -> None:
    """Read a source until this process is asked to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # A client library's own words may hold addresses with keys in them, and say little else.
    for library in ("tweepy", "urllib3", "websockets", "mastodon", "httpx"):
        logging.getLogger(library).setLevel(logging.ERROR)
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    listener = house.listener(house.sources[name])
    reader = threading.Thread(
        target=read_until_stopped, args=(listener, asked.wait), name=f"reader-{name}", daemon=True
    )
    reader.start()
    while reader.is_alive() and not asked.wait(0.5):
        pass
    listener.stop()
    reader.join(FAREWELL)
