"""One operation on the wire: its parse and serialize closures, compiled on first use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from inhouse.wire.http import HttpRequest, HttpResponse
    from inhouse.wire.router import Target

Protocol = Literal["query", "json", "rest-json", "rest-xml", "cbor"]


@dataclass(frozen=True, slots=True)
class ChecksumFacts:
    """The `httpChecksum` trait: names are members of the input."""

    required: bool = False
    algorithm_member: str | None = None
    validation_member: str | None = None
    response_algorithms: tuple[str, ...] = ()


class OperationWire:
    """An operation of a service, for every protocol the service speaks.

    `streams_in`: the request's payload member (named by `payload_in`) is raw bytes or text, left
    out by `parse` and added by the gateway. `streams_out`: the result's payload (`payload_out`)
    is raw and may be bytes or an async iterator of bytes. `event_stream` tells that an event
    stream is involved, in either direction.
    """

    service: str
    name: str
    streams_in: bool
    streams_out: bool
    payload_in: str | None
    payload_out: str | None
    event_stream: bool
    checksum: ChecksumFacts
    unsigned_payload: bool

    def parse(self, target: Target, request: HttpRequest) -> dict[str, Any]:
        """The boto3-shaped request. `request.body` must be set unless `streams_in`.

        Raises `ServiceError` (4xx) naming the member that is missing or malformed.
        """
        raise NotImplementedError

    def serialize(self, target: Target, result: dict[str, Any], request_id: str) -> HttpResponse:
        """The answer to a request that went well; members the model lacks are left out."""
        raise NotImplementedError
