"""Decompression: every format, whole and broken, and no more than is allowed."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inhouse.solutions.preprocessing.functions.decompress import transform
from inhouse.solutions.preprocessing.functions.failures import Refusal, Unsuitable
from tests.solutions.preprocessing.making import source, whole

TEXT = b"The quick brown fox.\n" * 40_000


def archive(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        out.mkdir("folder")
        for name, data in files.items():
            out.writestr(name, data)
    return held.getvalue()


FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zlib": zlib.compress,
    "zip": lambda data: archive(file=data),
}


def made(data: bytes, key: str = "", **options: Any) -> bytes:
    return whole(transform(source(data, key), options))


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_compressed_comes_out(name: str) -> None:
    assert made(FORMATS[name](TEXT)) == TEXT


@pytest.mark.parametrize("name", ["gz", "bz2", "xz"])
def test_streams_may_follow_each_other(name: str) -> None:
    compress = FORMATS[name]
    assert made(compress(b"one ") + compress(b"two") + bytes(600_000)) == b"one two"


def test_the_content_type_is_that_of_what_comes_out() -> None:
    assert transform(source(gzip.compress(b"a,b"), "x/data.csv.gz"), {}).content_type == "text/csv"
    assert (
        transform(source(gzip.compress(b""), "x.gz"), {}).content_type == "application/octet-stream"
    )


def test_a_file_of_an_archive() -> None:
    data = archive(**{"a.txt": b"A", "b.json": b"{}"})
    made_b = transform(source(data), {"member": "b.json"})
    assert (whole(made_b), made_b.content_type) == (b"{}", "application/json")
    with pytest.raises(Refusal, match=r"2 files: a\.txt, b\.json; name one"):
        made(data)
    with pytest.raises(Refusal) as missing:
        made(data, member="c")
    assert (missing.value.code, missing.value.status) == ("NoSuchMember", 404)


@pytest.mark.parametrize("name", FORMATS)
def test_bombs_stop_at_the_limit(name: str) -> None:
    given = 0
    with pytest.raises(Refusal, match="larger than the 1,000,000 bytes allowed"):
        for chunk in transform(source(FORMATS[name](bytes(50 << 20))), {"max_bytes": 10**6}).body:
            given += len(chunk)  # type: ignore[arg-type]
    assert given <= 10**6


@pytest.mark.parametrize("name", FORMATS)
def test_what_ends_too_soon_is_no_object(name: str) -> None:
    data = FORMATS[name](TEXT)
    with pytest.raises(Refusal) as refused:
        made(data[: len(data) // 2])
    assert refused.value.code == ("CorruptObject" if name == "zip" else "TruncatedObject")


@pytest.mark.parametrize("data", [b"", b"plain text", b"\x1f"])
def test_what_is_not_compressed(data: bytes) -> None:
    with pytest.raises(Refusal, match="none of gzip"):
        made(data)


def test_options_that_cannot_be() -> None:
    for options, reason in (({"member": ""}, "file's name"), ({"max_bytes": "1G"}, "whole number")):
        with pytest.raises(Unsuitable, match=reason):
            made(b"", **options)


def test_an_archive_whose_directory_points_nowhere() -> None:
    body = bytearray(archive(file=TEXT))
    body[body.rindex(b"PK\x01\x02") + 42] ^= 0xFF
    with pytest.raises(Refusal) as refused:
        made(bytes(body))
    assert refused.value.code == "CorruptObject"


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_broken_data_gives_a_refusal_or_what_it_says(data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(FORMATS)))
    body = bytearray(FORMATS[name](b"some text of a few words, twice: of a few words"))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Refusal):
        assert len(made(bytes(body), max_bytes=1000)) <= 1000
