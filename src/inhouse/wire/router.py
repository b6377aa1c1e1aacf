"""Which operation a request means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.wire.http import HttpRequest
    from inhouse.wire.operation import OperationWire, Protocol


class Target(NamedTuple):
    """Where a request goes.

    `labels` are the decoded labels of the path by their name in the model's URI (`Bucket`, `Key`,
    `FunctionName`); `bucket` is the bucket when it came in the host name; `path` is the raw path
    with a virtual host's bucket put back in front; `form` the decoded fields of a query request.
    """

    service: str
    operation: OperationWire
    protocol: Protocol
    labels: Mapping[str, str]
    path: str
    bucket: str | None = None
    form: tuple[tuple[str, str], ...] | None = None


class Router:
    """Finds the target of a request among `services` (botocore's names).

    Models are read on the first request for their service. `hosts` are the base host names under
    which `bucket.HOST`, `bucket.s3.HOST` are virtual-hosted buckets.
    """

    def __init__(
        self, services: Iterable[str], *, hosts: Iterable[str] = ("localhost", "127.0.0.1")
    ) -> None:
        raise NotImplementedError

    def route_head(self, request: HttpRequest, scope_service: str | None) -> Target | None:
        """The target, from method, path, query and headers alone.

        `scope_service` is the service of the signature's credential scope, None when anonymous.
        None is returned for query requests whose `Action` is in the body: read it into
        `request.body` (bounded), then call `resolve`. Raises `ServiceError` when nothing fits.
        """
        raise NotImplementedError

    def resolve(self, request: HttpRequest, scope_service: str | None) -> Target:
        """As `route_head`, with `request.body` at hand: always a target or a `ServiceError`."""
        raise NotImplementedError

    def operation(self, service: str, name: str) -> OperationWire:
        """An operation by botocore's names. Raises KeyError when there is none."""
        raise NotImplementedError
