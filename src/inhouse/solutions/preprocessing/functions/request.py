"""The event of S3 Object Lambda, as far as the functions read it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from .failures import Unsuitable

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTEXTS = {"getObjectContext": "GET", "headObjectContext": "HEAD"}


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asked for. `headers` are the caller's, their names in lower case.

    `route` and `token` are where an answer to GetObject goes; HeadObject has none, its answer is
    what the function returns.
    """

    method: str
    input_url: str
    url: str
    payload: str
    route: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Request:
        """Raises ValueError for an event of anything else than a read of an object."""
        context = next((name for name in CONTEXTS if name in event), None)
        if context is None:
            raise ValueError(
                f"the event has {sorted(event)}; it must be of GetObject or HeadObject"
            )
        told, asked = event[context], event.get("userRequest", {})
        configuration = event.get("configuration", {})
        return cls(
            method=CONTEXTS[context],
            input_url=told["inputS3Url"],
            url=asked.get("url", ""),
            payload=configuration.get("payload", ""),
            route=told.get("outputRoute", ""),
            token=told.get("outputToken", ""),
            headers={name.lower(): value for name, value in asked.get("headers", {}).items()},
        )

    def options(self) -> dict[str, Any]:
        """The payload: a JSON object, or nothing. Raises Unsuitable for anything else."""
        try:
            found = json.loads(self.payload or "{}")
        except ValueError as error:
            raise Unsuitable(f"the payload of the access point is not JSON: {error}") from None
        if not isinstance(found, dict):
            raise Unsuitable("the payload of the access point must be a JSON object")
        return found

    @property
    def range(self) -> str | None:
        """The Range, from the header or from the query of a presigned URL."""
        asked = parse_qs(urlsplit(self.url).query)
        return self.headers.get("range") or asked.get("Range", [None])[0]

    @property
    def signed_headers(self) -> dict[str, str]:
        """The caller's headers that the presigned URL counts on."""
        query = parse_qs(urlsplit(self.input_url).query)
        signed = query.get("X-Amz-SignedHeaders", [""])[0].split(";")
        return {
            name: self.headers[name] for name in signed if name != "host" and name in self.headers
        }

    @property
    def key(self) -> str:
        """How the object's address ends; what it holds may show in that."""
        return unquote(urlsplit(self.input_url).path)
