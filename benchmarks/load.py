"""A load generator: sends prepared requests over keep-alive connections and counts the answers.

`python -m benchmarks.load FILE CONNECTIONS SECONDS` reads a JSON file with `host`, `port` and
`requests` (base64 of whole HTTP/1.1 requests), and prints a JSON object with `requests`,
`errors`, `per_second`, `median_ms` and `p99_ms`. It is a process of its own, so that what it
costs is not counted to the server's event loop.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import httptools
import uvloop


class Connection(asyncio.Protocol):
    """One connection that sends the next request as soon as an answer is whole."""

    def __init__(self, address: tuple[str, int], requests: list[bytes], offset: int) -> None:
        self._address = address
        self._next = cycle(requests[offset:] + requests[:offset])
        self.times: list[float] = []
        self.errors = 0
        self.closed = asyncio.get_running_loop().create_future()
        self.stopping = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.times.append(time.perf_counter() - self._sent)
        self.errors += self._parser.get_status_code() >= 400
        if self.stopping:
            self._transport.close()
        elif self._parser.should_keep_alive():
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Some servers close after each answer; the next request then opens another."""
        if self.stopping:
            self.closed.set_result(None)
        else:
            self._again = asyncio.create_task(self._open())

    async def _open(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, *self._address)

    def _send(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self._transport.write(next(self._next))


async def load(
    host: str, port: int, requests: list[bytes], connections: int, seconds: float
) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    made = [
        (
            await loop.create_connection(
                lambda n=n: Connection((host, port), requests, n), host, port
            )
        )[1]  # type: ignore[misc]
        for n in range(connections)
    ]
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - started
    times = sorted(one for connection in made for one in connection.times)
    for connection in made:
        connection.stopping = True
    await asyncio.wait([connection.closed for connection in made], timeout=10)
    return {
        "requests": len(times),
        "errors": sum(connection.errors for connection in made),
        "per_second": len(times) / elapsed,
        "median_ms": statistics.median(times) * 1000 if times else 0.0,
        "p99_ms": times[int(len(times) * 0.99)] * 1000 if times else 0.0,
    }


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    requests = [base64.b64decode(one) for one in job["requests"]]
    answer = uvloop.run(
        load(job["host"], job["port"], requests, int(sys.argv[2]), float(sys.argv[3]))
    )
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
