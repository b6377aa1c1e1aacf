"""Reading blobs: from the page cache where it has them, else through obstore."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inhouse.store.blobs import PIECE, BlobStore

DATA = os.urandom(2 * PIECE + 1000)


def refuses(*_: Any) -> int:
    raise BlockingIOError


def falls_short(_: int, buffers: list[bytearray], *__: Any) -> int:
    return len(buffers[0]) - 1


@pytest.mark.parametrize("preadv", [os.preadv, refuses, falls_short])
async def test_ranges(
    preadv: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "preadv", preadv)
    blobs = BlobStore(tmp_path)
    blob = (await blobs.put(DATA)).id
    for start, end in ((0, len(DATA)), (0, 1), (PIECE - 1, PIECE + 1), (PIECE, 2 * PIECE), (7, 7)):
        assert b"".join([piece async for piece in blobs.read(blob, start, end)]) == DATA[start:end]


async def test_a_blob_that_is_gone(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    blob = (await blobs.put(DATA)).id
    await blobs.delete([blob])
    with pytest.raises(FileNotFoundError):
        [piece async for piece in blobs.read(blob, 0, 10)]
