"""What may be posted where, and how much patience there is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from inhouse.services.sns.outcomes import Failed, Refused
from inhouse.services.sns.post import Poster, forbidden

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def answering(
    status: str, more: bytes = b"content-length: 0\r\n\r\n"
) -> tuple[Handler, list[bytes]]:
    heads: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 {status}\r\n".encode() + more)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.close()

    return handle, heads


def resolving(*addresses: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.fixture
async def poster() -> AsyncIterator[Callable[..., Poster]]:
    made: list[Poster] = []

    def make(*addresses: str) -> Poster:
        made.append(Poster(resolving(*addresses)) if addresses else Poster())
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "0.0.0.0",
        "::",
        "224.0.0.1",
    ],
)
async def test_nothing_is_sent_to_forbidden_addresses(poster: Any, address: str) -> None:
    assert forbidden(address)
    for addresses in ([address], ["127.0.0.1", address]):
        with pytest.raises(Refused, match="nothing is sent to"):
            await poster(*addresses).post("http://innocent.example/", "x", {})


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "8.8.8.8", "::1", "2001:db8::1"])
def test_other_addresses_are_fine(address: str) -> None:
    assert not forbidden(address)


async def test_the_address_that_was_checked_is_connected_to(poster: Any) -> None:
    handle, heads = answering("200 OK")
    async with serving(handle) as port:
        await poster("127.0.0.1").post(
            f"http://user:pass@endpoint.example:{port}/a?b=c", "x", {"a": "b"}
        )
    head = heads[0].decode().lower()
    assert head.startswith("post /a?b=c http/1.1\r\n")
    assert f"host: endpoint.example:{port}\r\n" in head
    assert "authorization: basic dxnlcjpwyxnz\r\n" in head
    assert "a: b\r\n" in head


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("500 No", Failed),
        ("503 No", Failed),
        ("429 No", Failed),
        ("400 No", Refused),
        ("302 No", Refused),
    ],
)
async def test_answers_decide_what_happens_next(
    poster: Any, status: str, outcome: type[Exception]
) -> None:
    handle, heads = answering(status, b"location: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
    async with serving(handle) as port:
        with pytest.raises(outcome, match=status[:3]):
            await poster().post(f"http://127.0.0.1:{port}/", "x", {})
    assert len(heads) == 1


async def test_an_endless_answer_is_not_read(poster: Any) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()

    async with serving(endless) as port:
        await poster().post(f"http://127.0.0.1:{port}/", "x", {})


async def test_a_silent_endpoint_fails(poster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inhouse.services.sns.post.SECONDS", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with serving(silent) as port:
        with pytest.raises(Failed, match="no answer within"):
            await poster().post(f"http://127.0.0.1:{port}/", "x", {})


async def test_nobody_there_fails(poster: Any) -> None:
    handle, _ = answering("200 OK")
    async with serving(handle) as port:
        pass
    with pytest.raises(Failed):
        await poster().post(f"http://127.0.0.1:{port}/", "x", {})


async def test_what_is_no_answer_fails(poster: Any) -> None:
    async def junk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x00\x01\x02\r\n\r\n")
        await writer.drain()
        writer.close()

    async with serving(junk) as port:
        with pytest.raises(Failed):
            await poster().post(f"http://127.0.0.1:{port}/", "x", {})
