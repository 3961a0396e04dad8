"""``python -m workers.training_process ID``: one retraining in a process of its own.

It is niced, so that counting goes first; its memory goes with it; and what kills it kills no worker.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys

from settings import ROOT, load_settings

NICE = 10
LONGEST = 3600  # seconds

log = logging.getLogger(__name__)


def carry_out_apart(retraining: str) -> None:
    """Carry a retraining out in a process of its own, and wait for its end."""
    command = [sys.executable, "-m", "workers.training_process", retraining]
    try:
        ended = subprocess.run(command, cwd=ROOT, timeout=LONGEST, check=False)  # noqa: S603 - no shell
    except subprocess.TimeoutExpired:
        log.error("retraining %s took more than %d s and was ended", retraining, LONGEST)  # noqa: TRY400
    else:
        if ended.returncode:
            log.error("the process of retraining %s ended with status %d", retraining, ended.returncode)


def main() -> None:
    """Carry out the retraining that was named."""
    from workers.house import House

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.nice(NICE)
    House(load_settings()).retrainer().carry_out(sys.argv[1], f"{socket.gethostname()}:{os.getpid()}")


if __name__ == "__main__":
    main()
