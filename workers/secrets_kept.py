"""Secrets that the house makes for itself, kept in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path


def kept_secret(path: Path) -> bytes:
    """The secret in a file; at the first call 32 random bytes are made and written there.

    Processes and threads that come at once get the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # for the owner alone
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(draft, path)  # fails where another process was first, and never shows half a secret
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_bytes()
