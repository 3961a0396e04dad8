"""State as bytes and back, bit for bit: named arrays in MessagePack, never pickle."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64] | NDArray[np.int64]

_KINDS = {"<f8": np.dtype("<f8"), "<i8": np.dtype("<i8")}


class _Saved(msgspec.Struct, frozen=True):
    kind: str
    shape: tuple[int, ...]
    body: bytes


class _Body(msgspec.Struct, frozen=True):
    what: str
    names: tuple[str, ...]
    minute: int
    arrays: dict[str, _Saved]


def write(what: str, names: tuple[str, ...], minute: int, arrays: Mapping[str, Array]) -> bytes:
    """Names, the next minute and arrays as bytes; ``what`` says what they are, with its version."""
    saved = {}
    for name, array in arrays.items():
        kind = "<f8" if array.dtype.kind == "f" else "<i8"
        saved[name] = _Saved(kind, array.shape, np.ascontiguousarray(array, _KINDS[kind]).tobytes())
    return msgspec.msgpack.encode(_Body(what, names, minute, saved))


def read(what: str, body: bytes) -> tuple[tuple[str, ...], int, dict[str, Array]]:
    """What ``write`` was given. Raises ``ValueError`` for anything else."""
    try:
        saved = msgspec.msgpack.decode(body, type=_Body)
        arrays = {name: _array(one) for name, one in saved.arrays.items()}
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        raise ValueError(f"these bytes are no saved state of {what}: {error}") from error
    if saved.what != what:
        raise ValueError(f"these bytes hold {saved.what!r}, not {what!r}: start the run anew")
    return saved.names, saved.minute, arrays


def _array(saved: _Saved) -> Array:
    flat = np.frombuffer(saved.body, _KINDS[saved.kind]).reshape(saved.shape)
    return flat.astype(np.float64) if saved.kind == "<f8" else flat.astype(np.int64)  # astype copies
