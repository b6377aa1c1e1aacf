"""Links to packages."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

from inhouse.services.lambda_.downloads import PREFIX, SECONDS, Downloads
from inhouse.wire.http import HttpRequest


class Blobs:
    async def get(self, blob_id: str) -> bytes:
        return blob_id.encode()


async def test_links_work_for_a_while_and_are_then_forgotten() -> None:
    now, numbers = [1000.0], count()
    house: Any = SimpleNamespace(
        clock=SimpleNamespace(time=lambda: now[0]),
        ids=SimpleNamespace(token=lambda: f"t{next(numbers)}"),
        blobs=Blobs(),
        endpoint="http://here",
    )
    downloads = Downloads(house)

    async def status(url: str) -> int:
        answer = await downloads.answer(HttpRequest("GET", url.removeprefix("http://here"), "", {}))
        return answer.status

    first = downloads.url("one")
    now[0] += SECONDS - 1
    second = downloads.url("two")
    assert [await status(first), await status(second)] == [200, 200]
    now[0] += 2
    assert [await status(first), await status(second)] == [403, 200]
    third = downloads.url("three")
    assert list(downloads._links) == [url.rpartition("/")[2] for url in (second, third)]
    assert await status(f"http://here{PREFIX}") == 403
