"""The Runtime API under clients that do not behave. Here every client counts as the worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.services.lambda_.runtime_api import (
    CONNECTIONS,
    HEAD,
    PAYLOAD,
    Invocation,
    RuntimeApi,
)

NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"
EVENT = Invocation("r1", "arn:f", b'{"a":1}', client_context='{"x":1}', deadline=12.5)


@pytest.fixture
async def api() -> AsyncIterator[RuntimeApi]:
    opened = RuntimeApi()
    await opened.open()
    opened.known.set_result(SimpleNamespace(shared=True))  # type: ignore[arg-type]
    yield opened
    await opened.close()


async def connect(api: RuntimeApi) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = api.address.partition(":")
    return await asyncio.open_connection(host, int(port))


async def head(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)


def post(path: str, body: bytes, **headers: Any) -> bytes:
    lines = [f"POST /2018-06-01/runtime/{path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_an_event_waits_for_its_worker_and_the_worker_for_its_event(api: RuntimeApi) -> None:
    reader, writer = await connect(api)
    writer.write(NEXT)
    await asyncio.wait_for(api.ready.wait(), 5)
    answer = api.give(EVENT)
    text = (await head(reader)).decode()
    assert text.startswith("HTTP/1.1 200 OK")
    assert "Lambda-Runtime-Aws-Request-Id: r1\r\n" in text
    assert "Lambda-Runtime-Deadline-Ms: 12500\r\n" in text
    assert 'Lambda-Runtime-Client-Context: {"x":1}\r\n' in text
    assert await reader.readexactly(7) == EVENT.payload
    writer.write(post("invocation/r1/response", b'"fine"'))
    assert (await head(reader)).startswith(b"HTTP/1.1 202")
    assert (await answer).payload == b'"fine"'
    api.give(Invocation("r2", "arn:f", b"2"))
    writer.write(NEXT)
    assert b"r2" in await head(reader)
    writer.close()


async def test_an_error_carries_its_type(api: RuntimeApi) -> None:
    reader, writer = await connect(api)
    answer = api.give(EVENT)
    body = b'{"errorType":"Boom"}'
    writer.write(
        post("invocation/r1/error", body, Lambda_Runtime_Function_Error_Type="Function.Boom")
    )
    assert (await head(reader)).startswith(b"HTTP/1.1 202")
    assert ((await answer).payload, (await answer).error) == (body, "Function.Boom")
    writer.close()


async def test_only_the_running_invocation_can_be_answered_once(api: RuntimeApi) -> None:
    reader, writer = await connect(api)
    answer = api.give(EVENT)
    writer.write(post("invocation/other/response", b"1"))
    assert (await head(reader)).startswith(b"HTTP/1.1 400")
    await reader.readuntil(b"}")
    writer.write(post("invocation/r1/response", b"2"))
    assert (await head(reader)).startswith(b"HTTP/1.1 202")
    writer.write(post("invocation/r1/response", b"3"))
    assert (await head(reader)).startswith(b"HTTP/1.1 400")
    assert (await answer).payload == b"2"
    writer.close()


async def test_an_answer_that_is_too_large_is_refused(api: RuntimeApi) -> None:
    reader, writer = await connect(api)
    answer = api.give(EVENT)
    writer.write(post("invocation/r1/response", b"x" * (PAYLOAD + 1)))
    assert (await head(reader)).startswith(b"HTTP/1.1 413")
    assert (await answer).error == "Function.ResponseSizeTooLarge"
    writer.close()


async def test_a_request_comes_in_pieces(api: RuntimeApi) -> None:
    reader, writer = await connect(api)
    answer = api.give(EVENT)
    for byte in post("invocation/r1/response", b"[1]"):
        writer.write(bytes([byte]))
        await writer.drain()
    assert (await head(reader)).startswith(b"HTTP/1.1 202")
    assert (await answer).payload == b"[1]"
    writer.close()


@pytest.mark.parametrize("path", ["nothing", "invocation", "invocation/r1", "../../x", "init/x"])
async def test_other_paths_are_not_there(api: RuntimeApi, path: str) -> None:
    reader, writer = await connect(api)
    writer.write(post(path, b""))
    assert (await head(reader)).startswith(b"HTTP/1.1 404")
    writer.close()


@pytest.mark.parametrize("text", [b"\x16\x03\x01 tls", b"GET\r\n\r\n", b"X" * 200_000])
async def test_what_is_not_http_is_cut_off(api: RuntimeApi, text: bytes) -> None:
    reader, writer = await connect(api)
    writer.write(text)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    answer = api.give(EVENT)
    good, better = await connect(api)
    better.write(NEXT)
    assert b"r1" in await head(good)
    assert not answer.done()
    better.close()
    writer.close()


async def test_a_runtime_that_left_does_not_swallow_the_next_event(api: RuntimeApi) -> None:
    _, writer = await connect(api)
    writer.write(NEXT)
    await asyncio.wait_for(api.ready.wait(), 5)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)
    api.give(EVENT)
    reader, writer = await connect(api)
    writer.write(NEXT)
    assert b"r1" in await head(reader)
    writer.close()


async def test_a_head_without_end_is_cut_off(api: RuntimeApi) -> None:
    reader, writer = await connect(api)
    writer.write(b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(HEAD // 4)))
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    reader, writer = await connect(api)
    writer.write(NEXT)
    await asyncio.wait_for(api.ready.wait(), 5)


async def test_who_does_not_read_its_answers_has_to_wait(api: RuntimeApi) -> None:
    _, writer = await connect(api)
    writer.write(b"GET /nothing HTTP/1.1\r\n\r\n" * 1_000_000)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(writer.drain(), 3)
    (connection,) = api._connections
    assert connection._transport is not None
    assert connection._transport.get_write_buffer_size() < 8 << 20
    writer.transport.abort()


async def test_a_worker_has_only_so_many_connections(api: RuntimeApi) -> None:
    opened = [await connect(api) for _ in range(CONNECTIONS + 1)]
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(opened[-1][0].read(), 5) == b""
    opened[0][1].write(NEXT)
    await asyncio.wait_for(api.ready.wait(), 5)
    for _, writer in opened:
        writer.close()
