"""Secrets that the house makes for itself, kept in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> bytes:
    """The secret in a file; at the first call 32 random bytes are made and written there.

    Two processes that come at once get the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(draft, path)  # fails where another process was first, and never shows half a secret
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
