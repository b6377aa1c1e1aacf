"""Listeners who stream ranges from the edge while saves arrive: nobody waits, and saves go on."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.narration.account import seconds_to_audio, settle
from benchmarks.narration.house import NAME, Newsroom, article, newsroom, paragraphs
from benchmarks.page import table
from benchmarks.servers import KEY_ID, REGION, SECRET

LISTENERS, SAVES = 200, 50
ARTICLE = 40
"""Paragraphs of what they listen to."""
PACE = 1.5
"""Seconds between saves."""
PIECE = 64 * 1024
"""Bytes of one range, about ten seconds of sound: what a browser asks for at a time."""
AHEAD = 2
"""Pieces that a listener keeps in hand."""
STARTUP = 30.0


@dataclass
class Listener:
    """Plays at the speed of sound and fetches what is wanted next; a stall is sound come too late."""

    url: str
    piece_seconds: float
    stalls: int = 0
    pieces: int = 0
    slowest: float = 0.0

    async def listen(self, client: httpx.AsyncClient, until: asyncio.Event, delay: float) -> None:
        """Listens round and round, from after `delay` seconds until the end is told."""
        await asyncio.sleep(delay)
        at, size = 0, PIECE
        started: float | None = None
        while not until.is_set():
            began = time.monotonic()
            answer = await client.get(self.url, headers={"Range": f"bytes={at}-{at + PIECE - 1}"})
            assert answer.status_code == 206, answer.status_code
            now = time.monotonic()
            self.slowest = max(self.slowest, now - began)
            size = int(answer.headers["content-range"].rpartition("/")[2])
            if started is None:
                started = now
            elif now > started + self.pieces * self.piece_seconds:
                self.stalls += 1
                started = now - self.pieces * self.piece_seconds
            self.pieces += 1
            at = at + PIECE if at + PIECE < size else 0
            wanted = started + (self.pieces - AHEAD) * self.piece_seconds
            if wanted > now:
                await _sleep(wanted - now, until)


async def _sleep(seconds: float, until: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(until.wait(), seconds)
    except TimeoutError:
        return


def run(listeners: int = LISTENERS, saves: int = SAVES) -> dict[str, Any]:
    """Median seconds from save to audio without and with listeners, in turns, and their stalls."""
    texts = paragraphs(ARTICLE)
    fresh = paragraphs(2 * saves, skip=ARTICLE)
    with newsroom() as room:
        room.narrate(article("heard", texts))
        for number in range(4):
            room.narrate(article(f"warm-{number}", [f"The warm words of number {number}."]))
        with _edge(room) as address:
            alone = _saved(room, "alone", fresh[:saves])
            crowd, among = asyncio.run(_crowd(room, address, listeners, fresh[saves:]))
    return {
        "listeners": listeners,
        "saves": saves,
        "alone": statistics.median(alone),
        "among": statistics.median(among),
        "stalls": sum(one.stalls for one in crowd),
        "pieces": sum(one.pieces for one in crowd),
        "slowest": max(one.slowest for one in crowd),
    }


async def _crowd(
    room: Newsroom, address: str, count: int, texts: list[str]
) -> tuple[list[Listener], list[float]]:
    url = f"{address}/audio/heard.mp3"
    limits = httpx.Limits(max_connections=count, max_keepalive_connections=count)
    async with httpx.AsyncClient(limits=limits, timeout=60.0) as client:
        size = int((await client.head(url)).headers["content-length"])
        found = room.manifest("heard")
        assert found is not None
        seconds = found["full"]["seconds"] * PIECE / size
        crowd = [Listener(url, seconds) for _ in range(count)]
        end = asyncio.Event()
        playing = [
            asyncio.create_task(one.listen(client, end, number * seconds / count))
            for number, one in enumerate(crowd)
        ]
        await asyncio.sleep(seconds)
        among = await asyncio.to_thread(_saved, room, "among", texts)
        end.set()
        await asyncio.gather(*playing)
    return crowd, among


def _saved(room: Newsroom, name: str, texts: list[str]) -> list[float]:
    """Saves one article after another, at a steady pace; the seconds until each is heard."""
    start = time.monotonic()
    for number, text in enumerate(texts):
        time.sleep(max(0.0, start + number * PACE - time.monotonic()))
        room.save(article(f"{name}-{number}", [text]))
    settle(room)
    found = seconds_to_audio(room, f"{name}-")
    assert len(found) == len(texts), f"{len(found)} of {len(texts)} are heard"
    return found


@contextmanager
def _edge(room: Newsroom) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": room.server.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
        }
        command = [sys.executable, "-m", "inhouse.cli", "narration", "edge", "--port", "0"]
        process = subprocess.Popen(
            [*command, "--name", NAME], env=environment, stdout=log, stderr=log
        )
        try:
            yield _address(process, Path(folder, "log"))
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"edge.listening"' in line:
                return str(json.loads(line)["url"])
        time.sleep(0.05)
    raise RuntimeError(f"the edge did not start:\n{log.read_text()}")


def lines(found: dict[str, Any]) -> list[str]:
    return [
        f"### {found['listeners']} listeners while {found['saves']} saves arrive",
        "",
        f"Each plays at the speed of sound, fetching ranges of {PIECE // 1024} KiB from the edge with two in hand, while",
        f"an article is saved every {PACE:g} s. Server, edge, speech and load share the cores.",
        "",
        *table(
            ("", "save to audio, median", "of the time alone"),
            [
                ("nobody listens", f"{found['alone']:.2f} s", ""),
                (
                    f"{found['listeners']} listen",
                    f"{found['among']:.2f} s",
                    f"{found['among'] / found['alone']:.2f}",
                ),
            ],
        ),
        "",
        f"Of {found['pieces']:,} ranges {found['stalls']} came too late; the slowest took "
        f"{found['slowest'] * 1000:.0f} ms.",
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
