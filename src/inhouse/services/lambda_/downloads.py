"""Links to packages, as GetFunction's `Code.Location`: whoever has one may read, for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.wire.http import HttpResponse

if TYPE_CHECKING:
    from inhouse.core.ports import House
    from inhouse.wire.http import HttpRequest

PREFIX = "/_inhouse/lambda/packages/"
SECONDS = 600


class Downloads:
    """Links that are secret, valid for ten minutes, and forgotten when the server ends."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._links: dict[str, tuple[float, str]] = {}

    def url(self, blob_id: str) -> str:
        now = self._house.clock.time()
        while self._links:
            first = next(iter(self._links))  # the oldest, for all live equally long
            if self._links[first][0] >= now:
                break
            del self._links[first]
        token = self._house.ids.token()
        self._links[token] = (now + SECONDS, blob_id)
        return f"{self._house.endpoint}{PREFIX}{token}"

    async def answer(self, request: HttpRequest) -> HttpResponse:
        until, blob_id = self._links.get(request.path.removeprefix(PREFIX), (0.0, ""))
        if until < self._house.clock.time() or request.method != "GET":
            return HttpResponse(403, [("content-type", "text/plain")], b"This link is not valid.")
        try:
            data = await self._house.blobs.get(blob_id)
        except FileNotFoundError:
            return HttpResponse(404, [("content-type", "text/plain")], b"The package is gone.")
        return HttpResponse(200, [("content-type", "application/zip")], data)
