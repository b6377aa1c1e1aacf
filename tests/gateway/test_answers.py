"""Streamed answers: how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from inhouse.gateway.asgi import _send
from inhouse.wire.http import HttpResponse

PIECES = 1000


async def test_nothing_more_is_read_for_a_client_that_has_gone() -> None:
    """uvicorn takes what is sent to nobody as fast as it comes, and says nothing."""
    gone, sent, made, closed = asyncio.Event(), 0, 0, False

    async def body() -> AsyncIterator[bytes]:
        nonlocal made, closed
        try:
            for _ in range(PIECES):
                made += 1
                yield b"x"
                await asyncio.sleep(0)
        finally:
            closed = True

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        sent += message["type"] == "http.response.body"
        if sent == 3:
            gone.set()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    await _send(send, HttpResponse(200, [], body()), 5, receive)
    assert closed
    assert made < PIECES / 10


async def test_all_of_it_is_sent_to_a_client_that_stays() -> None:
    sent: list[dict[str, Any]] = []

    async def body() -> AsyncIterator[bytes]:
        for piece in (b"a", b"b"):
            yield piece

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    await _send(send, HttpResponse(200, [], body()), 5, receive)
    assert [message.get("body") for message in sent] == [None, b"a", b"b", b""]
    assert [message.get("more_body") for message in sent] == [None, True, True, None]
    assert len(asyncio.all_tasks()) == 1 or all(
        task.cancelling() for task in asyncio.all_tasks() - {asyncio.current_task()}
    )
