"""Forms as browsers and scripts send them, in pieces of any size, and what is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.wire.form_data import MAX_FIELDS, FormData

BOUNDARY = "--b"
NAMES = st.text("abcdefgh-", min_size=1, max_size=8).filter(lambda name: name != "file")
TEXTS = st.text(max_size=40).filter(lambda text: f"--{BOUNDARY}" not in text)
FILES = (
    st.lists(
        st.sampled_from(
            [b"\r\n", b"--", f"--{BOUNDARY}"[:-1].encode(), b"\r\n--", b"b", b"x" * 50]
        ),
        max_size=20,
    )
    .map(b"".join)
    .filter(lambda data: f"\r\n--{BOUNDARY}".encode() not in data)
)


def written(fields: list[tuple[str, str]], data: bytes, *, preamble: bytes = b"") -> bytes:
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields
    ]
    parts.append(b'content-disposition: form-data; name="file"; filename="f.txt"\r\n\r\n' + data)
    mark = f"--{BOUNDARY}".encode()
    return preamble + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def cut(body: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(body[:size])
        body = body[size:]
    return [*pieces, body]


def read(pieces: list[bytes]) -> tuple[dict[str, str], str, bytes]:
    async def source() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def run() -> tuple[dict[str, str], str, bytes]:
        form = FormData(aiter(source()), f'multipart/form-data; boundary="{BOUNDARY}"')
        await form.open()
        return form.fields, form.filename, await form.read()

    return asyncio.run(run())


def outcome(pieces: list[bytes]) -> str | int | None:
    try:
        read(pieces)
    except ServiceError as refusal:
        return refusal.status
    return "read"


@given(
    fields=st.lists(st.tuples(NAMES, TEXTS), max_size=6),
    data=FILES,
    sizes=st.lists(st.integers(0, 60), max_size=30),
)
def test_a_form_is_read_as_it_was_written(
    fields: list[tuple[str, str]], data: bytes, sizes: list[int]
) -> None:
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    assert read(cut(written(fields, data), sizes)) == (first, "f.txt", data)


@given(data=FILES, size=st.integers(1, 7))
def test_pieces_of_a_few_bytes(data: bytes, size: int) -> None:
    body = written([("key", "k")], data)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    assert read(pieces) == ({"key": "k"}, "f.txt", data)


@given(
    body=st.binary(max_size=300)
    | st.builds(
        lambda at, junk: (whole := written([("key", "k")], b"data"))[:at] + junk + whole[at + 1 :],
        st.integers(0, 150),
        st.binary(max_size=5),
    ),
    sizes=st.lists(st.integers(0, 60), max_size=10),
)
def test_whatever_comes_is_read_or_refused(body: bytes, sizes: list[int]) -> None:
    assert outcome(cut(body, sizes)) in ("read", 400)


@given(at=st.integers(0, 10_000))
def test_a_form_that_is_cut_short_is_refused(at: int) -> None:
    whole = written([("key", "k" * 20)], b"data" * 20)
    end = whole.rindex(b"--\r\n") - 1  # in the last boundary
    with pytest.raises(ServiceError) as refused:
        read([whole[: at % end]])
    assert refused.value.code == "MalformedPOSTRequest"


def test_what_stands_before_the_form_is_passed_over() -> None:
    assert read([written([], b"x", preamble=b"hello\r\n")])[2] == b"x"


def test_no_more_is_held_than_fields_may_have() -> None:
    taken: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 1000

    async def run() -> Any:
        await FormData(aiter(endless()), f"multipart/form-data; boundary={BOUNDARY}").open()

    with pytest.raises(ServiceError) as refused:
        asyncio.run(run())
    assert refused.value.code == "MaxPostPreDataLengthExceededError"
    assert len(taken) * 1000 <= 2 * MAX_FIELDS
